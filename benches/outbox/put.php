<?php

// Saves N records into an outbox from PHP. Prints nanoseconds a save.
//
//     php put.php AUTOLOAD FOLDER FIRST COUNT FSYNC

declare(strict_types=1);

[, $autoload, $folder, $first, $count, $fsync] = $argv;
require $autoload;
$outbox = new OoWebhooks\Outbox($folder, (bool) $fsync);
$outbox->put('address', (int) $first);
$begin = hrtime(true);
for ($id = (int) $first; $id < (int) $first + (int) $count; $id++) {
    $outbox->put('address', $id);
}
printf("%d\n", (hrtime(true) - $begin) / (int) $count);
