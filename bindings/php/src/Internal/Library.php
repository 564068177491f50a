<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use FFI\CData;
use OoWebhooks\ConfigError;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\Options;
use OoWebhooks\Outcome;
use OoWebhooks\Record;
use OoWebhooks\Result;
use OoWebhooks\Status;

/**
 * liboo_webhooks, which {@see LibraryPath} finds. Only this class calls it, with {@see RequestLibrary} and
 * {@see OutboxLibrary}, which are made here: FFI turns "abc" into 0 and 2^31 into -2^31 without a word, so nothing gets
 * here that was not checked. The functions and their contracts are in oo_webhooks.h.
 *
 * These classes, LibraryPath and Loader are the border between the package and the other code of a program to which FFI
 * is closed. No public method gives an FFI object or a pointer, in what it throws either, whose trace may have the
 * arguments of each function, or takes the path of what to load. Each type that FFI makes is named there, and functions
 * of PHP are called by their whole names, as others may define one of the same name in this namespace.
 *
 * The library's default client is never used: it belongs to the process, which serves other tenants next.
 *
 * @internal
 */
final class Library
{
    use NotCopied;

    private const HEADER = __DIR__ . '/../../include/oo_webhooks.ffi.h';

    /**
     * What the call for one record needs of the header, with handles as `void *` and enums as numbers: PHP parses it
     * in each request that makes a client, and the whole header takes ten times as long. Where ffi.preload has parsed
     * that, it is used.
     */
    private const CALL = <<<'C'
        typedef struct {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const char *body;
            size_t body_length;
            int32_t status, outcome, http_status, error_code;
        } oo_result_fields;
        uint32_t oo_abi_version(void);
        int32_t oo_client_new_with(const char *token, const char *secret, const char *url, const char *ca_file,
            const char *proxy, int64_t connect_timeout_ms, int64_t timeout_ms, void **out_client);
        int32_t oo_client_execute_and_read(void *client, const char *module, int64_t id, void **out_result,
            size_t size, oo_result_fields *out_fields);
        void oo_client_free(void *client);
        void oo_result_free(void *result);
        C;

    /** Nor is the rest parsed for a connection that is opened ahead. */
    private const CONNECT = 'int32_t oo_client_connect(void *client, int64_t timeout_ms);';

    /** What tells why a client is refused. */
    private const OPTIONS = <<<'C'
        const char *oo_status_message(int32_t status);
        int32_t oo_options_new(void **out_options);
        int32_t oo_options_set_credentials(void *options, const char *token, const char *secret);
        int32_t oo_options_set_url(void *options, const char *url);
        int32_t oo_options_set_ca_file(void *options, const char *path);
        int32_t oo_options_set_proxy(void *options, const char *url);
        int32_t oo_options_set_connect_timeout_ms(void *options, int64_t milliseconds);
        int32_t oo_options_set_timeout_ms(void *options, int64_t milliseconds);
        const char *oo_options_message(void *options);
        void oo_options_free(void *options);
        C;

    /**
     * What {@see RequestLibrary} needs. What is packed goes as `const char *`: FFI takes no string for an `int64_t *`.
     * The body is an address here, which tells whether results share one, and may hold a NUL, where FFI ends a
     * `const char *`.
     */
    private const REQUESTS = <<<'C'
        typedef struct {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const void *body;
            size_t body_length;
            int32_t status, outcome, http_status, error_code;
        } oo_result_fields;
        const char *oo_status_message(int32_t status);
        int32_t oo_client_execute_request(void *client, void *request, void **out_results);
        int32_t oo_request_new(void **out_request);
        int32_t oo_request_add(void *request, const char *module, int64_t id);
        int32_t oo_request_add_all(void *request, const char *module, const char *ids, size_t count);
        size_t oo_request_count(void *request);
        const char *oo_request_message(void *request);
        int32_t oo_request_sign(void *request, void *client, int64_t unix_seconds);
        const char *oo_request_body(void *request, size_t *out_length);
        int32_t oo_request_parse_response(void *request, int32_t http_status, const char *body, size_t length,
            void **out_results);
        void oo_request_free(void *request);
        size_t oo_results_count(void *results);
        void *oo_results_get(void *results, size_t index);
        const char *oo_results_messages(void *results, size_t *out_length);
        void oo_results_free(void *results);
        int32_t oo_result_read(void *result, size_t size, oo_result_fields *out_fields);
        C;

