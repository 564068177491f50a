<?php

// What other code may try where FFI is open to the package only: to have it load the library that LIBRARY names, or
// to get at FFI itself. Says what it got.

declare(strict_types=1);

namespace OoWebhooks\Internal {
    // PHP looks here first for what the package's own code names without a backslash.
    if ($_SERVER['QUERY_STRING'] === 'namesakes') {
        foreach (['dirname', 'file_get_contents', 'getenv', 'get_cfg_var', 'php_uname', 'strtolower', 'sprintf'] as $name) {
            eval("namespace OoWebhooks\Internal; function $name() { return \dirname(\$_SERVER['LIBRARY']) . '/\0'; }");
        }
        eval('namespace OoWebhooks\Internal; function ini_get() { return "1"; } const PHP_SAPI = "cli";');
    }
}

namespace {
    use OoWebhooks\Client;
    use OoWebhooks\Internal\Library;
    use OoWebhooks\Options;
    use OoWebhooks\Request;

    /** A `file:` of one's own, which gives the package another header. */
    final class Files
    {
        public $context;
        private string $text;

        public function stream_open(string $path): bool
        {
            $this->text = "int getpid(void);\n";
            return true;
        }

        public function stream_read(int $count): string
        {
            [$read, $this->text] = [$this->text, ''];
            return $read;
        }

        public function stream_eof(): bool
        {
            return $this->text === '';
        }

        public function stream_stat(): array
        {
            return [];
        }

        public function url_stat(): array
        {
            return ['mode' => 0100644];
        }
    }

    /** PHP's own ways round `private`. */
    function ffi(string $way = 'closure'): FFI
    {
        $library = Library::instance();
        return match ($way) {
            'reflection' => (new ReflectionProperty(Library::class, 'ffi'))->getValue($library),
            'closure' => (fn () => $this->ffi)->call($library),
            'array' => ((array) $library)["\0" . Library::class . "\0ffi"],
        };
    }

    /** Says so where FFI or a pointer is among what was got, and ends. */
    function end_at_ffi(string $what, array $got): void
    {
        array_walk_recursive($got, static function ($got) use ($what) {
            if ($got instanceof FFI || $got instanceof FFI\CData) {
                exit("$what gives " . get_class($got));
            }
        });
    }

    $library = $_SERVER['LIBRARY'];
    $attempts = [
        'nothing' => static fn () => new Request(),
        'namesakes' => static fn () => new Request(),
        'useLibrary' => static function () use ($library) {
            Client::useLibrary($library);
            new Request();
        },
        '$_SERVER' => static function () use ($library) {
            $_SERVER['OO_WEBHOOKS_LIBRARY'] = $library;
            new Request();
        },
        '$_ENV' => static function () use ($library) {
            $_ENV['OO_WEBHOOKS_LIBRARY'] = $library;
            new Request();
        },
        'putenv' => static function () use ($library) {
            putenv("OO_WEBHOOKS_LIBRARY=$library");
            new Request();
        },
        'ini_set' => static function () use ($library) {
            ini_set('oo_webhooks.library', $library);
            ini_set('ffi.enable', '1');
            new Request();
        },
        'internals' => static function () use ($library) {
            $classes = [Client::class, Request::class];
            foreach (glob(dirname((new ReflectionClass(Library::class))->getFileName()) . '/*.php') as $file) {
                $classes[] = 'OoWebhooks\\Internal\\' . basename($file, '.php');
            }
            foreach (array_filter($classes, 'class_exists') as $class) {
                foreach (array_filter(get_class_methods($class), static fn ($name) => $name[0] !== '_') as $method) {
                    $what = "$class::$method";
                    foreach ([[], [$library], [$library, $library], [$library, true]] as $arguments) {
                        try {
                            $got = $what(...$arguments);
                        } catch (Throwable $error) {
                            $got = array_column($error->getTrace(), 'args');
                        }
                        end_at_ffi($what, [$got]);
                    }
                }
            }
        },
        'traces' => static function () {
            $client = new Client(new Options('t', 's'));
            $request = new Request();
            $request->add('task', 1);
            $closed = new Client(new Options('t', 's'));
            $closed->close();
            $outbox = new OoWebhooks\Outbox(sys_get_temp_dir() . '/oo-webhooks-border-' . getmypid());
            $record = new OoWebhooks\Record('task', 1);
            $refused = [
                'add' => static fn () => $request->add('task', 1),
                'sign' => static fn () => (new Request())->sign($client),
                'executeAll' => static fn () => $closed->executeAll([$record]),
                'options' => static fn () => new Client(new Options('t', 's', url: 'ftp://host/')),
                'outbox' => static fn () => (new OoWebhooks\Outbox('/dev/null/none'))->counts(),
                'retry' => static fn () => $outbox->retry($record),
            ];
            foreach ($refused as $name => $call) {
                try {
                    $call();
                    return "$name is not refused";
                } catch (Throwable $error) {
                    end_at_ffi($name, array_column($error->getTrace(), 'args'));
                }
            }
        },
        'handles' => static function () {
            $client = new Client(new Options('t', 's'));
            foreach (preg_grep('/^(?!__|free)/', get_class_methods($client->handle())) as $method) {
                if ($client->handle()->$method() instanceof FFI\CData) {
                    return "$method gives a pointer";
                }
            }
        },
        'mixed-up handles' => static function () {
            $request = (fn () => $this->handle)->call(new Request());
            try {
                Library::instance()->execute($request, OoWebhooks\Module::Task, 1);
            } catch (LogicException $error) {
                return $error->getMessage();
            }
        },
        'a closed handle' => static function () {
            $client = new Client(new Options('t', 's'));
            $handle = $client->handle();
            $client->close();
            $handle->free();
            $handle->__destruct();
            try {
                Library::instance()->execute($handle, OoWebhooks\Module::Task, 1);
            } catch (LogicException $error) {
                return $error->getMessage();
            }
        },
        'file:' => static function () {
            stream_wrapper_unregister('file');
            stream_wrapper_register('file', Files::class);
            try {
                (new OoWebhooks\Outbox(sys_get_temp_dir()))->counts();
                return 'getpid gives ' . gettype(ffi()->getpid());
            } finally {
                stream_wrapper_restore('file');
            }
        },
        'FFI' => static fn () => FFI::cdef('int getpid(void);'),
        'scope' => static fn () => FFI::scope('oo_webhooks'),
        'reflection' => static fn () => 'version ' . ffi('reflection')->oo_abi_version(),
        'closure' => static fn () => 'version ' . ffi('closure')->oo_abi_version(),
        'array' => static fn () => 'version ' . ffi('array')->oo_abi_version(),
    ];

    try {
        $said = $attempts[urldecode($_SERVER['QUERY_STRING'])]();
        echo is_string($said) ? $said : 'fine';
    } catch (OoWebhooks\ConfigError | FFI\Exception $error) {
        echo $error::class, ': ', $error->getMessage();
    }
}
