"""The main of a client in Python, which takes the orders that README.md describes:

    client.py MODULE URL CA-FILE cold|warm

It imports little, since a cold process is measured too.
"""

import sys
from time import perf_counter_ns

_, module, url, ca_file, mode = sys.argv
# Each call is for other records, than those of other clients too: no request is like one that the server has seen.
FIRST_ID = 1_000_000 + perf_counter_ns() // 1_000 % 8_000_000
begin = perf_counter_ns()
call = __import__(module).caller(url, ca_file)
call(1, FIRST_ID)
print(perf_counter_ns() - begin, flush=True)


def obey():
    from time import process_time_ns

    next_id = FIRST_ID + 1
    for order in sys.stdin:
        _, records, times = order.split()
        records, times, all_times = int(records), int(times), []
        cpu = process_time_ns()
        for _ in range(times):
            begin = perf_counter_ns()
            call(records, next_id)
            all_times.append(perf_counter_ns() - begin)
            next_id += records
        cpu = process_time_ns() - cpu
        print(sorted(all_times)[times // 2], cpu // times, flush=True)


if mode == "warm":
    obey()
