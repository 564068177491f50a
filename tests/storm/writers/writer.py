"""A writer of the storm: saves through Outbox or OutboxTable. writer.py KIND PLACE FILE SEED SAVES RECORDS PAUSE_US"""

import os
import sys
import time

from oo_webhooks import Outbox, OutboxError, OutboxTable

kind, place, file = sys.argv[1:4]
dice, saves, records, pause = map(int, sys.argv[4:])
diary = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
errors: tuple = (OutboxError,)
if kind == "mariadb":
    import pymysql

    errors += (pymysql.Error, OSError)
elif kind == "postgresql":
    import psycopg

    errors += (psycopg.Error,)


def note(word: str, id: int) -> None:
    os.write(diary, f"{word} {id} {time.time_ns()}\n".encode())


def connect():
    if kind == "mariadb":
        return pymysql.connect(unix_socket=place, user="app", database="shop")
    return psycopg.connect(f"host={place} dbname=shop user=app")


outbox = Outbox(place) if kind == "folder" else None
shop = None
while saves > 0:
    dice = (dice * 1103515245 + 12345) & 0x7FFFFFFF
    id = (dice >> 8) % records + 1
    try:
        if kind != "folder":
            shop = shop or connect()
        note("begin", id)
        if outbox:
            outbox.put("estate", id)
        else:
            OutboxTable().put(shop, "estate", id)
            shop.commit()
        note("saved", id)
        saves -= 1
    except errors:
        note("refused", id)
        shop = None
    time.sleep(pause / 1e6)
