<?php

// The handler of docs/symfony.md, behind Messenger's Doctrine transport and in its real worker.

declare(strict_types=1);

use Symfony\Component\EventDispatcher\EventDispatcher;
use Symfony\Component\Messenger\EventListener\StopWorkerOnMessageLimitListener;
use Symfony\Component\Messenger\Worker;

require __DIR__ . '/saver.php';
require __DIR__ . '/symfony_services.php';

$connection = connection();
$handler = new App\MoveCustomerHandler(new App\Customers($connection, new OoWebhooks\OutboxTable()));
$transport = transport($connection, 3600);
obey([
    'save' => static function (int $id) use ($handler, $transport): void {
        bus($transport)->dispatch(new App\MoveCustomer($id, 'Aachen'));
        $events = new EventDispatcher();
        $events->addSubscriber(new StopWorkerOnMessageLimitListener(1));
        (new Worker(['saves' => $transport], bus(null, App\MoveCustomer::class, $handler), $events))->run(['sleep' => 1000]);
    },
    'rollback' => static fn (int $id) => rolledBack(
        static fn () => $connection->transactional(static function () use ($handler, $id): void {
            bus(null, App\MoveCustomer::class, $handler)->dispatch(new App\MoveCustomer($id, 'Aachen'));
            throw new RolledBack();
        })
    ),
]);
