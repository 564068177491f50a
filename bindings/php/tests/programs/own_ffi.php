<?php

// Some other code of the same server that tries FFI.

declare(strict_types=1);

try {
    FFI::cdef('int abs(int);');
    echo 'open';
} catch (FFI\Exception) {
    echo 'closed';
}
