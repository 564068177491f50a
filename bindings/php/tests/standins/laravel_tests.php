<?php

// What the test in docs/laravel.md extends.

declare(strict_types=1);

namespace Tests;

require __DIR__ . '/laravel.php';

class TestCase extends \PHPUnit\Framework\TestCase
{
    protected $app;

    protected function setUp(): void
    {
        $this->app = new \Illuminate\Foundation\Application();
    }
}
