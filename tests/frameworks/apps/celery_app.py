"""An app of Celery in this folder: `webhooks` of docs/celery.md, and the obvious task that calls."""

import os

from celery import Celery
from oo_webhooks import Client

app = Celery("site", broker=f"redis+socket://{os.environ['SITE_REDIS']}", include=["webhooks"], set_as_current=True)
app.config_from_object("celeryconfig")
# A minute is long for a test.
app.conf.beat_schedule["webhooks"]["schedule"] = 0.5
app.conf.update(
    task_acks_late=os.environ["SITE_ACKS_LATE"] == "yes",
    broker_connection_retry_on_startup=True,
    # So long Redis waits for the acknowledgement of a worker that is dead.
    broker_transport_options={"visibility_timeout": 3},
    task_default_queue=os.environ["SITE_QUEUE"],
)


@app.task
def execute_webhooks(module, id):
    with Client.from_environment() as client:
        client.execute_webhooks(module, id)
