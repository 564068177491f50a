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
 * This class, {@see OutboxLibrary}, which is made here only, LibraryPath and Loader are the border between the package
 * and the other code of a program to which FFI is closed: no public method gives an FFI object or a pointer, or takes the
 * path of what to load, each type that FFI makes is named there, and functions of PHP are called by their whole names,
 * as others may define one of the same name in this namespace.
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
     * that, it is used. {@see more} has what some programs use beside it, {@see all} the rest.
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

    /**
     * What is packed goes as `const char *`: FFI takes no string for an `int64_t *`. The body is an address here, which
     * tells whether results share one, and may hold a NUL, where FFI ends a `const char *`.
     */
    private const MORE = <<<'C'
        typedef struct {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const void *body;
            size_t body_length;
            int32_t status, outcome, http_status, error_code;
        } oo_result_fields;
        int32_t oo_status_outcome(int32_t status);
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
        int32_t oo_client_connect(void *client, int64_t timeout_ms);
        int32_t oo_client_execute_request(void *client, void *request, void **out_results);
        int32_t oo_request_new(void **out_request);
        int32_t oo_request_add(void *request, const char *module, int64_t id);
        int32_t oo_request_add_all(void *request, const char *module, const char *ids, size_t count);
        size_t oo_request_count(void *request);
        const char *oo_request_message(void *request);
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
    private ?\FFI $more = null;
    private ?\FFI $all = null;
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
        return $this->statusOf($this->more()->oo_client_connect($this->pointer($client, 'client'), $timeoutMs));
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

    /**
     * @param non-empty-list<Record> $records
     *
     * @return non-empty-list<Result>
     */
    public function executeAll(Handle $client, array $records): array
    {
        $more = $this->more();
        $request = $this->newRequest();
        $pointer = $this->pointer($request, 'request');
        $this->addAll($pointer, $records);
        $results = $this->newPointer();
        $status = $more->oo_client_execute_request($this->pointer($client, 'client'), $pointer, \FFI::addr($results));
        if (\FFI::isNull($results)) {
            return \array_map(static fn (Record $record): Result => self::withoutResult($record->module, $record->id, $status), $records);
        }
        try {
            return $status === 0 ? $this->readExecuted($results, $records) : $this->readAll($results, $records);
        } finally {
            $more->oo_results_free($results);
        }
    }

    public function newRequest(): Handle
    {
        $request = $this->newPointer();
        $this->more()->oo_request_new(\FFI::addr($request));
        return $this->handle('request', $request);
    }

    public function add(Handle $request, Record $record): void
    {
        $pointer = $this->pointer($request, 'request');
        $this->checkRequest($pointer, $this->more()->oo_request_add($pointer, $record->module->value, $record->id));
    }

    public function count(Handle $request): int
    {
        return $this->more()->oo_request_count($this->pointer($request, 'request'));
    }

    public function sign(Handle $request, Handle $client, int $unixSeconds): string
    {
        $pointer = $this->pointer($request, 'request');
        $status = $this->all()->oo_request_sign($pointer, $this->pointer($client, 'client'), $unixSeconds);
        $this->checkRequest($pointer, $status);
        return $this->all()->oo_request_body($pointer, null);
    }

    /** @return non-empty-list<Result> */
    public function parseResponse(Handle $request, int $httpStatus, string $body): array
    {
        if ($httpStatus < 100 || $httpStatus > 999) {
            throw new \ValueError("the HTTP status $httpStatus is outside 100 to 999");
        }
        if ($this->count($request) === 0) {
            throw new \ValueError('the request has no record: add those that were sent');
        }
        $pointer = $this->pointer($request, 'request');
        $results = $this->newPointer();
        $given = \FFI::addr($results);
        $status = $this->all()->oo_request_parse_response($pointer, $httpStatus, $body, \strlen($body), $given);
        if (\FFI::isNull($results)) {
            throw new InDoubtError($this->explain($status), $status);
        }
        try {
            return $this->readAll($results, []);
        } finally {
            $this->more()->oo_results_free($results);
        }
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
            'request' => $this->more()->oo_request_free($pointer),
        };
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

    /** What only some calls use. */
    private function more(): \FFI
    {
        return $this->more ??= self::declared(self::MORE, $this->path);
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
        $more = $this->more();
        $made = $this->newPointer();
        $more->oo_options_new(\FFI::addr($made));
        try {
            $more->oo_options_set_credentials($made, $options->token(), $options->secret());
            if ($options->url !== null) {
                $more->oo_options_set_url($made, $options->url);
            }
            if ($options->caFile !== null) {
                $more->oo_options_set_ca_file($made, $options->caFile);
            }
            if ($options->proxy() !== null) {
                $more->oo_options_set_proxy($made, $options->proxy());
            }
            if ($options->connectTimeoutMs !== null) {
                $more->oo_options_set_connect_timeout_ms($made, $options->connectTimeoutMs);
            }
            if ($options->timeoutMs !== null) {
                $more->oo_options_set_timeout_ms($made, $options->timeoutMs);
            }
            return new ConfigError($more->oo_options_message($made) ?? $this->explain($status), $status);
        } finally {
            $more->oo_options_free($made);
        }
    }

    /** For oo_client_new_with, which takes 0 for the default: 0 of a program is refused, as is what is below. */
    private static function milliseconds(?int $given): int
    {
        return $given === 0 ? -1 : $given ?? 0;
    }

    private function checkRequest(CData $request, int $status): void
    {
        if ($status !== 0) {
            throw new \ValueError($this->more()->oo_request_message($request) ?? $this->explain($status));
        }
    }

    /**
     * Those of a module that follow each other by one call.
     *
     * @param non-empty-list<Record> $records
     */
    private function addAll(CData $request, array $records): void
    {
        $module = $records[0]->module;
        $ids = [];
        foreach ($records as $record) {
            if ($record->module !== $module) {
                $this->addIds($request, $module, $ids);
                [$module, $ids] = [$record->module, []];
            }
            $ids[] = $record->id;
        }
        $this->addIds($request, $module, $ids);
    }

    /** @param non-empty-list<int> $ids */
    private function addIds(CData $request, Module $module, array $ids): void
    {
        $status = $this->more()->oo_request_add_all($request, $module->value, \pack('q*', ...$ids), \count($ids));
        $this->checkRequest($request, $status);
    }

    /**
     * Of a request whose records are all executed, which they are by one answer.
     *
     * @param non-empty-list<Record> $records
     *
     * @return non-empty-list<Result>
     */
    private function readExecuted(CData $results, array $records): array
    {
        $first = $this->read($this->more()->oo_results_get($results, 0), $records[0]);
        $messages = \explode("\n", $this->more()->oo_results_messages($results, null) ?? '');
        if (\count($messages) !== \count($records)) {
            return $this->readAll($results, $records);
        }
        $read = [];
        foreach ($records as $index => $record) {
            $read[] = new Result(
                Status::Ok,
                Outcome::Executed,
                $record->module,
                $record->id,
                $first->httpStatus,
                0,
                $messages[$index],
                $first->body,
            );
        }
        return $read;
    }

    /**
     * @param list<Record> $records as they are in the request; none: the library is asked
     *
     * @return non-empty-list<Result>
     */
    private function readAll(CData $results, array $records): array
    {
        $more = $this->more();
        $read = [];
        for ($index = 0, $count = $more->oo_results_count($results); $index < $count; $index++) {
            $read[] = $this->read($more->oo_results_get($results, $index), $records[$index] ?? null, $last);
        }
        return $read;
    }

    /**
     * @param array{CData, string}|null $last what was read last, and its body: results of one answer share it
     */
    private function read(CData $result, ?Record $record, ?array &$last = null): Result
    {
        $buffer = $this->more()->new('oo_result_fields[1]');
        $read = $this->more()->oo_result_read($result, \FFI::sizeof($buffer), $buffer);
        $fields = $buffer[0];
        $message = $fields->message;
        if ($read !== 0 || $message === null) {
            return $record === null
                ? throw new InDoubtError($this->explain($read))
                : self::withoutResult($record->module, $record->id, $read);
        }
        $status = Status::tryFrom($fields->status) ?? self::standIn($fields->outcome);
        $body = $fields->body;
        if ($body !== null) {
            if ($last === null || $last[0][0]->body != $body) {
                $last = [$buffer, \FFI::string($body, $fields->body_length)];
            }
            $body = $last[1];
        }
        return new Result(
            $status,
            $status->outcome(),
            $record?->module ?? Module::from($fields->module),
            $record?->id ?? $fields->id,
            $fields->http_status,
            $fields->error_code,
            $message,
            $body,
        );
    }

    private function statusOf(int $number): Status
    {
        return Status::tryFrom($number) ?? self::standIn($this->more()->oo_status_outcome($number));
    }

    /** A library that is newer than this package may know more statuses; their outcome is what counts. */
    private static function standIn(int $outcome): Status
    {
        return match ($outcome) {
            0 => Status::Ok,
            1 => Status::Rejected,
            2 => Status::ConnectFailed,
            default => Status::Internal,
        };
    }

    /** Only a defect of the library leaves a call without a result. It is not asked again. */
    private static function withoutResult(Module $module, int $id, int $status): Result
    {
        $message = "{$module->value} $id: in doubt: the library gave no result, only the status $status";
        return new Result(Status::Internal, Outcome::InDoubt, $module, $id, 0, 0, $message, null);
    }

    private function explain(int $status): string
    {
        return $this->more()->oo_status_message($status);
    }
}