    private static ?self $instance = null;
    private static ?string $file = null;

    private readonly \FFI $ffi;

    /**
     * What a call writes to: where the handle is put, the fields, a view of them to read, and their size. It is made
     * once, and anew where a call comes while it is taken, out of a signal's handler.
     *
     * @var array{CData, CData, CData, int}|null
     */
    private ?array $memory = null;

    /** The other functions, once something needs them. */
    private ?\FFI $connect = null;
    private ?\FFI $ofRequests = null;
    private ?\FFI $all = null;
    private ?RequestLibrary $requests = null;
    private ?OutboxLibrary $outbox = null;

    /** @var \WeakMap<Handle, CData> what stands behind each handle that is not freed */
    private readonly \WeakMap $pointers;

    private function __construct(\FFI $ffi, private readonly ?string $path)
    {
        $this->ffi = $ffi;
        $this->pointers = new \WeakMap();
    }

    /** @throws ConfigError when FFI is not open to this program, or the library is missing or of another ABI */
    public static function instance(): self
    {
        return self::$instance ??= self::open();
    }

    /** @throws ConfigError where the library's path is fixed when PHP starts */
    public static function useFile(string $file): void
    {
        Text::check('the path of the library', $file);
        if (LibraryPath::isClosedToOthers()) {
            throw new ConfigError('Client::useLibrary is refused: ' . LibraryPath::whereThePathIsFixed());
        }
        if (self::$instance !== null) {
            throw new \LogicException('the library is loaded already: name its path before the first client is made');
        }
        self::$file = $file;
    }

    public function newClient(Options $options): Handle
    {
        $client = $this->newPointer();
        $status = $this->ffi->oo_client_new_with(
            $options->token(),
            $options->secret(),
            $options->url,
            $options->caFile,
            $options->proxy(),
            self::milliseconds($options->connectTimeoutMs),
            self::milliseconds($options->timeoutMs),
            \FFI::addr($client),
        );
        return $status === 0 ? $this->handle('client', $client) : throw $this->refusal($options, $status);
    }

    public function connect(Handle $client, int $timeoutMs): Status
    {
        $this->connect ??= self::declared(self::CONNECT, $this->path);
        return $this->statusOf($this->connect->oo_client_connect($this->pointer($client, 'client'), $timeoutMs));
    }

    /** @return array{status: Status, message: string, httpStatus: int, clockAhead: int|null, keepAlive: string|null} */
    public function probe(Handle $client): array
    {
        $probe = $this->newPointer();
        $status = $this->all()->oo_client_probe($this->pointer($client, 'client'), \FFI::addr($probe));
        try {
            $ahead = $this->all()->oo_probe_clock_ahead($probe);
            return [
                'status' => $this->statusOf($status),
                'message' => $this->all()->oo_probe_message($probe) ?? $this->all()->oo_status_message($status),
                'httpStatus' => $this->all()->oo_probe_http_status($probe),
                'clockAhead' => $ahead === \PHP_INT_MIN ? null : $ahead,
                'keepAlive' => $this->all()->oo_probe_keep_alive($probe),
            ];
        } finally {
            $this->all()->oo_probe_free($probe);
        }
    }

    /** Of the library, as "major.minor.patch". */
    public function version(): string
    {
        return $this->all()->oo_version();
    }

    /** Where the library is; null when ffi.preload has opened it. */
    public function path(): ?string
    {
        return $this->path;
    }

