"""Saves N records into an outbox from Python. Prints nanoseconds a save.

    put.py FOLDER FIRST COUNT FSYNC
"""

import sys
import time

from oo_webhooks import Outbox

folder, first, count, fsync = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bool(int(sys.argv[4]))
outbox = Outbox(folder, fsync=fsync)
outbox.put("address", first)
begin = time.perf_counter_ns()
for number in range(first, first + count):
    outbox.put("address", number)
print((time.perf_counter_ns() - begin) // count)
