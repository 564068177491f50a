<?php

// The fewest foreign calls that execute a record, and a result of what they give: what a package for PHP costs at
// least. Nothing is checked but that the record is executed.

declare(strict_types=1);

final class BareResult
{
    public function __construct(
        public readonly int $status,
        public readonly int $outcome,
        public readonly string $module,
        public readonly int $id,
        public readonly int $httpStatus,
        public readonly int $errorCode,
        public readonly string $message,
        public readonly ?string $body,
    ) {
    }
}

return static function (string $url, string $caFile): Closure {
    $ffi = FFI::cdef(
        'typedef struct { int64_t id; const char *module; const char *message; size_t message_length; const char *body;
        size_t body_length; int32_t status, outcome, http_status, error_code; } fields;
        int32_t oo_client_new_with(const char *, const char *, const char *, const char *, const char *, int64_t, int64_t,
        void **);
        int32_t oo_client_execute_and_read(void *, const char *, int64_t, void **, size_t, fields *);
        void oo_result_free(void *);',
        getenv('OO_WEBHOOKS_LIBRARY'),
    );
    [$client, $result, $memory] = [$ffi->new('void *[1]'), $ffi->new('void *[1]'), $ffi->new('fields[1]')];
    $secret = 'MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001';
    $ffi->oo_client_new_with('MockTokenMockTokenMockToken00001', $secret, $url, $caFile, null, 0, 0, $client);
    [$handle, $fields, $size] = [$client[0], $memory[0], FFI::sizeof($memory)];
    return static function (int $records, int $id) use ($ffi, $client, $handle, $result, $memory, $fields, $size): BareResult {
        $status = $ffi->oo_client_execute_and_read($handle, 'address', $id, $result, $size, $memory);
        $made = new BareResult(
            $status,
            $fields->outcome,
            'address',
            $id,
            $fields->http_status,
            0,
            $fields->message,
            $fields->body,
        );
        $ffi->oo_result_free($result[0]);
        return $status === 0 ? $made : throw new RuntimeException($made->message);
    };
};