    public function execute(Handle $client, Module $module, int $id): Result
    {
        // What runs after a wait runs with cold caches: a function more takes a microsecond.
        $ffi = $this->ffi;
        [$given, $out, $fields, $size] = $memory = $this->memory ?? $this->newMemory();
        $pointer = $client->what === 'client' ? $this->pointers[$client] ?? null : null;
        $pointer ??= $this->pointer($client, 'client');
        $this->memory = null;
        $number = $ffi->oo_client_execute_and_read($pointer, $module->value, $id, $given, $size, $out);
        $message = $fields->message;
        $body = $fields->body;
        if ($body !== null && \strlen($body) !== $fields->body_length) {
            $body = $this->bytes($out, $fields->body_length);
        }
        $ffi->oo_result_free($given[0]);
        $this->memory = $memory;
        if ($message === null) {
            return self::withoutResult($module, $id, $number);
        }
        if ($number === 0) {
            return new Result(Status::Ok, Outcome::Executed, $module, $id, $fields->http_status, 0, $message, $body);
        }
        $status = Status::tryFrom($number) ?? self::standIn($fields->outcome);
        return new Result($status, $status->outcome(), $module, $id, $fields->http_status, $fields->error_code, $message, $body);
    }

    public function requests(): RequestLibrary
    {
        if ($this->requests === null) {
            self::checkThatItIsPreloaded('RequestLibrary');
            $this->ofRequests = self::declared(self::REQUESTS, $this->path);
            $this->requests = new RequestLibrary($this->ofRequests, $this->handle(...), $this->pointer(...));
        }
        return $this->requests;
    }

    public function outbox(): OutboxLibrary
    {
        if ($this->outbox === null) {
            self::checkThatItIsPreloaded('OutboxLibrary');
            $this->outbox = new OutboxLibrary($this->all(), $this->pointer(...), $this->statusOf(...));
        }
        return $this->outbox;
    }

    /** @throws \LogicException when it is freed */
    public function check(Handle $handle): void
    {
        $this->pointer($handle, $handle->what);
    }

    public function free(Handle $handle): void
    {
        $pointer = $this->pointers[$handle] ?? null;
        if ($pointer === null) {
            return;
        }
        unset($this->pointers[$handle]);
        match ($handle->what) {
            'client' => $this->ffi->oo_client_free($pointer),
            'request' => $this->ofRequests->oo_request_free($pointer),
        };
    }

    /** A library that is newer than this package may know more statuses; their outcome is what counts. */
    public static function standIn(int $outcome): Status
    {
        return match ($outcome) {
            0 => Status::Ok,
            1 => Status::Rejected,
            2 => Status::ConnectFailed,
            default => Status::Internal,
        };
    }

    /** Only a defect of the library leaves a call without a result. It is not asked again. */
    public static function withoutResult(Module $module, int $id, int $status): Result
    {
        $message = "{$module->value} $id: in doubt: the library gave no result, only the status $status";
        return new Result(Status::Internal, Outcome::InDoubt, $module, $id, 0, 0, $message, null);
    }

    private static function open(): self
    {
        try {
            $file = LibraryPath::likely(self::$file);
            $ffi = $file === null ? self::preloaded() : \FFI::cdef(self::CALL, $file);
            if ($ffi->oo_abi_version() === LibraryPath::ABI) {
                return new self($ffi, $file);
            }
        } catch (\FFI\Exception) {
            // Loader says why, or knows another one.
        }
        $file = Loader::find(self::$file);
        return new self(self::declared(self::CALL, $file), $file);
    }

    /** Of ffi.preload, whose header may be older than this package. */
    private static function preloaded(): \FFI
    {
        $ffi = \FFI::scope('oo_webhooks');
        foreach (['oo_client_new_with', 'oo_client_execute_and_read'] as $function) {
            $ffi->$function;
        }
        return $ffi;
    }

    private function all(): \FFI
    {
        return $this->all ??= self::declared(self::header(), $this->path);
    }

    /** @param string|null $file null: what ffi.preload has opened */
    private static function declared(string $header, ?string $file): \FFI
    {
        try {
            return \FFI::cdef($header, $file);
        } catch (\FFI\Exception $error) {
            $version = \FFI::cdef('const char *oo_version(void);', $file)->oo_version();
            $name = $file ?? 'the library of ffi.preload';
            throw new ConfigError("$name is version $version, too old for this package: {$error->getMessage()}");
        }
    }

