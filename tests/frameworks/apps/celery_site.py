"""The task of docs/celery.md, through a real Redis and a real worker, which runs in a thread of this process."""

import os
import queue
import sys
from pathlib import Path

import psycopg
from celery import Celery, signals
from celery.contrib.testing.worker import start_worker
from saver import RolledBack, obey

sys.path.insert(0, str(Path.cwd()))
socket, database = os.environ["SITE_SOCKET"], os.environ["SITE_DATABASE"]
os.environ["DATABASE_URL"] = f"postgresql:///{database}?host={socket}&user=root"
app = Celery("site", broker=f"redis+socket://{os.environ['SITE_REDIS']}", set_as_current=True)
app.conf.update(task_acks_late=True, worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)
from tasks import move_customer  # noqa: E402

mine = f"saves{os.getpid()}"
app.conf.task_default_queue = mine
ended = queue.Queue()
# A city that is not in the list is seen at the end of the transaction, when everything else is written.
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("SELECT pg_advisory_xact_lock(1)")
    connection.execute("CREATE TABLE IF NOT EXISTS city (name text PRIMARY KEY)")
    connection.execute("INSERT INTO city VALUES ('Aachen') ON CONFLICT DO NOTHING")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS customer (id bigint PRIMARY KEY, "
        "city text REFERENCES city DEFERRABLE INITIALLY DEFERRED)"
    )


@signals.task_success.connect
def succeeded(**_):
    ended.put(None)


@signals.task_failure.connect
def failed(exception, **_):
    ended.put(exception)


def move(id, city):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO customer VALUES (%s, 'Aachen') ON CONFLICT DO NOTHING", (id,))
    move_customer.delay(id, city)
    error = ended.get(timeout=30)
    if error is not None:
        raise error


def roll_back(id):
    try:
        move(id, "Nowhere")
    except psycopg.errors.ForeignKeyViolation:
        return
    raise RolledBack("it was not")


with start_worker(app, perform_ping_check=False, pool="solo", queues=[mine], loglevel="CRITICAL"):
    obey(lambda id: move(id, "Aachen"), roll_back)
