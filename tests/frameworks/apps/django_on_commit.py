"""A call in Django's on_commit. `die` kills the process behind the commit."""

import os
import signal

import django_project
from saver import obey

django_project.set_up()

from django.db import transaction  # noqa: E402
from oo_webhooks import Client  # noqa: E402


def execute(id):
    with Client.from_environment() as client:
        client.execute_webhooks("address", id)


def save(id):
    with transaction.atomic():
        transaction.on_commit(lambda: execute(id), robust=True)


def die(id):
    with transaction.atomic():
        transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        transaction.on_commit(lambda: execute(id))


obey(save, die)
