<?php

// Ends while handles are alive in every place that PHP tears down in an order of its own.

declare(strict_types=1);

require __DIR__ . '/../../autoload.php';

use OoWebhooks\Client;
use OoWebhooks\Options;
use OoWebhooks\Request;

final class Keeper
{
    public static array $kept = [];
    public ?Keeper $other = null;
    public Client $client;
    public Request $request;

    public function __construct()
    {
        $this->client = new Client(new Options('t', 's', url: 'https://127.0.0.1:1/'));
        $this->request = new Request();
        $this->request->add('task', 1);
    }

    public function __destruct()
    {
        // Depending on the order, what it holds is alive or closed by its own destructor.
        try {
            $this->request->sign($this->client);
            $this->client->tryExecuteWebhooks('task', 1);
            echo '.';
        } catch (LogicException) {
            echo 'c';
        }
        $this->client->close();
    }
}

// By name, in a static, in a closure, in a cycle, in a generator, in a shutdown function.
$global = new Keeper();
Keeper::$kept[] = new Keeper();
$closure = (static fn (Keeper $keeper): Closure => static fn (): Keeper => $keeper)(new Keeper());
[$one, $two] = [new Keeper(), new Keeper()];
[$one->other, $two->other] = [$two, $one];
unset($one, $two);
$generator = (static function () {
    $keeper = new Keeper();
    yield $keeper;
})();
$generator->current();
$late = new Keeper();
register_shutdown_function(static function () use ($late): void {
    $late->client->close();
    Keeper::$kept[] = new Keeper();
});

// Destructors of handles alone, before and after those who use them.
$handle = $global->client->handle();
$handle->free();
$closed = (new Client(new Options('t', 's')))->handle();
$alone = new Client(new Options('t', 's'));
gc_collect_cycles();
exit(0);
