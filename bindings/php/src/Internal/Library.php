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
 * liboo_webhooks, which {@see LibraryPath} finds, and the only class that calls it: FFI turns "abc" into 0 and 2^31 into
 * -2^31 without a word, so nothing gets here that was not checked. The functions and their contracts are in
 * oo_webhooks.h.
 *
 * This class, {@see RequestLibrary} and {@see OutboxLibrary}, which are made here only, LibraryPath and Loader are the
 * border between the package and the other code of a program to which FFI is closed: no public method gives an FFI object
 * or a pointer, or takes the path of what to load, each type that FFI makes is named there, and functions of PHP are called
 * by their whole names, as others may define one of the same name in this namespace.
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
                'message' => $this->all()->oo_probe_message($probe) ?? $this->explain($status),
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
        return $this->requests ??= new RequestLibrary(
            self::declared(RequestLibrary::DECLARED, $this->path),
            $this->handle(...),
            $this->pointer(...),
        );
    }

    public function outbox(): OutboxLibrary
    {
        return $this->outbox ??= new OutboxLibrary(
            $this->all(),
            fn (Handle $client): CData => $this->pointer($client, 'client'),
            $this->statusOf(...)
        );
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
            'request' => $this->requests()->free($pointer),
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
        $all = $this->all();
        $made = $this->newPointer();
        $all->oo_options_new(\FFI::addr($made));
        try {
            $all->oo_options_set_credentials($made, $options->token(), $options->secret());
            if ($options->url !== null) {
                $all->oo_options_set_url($made, $options->url);
            }
            if ($options->caFile !== null) {
                $all->oo_options_set_ca_file($made, $options->caFile);
            }
            if ($options->proxy() !== null) {
                $all->oo_options_set_proxy($made, $options->proxy());
            }
            if ($options->connectTimeoutMs !== null) {
                $all->oo_options_set_connect_timeout_ms($made, $options->connectTimeoutMs);
            }
            if ($options->timeoutMs !== null) {
                $all->oo_options_set_timeout_ms($made, $options->timeoutMs);
            }
            return new ConfigError($all->oo_options_message($made) ?? $this->explain($status), $status);
        } finally {
            $all->oo_options_free($made);
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

    private function explain(int $status): string
    {
        return $this->all()->oo_status_message($status);
    }
}
