<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use FFI\CData;
use FFI\CType;
use OoWebhooks\ConfigError;
use OoWebhooks\DrainReport;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\Options;
use OoWebhooks\OutboxCounts;
use OoWebhooks\OutboxEntry;
use OoWebhooks\OutboxError;
use OoWebhooks\OutboxState;
use OoWebhooks\Outcome;
use OoWebhooks\Record;
use OoWebhooks\Result;
use OoWebhooks\Status;
use OoWebhooks\WhenInDoubt;

/**
 * liboo_webhooks, which {@see Loader} finds, and the only class that calls it: FFI turns "abc" into 0 and 2^31 into
 * -2^31 without a word, so nothing gets here that was not checked. The functions and their contracts are in
 * oo_webhooks.h.
 *
 * This class and Loader are the border between the package and the other code of a program to which FFI is closed:
 * no public method gives or takes an FFI object or a pointer, or takes the path of what to load, each type that FFI makes is
 * named here, and functions of PHP are called by their whole names, as others may define one of the same name in
 * this namespace.
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
     * in each request that makes a client, and the whole header takes ten times as long. {@see more} has what
     * some programs use beside it, {@see all} the rest. The body is bytes: FFI would end a `const char *` at its
     * first NUL.
     */
    private const CALL = <<<'C'
        typedef struct oo_result_fields {
            int64_t id;
            const char *module;
            const char *message;
            size_t message_length;
            const void *body;
            size_t body_length;
            int32_t status;
            int32_t outcome;
            int32_t http_status;
            int32_t error_code;
        } oo_result_fields;
        uint32_t oo_abi_version(void);
        int32_t oo_options_new(void **out_options);
        int32_t oo_options_set_credentials(void *options, const char *token, const char *secret);
        int32_t oo_options_set_url(void *options, const char *url);
        int32_t oo_options_set_ca_file(void *options, const char *path);
        int32_t oo_options_set_timeout_ms(void *options, int64_t milliseconds);
        void oo_options_free(void *options);
        int32_t oo_client_new(void *options, void **out_client);
        int32_t oo_client_execute_webhooks(void *client, const char *module, int64_t id, void **out_result);
        void oo_client_free(void *client);
        int32_t oo_result_read(void *result, size_t size, oo_result_fields *out_fields);
        void oo_result_free(void *result);
        C;

    /** What is packed goes as `const char *`: FFI takes no string for an `int64_t *`. */
    private const MORE = <<<'C'
        int32_t oo_status_outcome(int32_t status);
        const char *oo_status_message(int32_t status);
        int32_t oo_options_set_proxy(void *options, const char *url);
        int32_t oo_options_set_connect_timeout_ms(void *options, int64_t milliseconds);
        const char *oo_options_message(void *options);
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
        C;

    private static ?self $instance = null;
    private static ?string $file = null;

    private readonly \FFI $ffi;

    /** Made once: FFI parses the text that names a type each time. */
    private readonly CType $handleType;
    /** An array is passed as its address. What is in it is a view of it and does not outlive it. */
    private readonly CType $slotType;
    private readonly CType $fieldsType;
    private readonly int $fieldsSize;

    /** The other functions, once something needs them. */
    private ?\FFI $more = null;
    private ?\FFI $all = null;

    /** @var \WeakMap<Handle, CData> what stands behind each handle that is not freed */
    private readonly \WeakMap $pointers;

    private function __construct(\FFI $ffi, private readonly ?string $path)
    {
        $this->ffi = $ffi;
        $this->handleType = $ffi->type('void *');
        $this->slotType = $ffi->type('void *[1]');
        $this->fieldsType = $ffi->type('oo_result_fields[1]');
        $this->fieldsSize = \FFI::sizeof($this->fieldsType);
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
        if (Loader::isClosedToOthers()) {
            throw new ConfigError('Client::useLibrary is refused: ' . Loader::whereThePathIsFixed());
        }
        if (self::$instance !== null) {
            throw new \LogicException('the library is loaded already: name its path before the first client is made');
        }
        self::$file = $file;
    }

    public function newClient(Options $options): Handle
    {
        $made = $this->ffi->new($this->handleType);
        $client = $this->ffi->new($this->handleType);
        $this->ffi->oo_options_new(\FFI::addr($made));
        try {
            $this->set($made, $options);
            $status = $this->ffi->oo_client_new($made, \FFI::addr($client));
            if ($status !== 0) {
                throw new ConfigError($this->more()->oo_options_message($made) ?? $this->explain($status), $status);
            }
            return $this->handle('client', $client);
        } finally {
            $this->ffi->oo_options_free($made);
        }
    }

    public function connect(Handle $client, int $timeoutMs): Status
    {
        return $this->statusOf($this->more()->oo_client_connect($this->pointer($client, 'client'), $timeoutMs));
    }

    /** @return array{status: Status, message: string, httpStatus: int, clockAhead: int|null, keepAlive: string|null} */
    public function probe(Handle $client): array
    {
        $probe = $this->ffi->new($this->handleType);
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
        $pointer = $client->what === 'client' ? $this->pointers[$client] ?? null : null;
        $pointer ??= $this->pointer($client, 'client');
        $ffi = $this->ffi;
        $slot = $ffi->new($this->slotType);
        $number = $ffi->oo_client_execute_webhooks($pointer, $module->value, $id, $slot);
        $result = $slot[0];
        if ($result === null) {
            return $this->withoutResult($module, $id, $number);
        }
        $buffer = $ffi->new($this->fieldsType);
        $read = $ffi->oo_result_read($result, $this->fieldsSize, $buffer);
        $fields = $buffer[0];
        $message = $fields->message;
        $body = $fields->body;
        $body = $body === null ? null : \FFI::string($body, $fields->body_length);
        $ffi->oo_result_free($result);
        if ($message === null) {
            return $this->withoutResult($module, $id, $read);
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
        $slot = $this->ffi->new($this->slotType);
        $status = $more->oo_client_execute_request($this->pointer($client, 'client'), $pointer, $slot);
        $results = $slot[0];
        if ($results === null) {
            return \array_map(fn (Record $record): Result => $this->withoutResult($record->module, $record->id, $status), $records);
        }
        try {
            return $status === 0 ? $this->readExecuted($results, $records) : $this->readAll($results, $records);
        } finally {
            $more->oo_results_free($results);
        }
    }

    public function newRequest(): Handle
    {
        $request = $this->ffi->new($this->handleType);
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
        $slot = $this->ffi->new($this->slotType);
        $pointer = $this->pointer($request, 'request');
        $status = $this->all()->oo_request_parse_response($pointer, $httpStatus, $body, \strlen($body), $slot);
        $results = $slot[0] ?? throw new InDoubtError($this->explain($status), $status);
        try {
            return $this->readAll($results, []);
        } finally {
            $this->more()->oo_results_free($results);
        }
    }

    public function save(OutboxAddress $outbox, Record $record): void
    {
        $open = $this->openOutbox($outbox);
        try {
            $this->checkOutbox($open, $this->all()->oo_outbox_put($open, $record->module->value, $record->id));
        } finally {
            $this->all()->oo_outbox_free($open);
        }
    }

    public function drain(OutboxAddress $outbox, Handle $client, int $max, int $deadlineMs): DrainReport
    {
        $pointer = $this->pointer($client, 'client');
        $open = $this->openOutbox($outbox);
        $report = $this->ffi->new($this->handleType);
        try {
            $status = $this->all()->oo_outbox_drain($open, $pointer, $max, $deadlineMs, \FFI::addr($report));
            if (\FFI::isNull($report)) {
                throw $this->outboxError($open, $status);
            }
            // In the order of their numbers in C, which is that of the report's parameters.
            $counts = [];
            for ($reason = 0; $reason <= $this->all()->OO_OUTBOX_REASON_BUSY; $reason++) {
                $counts[] = $this->all()->oo_outbox_report_count($report, $reason);
            }
            $message = $this->all()->oo_outbox_report_message($report) ?? '';
            $tried = $this->all()->oo_outbox_report_tried($report);
            return new DrainReport($tried, ...$counts, status: $this->statusOf($status), message: $message);
        } finally {
            $this->all()->oo_outbox_report_free($report);
            $this->all()->oo_outbox_free($open);
        }
    }

    public function countOutbox(OutboxAddress $outbox): OutboxCounts
    {
        $open = $this->openOutbox($outbox);
        try {
            $counts = [];
            for ($state = 0; $state <= $this->all()->OO_OUTBOX_STATE_CORRUPT; $state++) {
                $count = $this->ffi->new('int64_t');
                $this->checkOutbox($open, $this->all()->oo_outbox_count($open, $state, \FFI::addr($count)));
                $counts[] = $count->cdata;
            }
            return new OutboxCounts(...$counts);
        } finally {
            $this->all()->oo_outbox_free($open);
        }
    }

    /** @return list<OutboxEntry> */
    public function listOutbox(OutboxAddress $outbox, OutboxState $state, int $max): array
    {
        $open = $this->openOutbox($outbox);
        $entries = $this->ffi->new($this->handleType);
        try {
            $number = \array_search($state, OutboxState::cases(), true);
            $this->checkOutbox($open, $this->all()->oo_outbox_list($open, $number, $max, \FFI::addr($entries)));
            $read = [];
            for ($index = 0, $count = $this->all()->oo_outbox_entries_count($entries); $index < $count; $index++) {
                $read[] = $this->entry($entries, $index, $state);
            }
            return $read;
        } finally {
            $this->all()->oo_outbox_entries_free($entries);
            $this->all()->oo_outbox_free($open);
        }
    }

    /** @param int $since when it got into its state, for one that was looked at; 0: whatever it is */
    public function retryInOutbox(OutboxAddress $outbox, Record $record, int $since): void
    {
        $open = $this->openOutbox($outbox);
        try {
            $status = $this->all()->oo_outbox_retry($open, $record->module->value, $record->id, $since);
            $this->checkOutbox($open, $status);
        } finally {
            $this->all()->oo_outbox_free($open);
        }
    }

    /** @param int $since as for retryInOutbox */
    public function dropFromOutbox(OutboxAddress $outbox, Record $record, int $since): void
    {
        $open = $this->openOutbox($outbox);
        try {
            $status = $this->all()->oo_outbox_drop($open, $record->module->value, $record->id, $since);
            $this->checkOutbox($open, $status);
        } finally {
            $this->all()->oo_outbox_free($open);
        }
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
            $file = Loader::likely(self::$file);
            $ffi = \FFI::cdef(self::CALL, $file);
            if ($ffi->oo_abi_version() === Loader::ABI) {
                return new self($ffi, $file);
            }
        } catch (\FFI\Exception) {
            // Loader says why, or knows another one.
        }
        $file = Loader::find(self::$file);
        return new self(self::declared(self::CALL, $file), $file);
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
        if (Loader::isClosedToOthers() && \stream_get_meta_data($file)['wrapper_type'] !== 'plainfile') {
            throw new ConfigError(self::HEADER . ' is not read from the disk: call stream_wrapper_restore("file") before');
        }
        return (string) \stream_get_contents($file);
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

    private function set(CData $made, Options $options): void
    {
        $this->ffi->oo_options_set_credentials($made, $options->token(), $options->secret());
        if ($options->url !== null) {
            $this->ffi->oo_options_set_url($made, $options->url);
        }
        if ($options->caFile !== null) {
            $this->ffi->oo_options_set_ca_file($made, $options->caFile);
        }
        if ($options->proxy() !== null) {
            $this->more()->oo_options_set_proxy($made, $options->proxy());
        }
        if ($options->connectTimeoutMs !== null) {
            $this->more()->oo_options_set_connect_timeout_ms($made, $options->connectTimeoutMs);
        }
        if ($options->timeoutMs !== null) {
            $this->ffi->oo_options_set_timeout_ms($made, $options->timeoutMs);
        }
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
        $buffer = $this->ffi->new($this->fieldsType);
        $read = $this->ffi->oo_result_read($result, $this->fieldsSize, $buffer);
        $fields = $buffer[0];
        $message = $fields->message;
        if ($read !== 0 || $message === null) {
            return $record === null
                ? throw new InDoubtError($this->explain($read))
                : $this->withoutResult($record->module, $record->id, $read);
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

    private function openOutbox(OutboxAddress $outbox): CData
    {
        $open = $this->ffi->new($this->handleType);
        $status = $this->all()->oo_outbox_open($outbox->path, \FFI::addr($open));
        if ($status !== Status::Ok->value) {
            $error = $this->outboxError($open, $status);
            $this->all()->oo_outbox_free($open);
            throw $error;
        }
        $this->all()->oo_outbox_set_fsync($open, (int) $outbox->fsync);
        $wish = \array_search($outbox->whenInDoubt, WhenInDoubt::cases(), true);
        $this->all()->oo_outbox_set_in_doubt($open, $wish);
        return $open;
    }

    private function checkOutbox(CData $open, int $status): void
    {
        if ($status !== Status::Ok->value) {
            throw $this->outboxError($open, $status);
        }
    }

    private function outboxError(CData $open, int $status): OutboxError|\ValueError
    {
        $message = $this->all()->oo_outbox_message($open) ?? $this->explain($status);
        return $status === Status::InvalidArgument->value ? new \ValueError($message) : new OutboxError($message);
    }

    private function entry(CData $entries, int $index, OutboxState $state): OutboxEntry
    {
        $status = $this->statusOf($this->all()->oo_outbox_entries_status($entries, $index));
        $due = $this->all()->oo_outbox_entries_due_ms($entries, $index);
        return new OutboxEntry(
            record: new Record(
                $this->all()->oo_outbox_entries_module($entries, $index),
                $this->all()->oo_outbox_entries_id($entries, $index)
            ),
            state: $state,
            sinceMs: $this->all()->oo_outbox_entries_since_ms($entries, $index),
            dueMs: $due === 0 ? null : $due,
            status: $status === Status::Ok ? null : $status,
            errorCode: $this->all()->oo_outbox_entries_error_code($entries, $index),
            message: $this->all()->oo_outbox_entries_message($entries, $index),
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

    /** Only a defect of the library leaves a call without a result. */
    private function withoutResult(Module $module, int $id, int $status): Result
    {
        $message = "{$module->value} $id: {$this->explain($status)}";
        return new Result(Status::Internal, Outcome::InDoubt, $module, $id, 0, 0, $message, null);
    }

    private function explain(int $status): string
    {
        return $this->more()->oo_status_message($status);
    }
}
