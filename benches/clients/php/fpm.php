<?php

// A request to PHP-FPM in which one webhook is executed. It answers how long that took, all that the request loads
// and makes included.

declare(strict_types=1);

$begin = hrtime(true);
$call = (require __DIR__ . "/{$_SERVER['KIND']}.php")($_SERVER['URL'], $_SERVER['CA_FILE']);
$call(1);
echo hrtime(true) - $begin;
