<?php

// An app's own script for opcache.preload, which loads no more of the package than the app names.

declare(strict_types=1);

require dirname(__DIR__) . '/package/autoload.php';

class_exists(OoWebhooks\Client::class);
