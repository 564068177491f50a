<?php

/* A writer of the storm: saves through Outbox or OutboxTable. writer.php KIND PLACE FILE SEED SAVES RECORDS PAUSE_US */

declare(strict_types=1);

require __DIR__ . '/../../../bindings/php/autoload.php';

use OoWebhooks\Outbox;
use OoWebhooks\OutboxError;
use OoWebhooks\OutboxTable;

[, $kind, $place, $file] = $argv;
[$dice, $saves, $records, $pause] = array_map(intval(...), array_slice($argv, 4));
$diary = fopen($file, 'a');
$note = static fn (string $word, int $id) => fwrite($diary, sprintf("%s %d %d\n", $word, $id, microtime(true) * 1e9));
$connect = static fn (): PDO => $kind === 'mariadb'
    ? new PDO("mysql:unix_socket=$place;dbname=shop", 'app')
    : new PDO("pgsql:host=$place;dbname=shop", 'app');
$shop = null;
while ($saves > 0) {
    $dice = ($dice * 1103515245 + 12345) & 0x7fffffff;
    $id = ($dice >> 8) % $records + 1;
    $word = 'saved';
    try {
        if ($kind !== 'folder') {
            $shop ??= $connect();
        }
        $note('begin', $id);
        if ($kind === 'folder') {
            (new Outbox($place))->put('estate', $id);
        } else {
            $shop->beginTransaction();
            (new OutboxTable())->put($shop, 'estate', $id);
            $shop->commit();
        }
        $saves--;
    } catch (OutboxError | PDOException) {
        [$word, $shop] = ['refused', null];
    }
    $note($word, $id);
    usleep($pause);
}
