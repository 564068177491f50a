"""A call in Django's on_commit. `rollback` kills a process behind the commit, a child of this one."""

import os
import signal

import django_project
from saver import obey

django_project.set_up()

from django.db import connections, transaction  # noqa: E402
from oo_webhooks import Client  # noqa: E402


def execute(id):
    with Client.from_environment() as client:
        client.execute_webhooks("address", id)


def save(id):
    with transaction.atomic():
        transaction.on_commit(lambda: execute(id), robust=True)


def die(id):
    connections.close_all()
    child = os.fork()
    if child == 0:
        with transaction.atomic():
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            transaction.on_commit(lambda: execute(id))
        os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        raise RuntimeError("it was not killed")


obey(save, die)
