<?php

// Which files the worker has mapped.

declare(strict_types=1);

readfile('/proc/self/maps');
