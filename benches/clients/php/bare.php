<?php

// The functions of the library by FFI, and nothing around them: what a call from PHP costs at least. It looks at no more
// than the status.

declare(strict_types=1);

return static function (string $url, string $caFile): Closure {
    $ffi = FFI::cdef(
        'int32_t oo_options_new(void **); int32_t oo_options_set_credentials(void *, const char *, const char *);
        int32_t oo_options_set_url(void *, const char *); int32_t oo_options_set_ca_file(void *, const char *);
        int32_t oo_client_new(void *, void **); void oo_result_free(void *);
        int32_t oo_client_execute_webhooks(void *, const char *, int64_t, void **);',
        getenv('OO_WEBHOOKS_LIBRARY'),
    );
    [$options, $client, $result] = [$ffi->new('void *[1]'), $ffi->new('void *[1]'), $ffi->new('void *[1]')];
    $ffi->oo_options_new($options);
    $secret = 'MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001';
    $ffi->oo_options_set_credentials($options[0], 'MockTokenMockTokenMockToken00001', $secret);
    $ffi->oo_options_set_url($options[0], $url);
    $ffi->oo_options_set_ca_file($options[0], $caFile);
    $ffi->oo_client_new($options[0], $client);
    $client = $client[0];
    return static function (int $records, int $id) use ($ffi, $client, $result): void {
        if ($ffi->oo_client_execute_webhooks($client, 'address', $id, $result) !== 0) {
            throw new RuntimeException('it was not executed');
        }
        $ffi->oo_result_free($result[0]);
    };
};
