<?php

// A controller of docs/symfony.md.

declare(strict_types=1);

require __DIR__ . '/saver.php';
require __DIR__ . '/symfony_services.php';

$connection = connection();
$customers = new App\Customers($connection, new OoWebhooks\OutboxTable());
obey([
    'save' => static fn (int $id) => $customers->move($id, 'Aachen'),
    'rollback' => static fn (int $id) => rolledBack(
        static fn () => $connection->transactional(static function () use ($customers, $id): void {
            $customers->move($id, 'Aachen');
            throw new RolledBack();
        })
    ),
]);
