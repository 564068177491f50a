<?php

// The models of docs/laravel.md.

declare(strict_types=1);

use App\Models\Customer;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

require __DIR__ . '/saver.php';
require __DIR__ . '/laravel_app.php';

laravel();
DB::statement('CREATE TABLE IF NOT EXISTS customers (id BIGINT AUTO_INCREMENT PRIMARY KEY, onoffice_id BIGINT UNIQUE,'
    . ' city TEXT, created_at DATETIME, updated_at DATETIME)');
$save = static fn (int $id) => Customer::updateOrCreate(['onoffice_id' => $id], ['city' => bin2hex(random_bytes(4))]);
obey([
    'save' => $save,
    'rollback' => static fn (int $id) => rolledBack(static fn () => DB::transaction(static function () use ($save, $id): void {
        $save($id);
        throw new RolledBack();
    })),
]);
