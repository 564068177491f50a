<?php

// What the container of a Symfony app gives.

declare(strict_types=1);

use Symfony\Component\Messenger\Bridge\Doctrine\Transport\Connection as TransportConnection;
use Symfony\Component\Messenger\Bridge\Doctrine\Transport\DoctrineTransport;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Handler\HandlersLocator;
use Symfony\Component\Messenger\MessageBus;
use Symfony\Component\Messenger\Middleware\HandleMessageMiddleware;
use Symfony\Component\Messenger\Middleware\SendMessageMiddleware;
use Symfony\Component\Messenger\Transport\Sender\SendersLocatorInterface;
use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;

require dirname(__DIR__, 3) . '/bindings/php/autoload.php';
require 'Doctrine/DBAL/autoload.php';
require 'Symfony/Component/EventDispatcher/autoload.php';
require 'Symfony/Component/Messenger/autoload.php';
require 'Symfony/Component/Messenger/Bridge/Doctrine/autoload.php';
spl_autoload_register(static function (string $class): void {
    $file = 'src/' . strtr(substr($class, strlen('App\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'App\\') && is_file($file)) {
        require $file;
    }
});

function connection(): Doctrine\DBAL\Connection
{
    $connection = Doctrine\DBAL\DriverManager::getConnection([
        'driver' => 'pdo_mysql',
        'unix_socket' => getenv('SITE_SOCKET'),
        'dbname' => getenv('SITE_DATABASE'),
        'user' => 'root',
        'charset' => 'utf8mb4',
    ]);
    $connection->executeStatement('CREATE TABLE IF NOT EXISTS customer (id BIGINT PRIMARY KEY, city TEXT)');
    return $connection;
}

/** A transport with the table `messages` of this database. */
function transport(Doctrine\DBAL\Connection $connection, int $redeliverTimeout): DoctrineTransport
{
    $options = ['table_name' => 'messages', 'queue_name' => 'saves', 'redeliver_timeout' => $redeliverTimeout, 'auto_setup' => true];
    $transport = new DoctrineTransport(new TransportConnection($options, $connection), new PhpSerializer());
    $transport->setup();
    return $transport;
}

/** A bus that sends to a transport, or that handles messages of a class. */
function bus(?DoctrineTransport $transport, string $message = '', ?callable $handler = null): MessageBus
{
    if ($transport === null) {
        return new MessageBus([new HandleMessageMiddleware(new HandlersLocator([$message => [$handler]]))]);
    }
    $senders = new class ($transport) implements SendersLocatorInterface {
        public function __construct(private DoctrineTransport $transport)
        {
        }

        public function getSenders(Envelope $envelope): iterable
        {
            yield 'saves' => $this->transport;
        }
    };
    return new MessageBus([new SendMessageMiddleware($senders)]);
}
