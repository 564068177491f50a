<?php

/*
 * The main of a client in PHP, which takes the orders that README.md describes:
 *
 *     php client.php KIND URL CA-FILE cold|warm
 */

declare(strict_types=1);

[, $kind, $url, $caFile, $mode] = $argv;

// Each call is for other records, than those of other clients too: no request is like one that the server has seen.
$id = 1_000_000 + intdiv(hrtime(true), 1_000) % 8_000_000;
$begin = hrtime(true);
$call = (require __DIR__ . "/$kind.php")($url, $caFile);
$call(1, $id++);
echo hrtime(true) - $begin, "\n";
if ($mode === 'cold') {
    exit;
}

/** Nanoseconds of this process. */
function cpu(): int
{
    $usage = getrusage();
    $seconds = $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'];
    return 1_000 * (1_000_000 * $seconds + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']);
}

while ($order = fgets(STDIN)) {
    [, $records, $times] = sscanf($order, '%s %d %d');
    $all = [];
    $cpu = cpu();
    for ($i = 0; $i < $times; $i++) {
        $begin = hrtime(true);
        $call($records, $id);
        $all[] = hrtime(true) - $begin;
        $id += $records;
    }
    $cpu = intdiv(cpu() - $cpu, $times);
    sort($all);
    echo $all[intdiv($times, 2)], " $cpu\n";
}
