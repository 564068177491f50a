"""Celery's own queue on Redis, with the obvious task.

    celery -A celery_app worker      works
    celery_app.py COUNT              queues so many tasks
"""

import os
import sys

from celery import Celery

from oo_webhooks import Client

app = Celery("celery_app", broker=f"redis+socket://{os.environ['BENCH_REDIS']}")
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="execute_webhooks")
def execute_webhooks(module: str, id: int) -> None:
    with Client.from_environment() as client:
        client.execute_webhooks(module, id)


if __name__ == "__main__":
    for number in range(1, int(sys.argv[1]) + 1):
        execute_webhooks.delay("address", number)
