<?php

// As much of Laravel as docs/laravel.md uses, to run what it shows: names and calls, the lock of a job that is unique,
// and what waits for a commit. What workers do is not part of it.

declare(strict_types=1);

namespace {
    require __DIR__ . '/../../autoload.php';

    function env(string $name, mixed $default = null): mixed
    {
        $value = getenv($name);
        return $value === false ? $default : $value;
    }

    function app(string $name): mixed
    {
        return Illuminate\Foundation\Application::$current->make($name);
    }

    function report(Throwable $error): void
    {
        Illuminate\Foundation\Application::$current->reported[] = $error;
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
    class UniqueLock
    {
        /** Seconds that have passed. */
        public static int $now = 0;

        /** @var array<string, float> until when */
        private static array $locks = [];

        public static function forgetAll(): void
        {
            self::$locks = [];
        }

        public function acquire($job): bool
        {
            $key = get_class($job) . $job->uniqueId();
            if ((self::$locks[$key] ?? 0) > self::$now) {
                return false;
            }
            $seconds = method_exists($job, 'uniqueFor') ? $job->uniqueFor() : ($job->uniqueFor ?? 0);
            self::$locks[$key] = $seconds === 0 ? INF : self::$now + $seconds;
            return true;
        }

        public function release($job): void
        {
            unset(self::$locks[get_class($job) . $job->uniqueId()]);
        }
    }

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
    use Illuminate\Bus\UniqueLock;
    use Illuminate\Contracts\Queue\ShouldBeUnique;
    use Illuminate\Support\Facades\Queue;

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
            if (!$this->job instanceof ShouldBeUnique || (new UniqueLock())->acquire($this->job)) {
                Queue::push($this->job);
            }
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
        public static bool $isAway = false;

        public static function fake()
        {
            self::$pushed = [];
        }

        public static function push($job): void
        {
            if (self::$isAway) {
                throw new \RuntimeException('the queue is away');
            }
            // A queue stores a job serialised.
            self::$pushed[] = unserialize(serialize($job));
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

namespace Illuminate\Support\Facades {
    class DB
    {
        /** @var list<callable>|null within a transaction */
        private static ?array $waiting = null;

        public static function transaction(callable $body)
        {
            self::$waiting = [];
            try {
                $body();
                $waiting = self::$waiting;
            } finally {
                self::$waiting = null;
            }
            foreach ($waiting as $callback) {
                $callback();
            }
        }

        public static function afterCommit(callable $callback)
        {
            if (self::$waiting === null) {
                $callback();
            } else {
                self::$waiting[] = $callback;
            }
        }
    }
}

namespace Illuminate\Foundation {
    class Application extends \ArrayObject
    {
        public static self $current;

        /** @var list<\Throwable> */
        public array $reported = [];

        private array $bindings = [];

        public function __construct()
        {
            parent::__construct();
            self::$current = $this;
            // Each test has an app of its own, with a cache of its own.
            \Illuminate\Bus\UniqueLock::forgetAll();
        }

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
