<?php

// The obvious handler of Messenger's own queue: it calls.

declare(strict_types=1);

use Symfony\Component\EventDispatcher\EventDispatcher;
use Symfony\Component\Messenger\Event\WorkerRunningEvent;
use Symfony\Component\Messenger\Worker;

require __DIR__ . '/saver.php';
require __DIR__ . '/symfony_services.php';

$connection = connection();
$transport = transport($connection, 3);
$handler = static fn (App\MoveCustomer $message) =>
    OoWebhooks\Client::fromEnvironment()->executeWebhooks('address', $message->id);
$dispatch = static fn (int $id) => bus($transport)->dispatch(new App\MoveCustomer($id, 'Aachen'));
obey([
    'save' => $dispatch,
    'die' => static function (int $id) use ($connection, $dispatch): void {
        $connection->transactional(static fn () => null);
        posix_kill(getmypid(), SIGKILL);
        $dispatch($id);
    },
    'work' => static function (int $jobs) use ($transport, $handler): void {
        $events = new EventDispatcher();
        if ($jobs === 0) {
            $events->addListener(WorkerRunningEvent::class, static function (WorkerRunningEvent $event): void {
                if ($event->isWorkerIdle()) {
                    $event->getWorker()->stop();
                }
            });
        }
        (new Worker(['saves' => $transport], bus(null, App\MoveCustomer::class, $handler), $events))->run(['sleep' => 50000]);
    },
]);