    /**
     * Where FFI is closed to others, it is to a class that was not preloaded as well, and that could be theirs.
     *
     * @throws ConfigError
     */
    private static function checkThatItIsPreloaded(string $name): void
    {
        if (!LibraryPath::isClosedToOthers()) {
            return;
        }
        $class = __NAMESPACE__ . "\\$name";
        $file = \class_exists($class, false) ? (new \ReflectionClass($class))->getFileName() : null;
        if ($file !== __DIR__ . "/$name.php") {
            throw new ConfigError("$class is not preloaded, as Client is: preload the whole package, by its preload.php");
        }
    }

    private static function header(): string
    {
        $file = @\fopen(self::HEADER, 'r');
        if ($file === false) {
            throw new ConfigError('cannot read ' . self::HEADER . ': install the package again');
        }
        // Any code can put a `file:` of its own in the place of PHP's, and with it another header under this path.
        if (LibraryPath::isClosedToOthers() && \stream_get_meta_data($file)['wrapper_type'] !== 'plainfile') {
            throw new ConfigError(self::HEADER . ' is not read from the disk: call stream_wrapper_restore("file") before');
        }
        return (string) \stream_get_contents($file);
    }

    /** A pointer that is NULL, for a function to write to its address. */
    private function newPointer(): CData
    {
        return $this->ffi->new('void *');
    }

    /** @return array{CData, CData, CData, int} */
    private function newMemory(): array
    {
        $fields = $this->ffi->new('oo_result_fields[1]');
        return [$this->ffi->new('void *[1]'), $fields, $fields[0], \FFI::sizeof($fields)];
    }

    /** The whole body of these fields, whose fifth word is its address: FFI ends a `const char *` at its first NUL. */
    private function bytes(CData $fields, int $length): string
    {
        return \FFI::string($this->ffi->cast('void *[5]', $fields)[4], $length);
    }

    private function handle(string $what, CData $pointer): Handle
    {
        $handle = new Handle($this, $what);
        $this->pointers[$handle] = $pointer;
        return $handle;
    }

    private function pointer(Handle $handle, string $what): CData
    {
        if ($handle->what !== $what) {
            throw new \LogicException("a $what is needed, this is a $handle->what");
        }
        return $this->pointers[$handle] ?? throw new \LogicException("the $what is closed: make a new one");
    }

    /** Why a client of these options is refused, which their own setters say. */
    private function refusal(Options $options, int $status): ConfigError
    {
        $ffi = self::declared(self::OPTIONS, $this->path);
        $made = $this->newPointer();
        $ffi->oo_options_new(\FFI::addr($made));
        try {
            $ffi->oo_options_set_credentials($made, $options->token(), $options->secret());
            if ($options->url !== null) {
                $ffi->oo_options_set_url($made, $options->url);
            }
            if ($options->caFile !== null) {
                $ffi->oo_options_set_ca_file($made, $options->caFile);
            }
            if ($options->proxy() !== null) {
                $ffi->oo_options_set_proxy($made, $options->proxy());
            }
            if ($options->connectTimeoutMs !== null) {
                $ffi->oo_options_set_connect_timeout_ms($made, $options->connectTimeoutMs);
            }
            if ($options->timeoutMs !== null) {
                $ffi->oo_options_set_timeout_ms($made, $options->timeoutMs);
            }
            return new ConfigError($ffi->oo_options_message($made) ?? $ffi->oo_status_message($status), $status);
        } finally {
            $ffi->oo_options_free($made);
        }
    }

    /** For oo_client_new_with, which takes 0 for the default: 0 of a program is refused, as is what is below. */
    private static function milliseconds(?int $given): int
    {
        return $given === 0 ? -1 : $given ?? 0;
    }

    private function statusOf(int $number): Status
    {
        return Status::tryFrom($number) ?? self::standIn($this->all()->oo_status_outcome($number));
    }
}
