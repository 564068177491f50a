<?php

// As much of Laravel as docs/laravel.md uses, to run what it shows. It stands in for names and calls; what Laravel does
// with locks, transactions and workers is not part of it.

declare(strict_types=1);

namespace {
    require __DIR__ . '/../../autoload.php';

    function env(string $name, mixed $default = null): mixed
    {
        $value = getenv($name);
        return $value === false ? $default : $value;
    }

    spl_autoload_register(static function (string $class): void {
        if (str_starts_with($class, 'App\\')) {
            require getcwd() . '/app/' . strtr(substr($class, 4), '\\', '/') . '.php';
        }
    });
}

namespace Illuminate\Contracts\Queue {
    interface ShouldQueue
    {
    }

    interface ShouldBeUnique
    {
    }

    interface ShouldBeUniqueUntilProcessing extends ShouldBeUnique
    {
    }
}

namespace Illuminate\Bus {
    trait Queueable
    {
        public $delay;
        public $afterCommit;

        public function delay($delay)
        {
            $this->delay = $delay;
            return $this;
        }

        public function afterCommit()
        {
            $this->afterCommit = true;
            return $this;
        }
    }
}

namespace Illuminate\Foundation\Bus {
    trait Dispatchable
    {
        public static function dispatch(...$arguments)
        {
            return new PendingDispatch(new static(...$arguments));
        }
    }

    class PendingDispatch
    {
        public function __construct(private $job)
        {
        }

        public function delay($delay)
        {
            $this->job->delay($delay);
            return $this;
        }

        public function __destruct()
        {
            // A queue stores a job serialised.
            \Illuminate\Support\Facades\Queue::$pushed[] = unserialize(serialize($this->job));
        }
    }
}

namespace Illuminate\Support {
    class ServiceProvider
    {
        public function __construct(protected $app)
        {
        }
    }
}

namespace Illuminate\Support\Facades {
    use PHPUnit\Framework\Assert;

    class Queue
    {
        public static array $pushed = [];

        public static function fake()
        {
            self::$pushed = [];
        }

        public static function assertNothingPushed()
        {
            Assert::assertSame([], self::$pushed);
        }

        public static function assertPushed(string $class, callable $matches)
        {
            $found = array_filter(self::$pushed, static fn ($job) => $job instanceof $class && $matches($job));
            Assert::assertNotEmpty($found);
        }
    }
}

namespace Illuminate\Foundation {
    class Application extends \ArrayObject
    {
        private array $bindings = [];

        public function bind(string $name, \Closure $make)
        {
            $this->bindings[$name] = $make;
        }

        public function instance(string $name, object $instance)
        {
            $this->bindings[$name] = static fn () => $instance;
        }

        public function make(string $name)
        {
            return ($this->bindings[$name])($this);
        }

        public function call(array $method)
        {
            $parameters = (new \ReflectionMethod(...$method))->getParameters();
            return $method(...array_map(fn ($parameter) => $this->make($parameter->getType()->getName()), $parameters));
        }
    }
}
