<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use FFI\CData;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\Outcome;
use OoWebhooks\Record;
use OoWebhooks\Result;
use OoWebhooks\Status;

/**
 * What {@see Library} calls for requests of many records, in a file of its own: most programs execute one at a time.
 *
 * It stands at the same border. What it is made of, only Library has.
 *
 * @internal
 */
final class RequestLibrary
{
    use NotCopied;

    /**
     * @param \FFI                            $ffi     what requests need
     * @param \Closure(string, CData): Handle $handle  keeps what was made
     * @param \Closure(Handle, string): CData $pointer what stands behind a handle
     */
    public function __construct(
        private readonly \FFI $ffi,
        private readonly \Closure $handle,
        private readonly \Closure $pointer,
    ) {
    }

    /**
     * @param non-empty-list<Record> $records
     *
     * @return non-empty-list<Result>
     */
    public function executeAll(Handle $client, array $records): array
    {
        $request = $this->newRequest();
        $this->addAll($request, $records);
        [$by, $sent] = [($this->pointer)($client, 'client'), ($this->pointer)($request, 'request')];
        $results = $this->ffi->new('void *');
        $status = $this->ffi->oo_client_execute_request($by, $sent, \FFI::addr($results));
        if (\FFI::isNull($results)) {
            return \array_map(
                static fn (Record $record): Result => Library::withoutResult($record->module, $record->id, $status),
                $records
            );
        }
        try {
            return $status === 0 ? $this->readExecuted($results, $records) : $this->readAll($results, $records);
        } finally {
            $this->ffi->oo_results_free($results);
        }
    }

    public function newRequest(): Handle
    {
        $request = $this->ffi->new('void *');
        $this->ffi->oo_request_new(\FFI::addr($request));
        return ($this->handle)('request', $request);
    }

    public function add(Handle $request, Record $record): void
    {
        $pointer = ($this->pointer)($request, 'request');
        $this->check($request, $this->ffi->oo_request_add($pointer, $record->module->value, $record->id));
    }

    public function count(Handle $request): int
    {
        return $this->ffi->oo_request_count(($this->pointer)($request, 'request'));
    }

    public function sign(Handle $request, Handle $client, int $unixSeconds): string
    {
        $pointer = ($this->pointer)($request, 'request');
        $status = $this->ffi->oo_request_sign($pointer, ($this->pointer)($client, 'client'), $unixSeconds);
        $this->check($request, $status);
        return $this->ffi->oo_request_body($pointer, null);
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
        $pointer = ($this->pointer)($request, 'request');
        $results = $this->ffi->new('void *');
        $given = \FFI::addr($results);
        $status = $this->ffi->oo_request_parse_response($pointer, $httpStatus, $body, \strlen($body), $given);
        if (\FFI::isNull($results)) {
            throw new InDoubtError($this->explain($status), $status);
        }
        try {
            return $this->readAll($results, []);
        } finally {
            $this->ffi->oo_results_free($results);
        }
    }

    private function check(Handle $request, int $status): void
    {
        if ($status !== 0) {
            $message = $this->ffi->oo_request_message(($this->pointer)($request, 'request'));
            throw new \ValueError($message ?? $this->explain($status));
        }
    }

    /**
     * Those of a module that follow each other by one call.
     *
     * @param non-empty-list<Record> $records
     */
    private function addAll(Handle $request, array $records): void
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
    private function addIds(Handle $request, Module $module, array $ids): void
    {
        $pointer = ($this->pointer)($request, 'request');
        $packed = \pack('q*', ...$ids);
        $this->check($request, $this->ffi->oo_request_add_all($pointer, $module->value, $packed, \count($ids)));
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
        $first = $this->read($this->ffi->oo_results_get($results, 0), $records[0]);
        $messages = \explode("\n", $this->ffi->oo_results_messages($results, null) ?? '');
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
        $read = [];
        for ($index = 0, $count = $this->ffi->oo_results_count($results); $index < $count; $index++) {
            $read[] = $this->read($this->ffi->oo_results_get($results, $index), $records[$index] ?? null, $last);
        }
        return $read;
    }

    /**
     * @param array{CData, string}|null $last what was read last, and its body: results of one answer share it
     */
    private function read(?CData $result, ?Record $record, ?array &$last = null): Result
    {
        $buffer = $this->ffi->new('oo_result_fields[1]');
        $read = $this->ffi->oo_result_read($result, \FFI::sizeof($buffer), $buffer);
        $fields = $buffer[0];
        $message = $fields->message;
        if ($read !== 0 || $message === null) {
            return $record === null
                ? throw new InDoubtError($this->explain($read))
                : Library::withoutResult($record->module, $record->id, $read);
        }
        $status = Status::tryFrom($fields->status) ?? Library::standIn($fields->outcome);
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

    private function explain(int $status): string
    {
        return $this->ffi->oo_status_message($status);
    }
}
