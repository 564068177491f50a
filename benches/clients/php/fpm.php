<?php

// A request to PHP-FPM in which one webhook is executed. It answers how long that took, all that the request loads
// and makes included.

declare(strict_types=1);

// For another record than in other requests.
$id = 1_000_000 + intdiv(hrtime(true), 1_000) % 8_000_000;
$begin = hrtime(true);
$call = (require __DIR__ . "/{$_SERVER['KIND']}.php")($_SERVER['URL'], $_SERVER['CA_FILE']);
$call(1, $id);
echo hrtime(true) - $begin;
