<?php

// What FFI gives this package, for editors and analysers (PHPStan: stubFiles); no program loads it.
// Generated from include/oo_webhooks.ffi.h by make generate.

declare(strict_types=1);

/**
 * @property-read int $OO_OUTCOME_EXECUTED
 * @property-read int $OO_OUTCOME_REJECTED
 * @property-read int $OO_OUTCOME_NOT_SENT
 * @property-read int $OO_OUTCOME_IN_DOUBT
 * @property-read int $OO_STATUS_OK
 * @property-read int $OO_STATUS_INVALID_ARGUMENT
 * @property-read int $OO_STATUS_INVALID_MODULE
 * @property-read int $OO_STATUS_INVALID_ID
 * @property-read int $OO_STATUS_INVALID_OPTION
 * @property-read int $OO_STATUS_NOT_CONFIGURED
 * @property-read int $OO_STATUS_DNS_FAILED
 * @property-read int $OO_STATUS_CONNECT_FAILED
 * @property-read int $OO_STATUS_CONNECT_TIMEOUT
 * @property-read int $OO_STATUS_TLS_FAILED
 * @property-read int $OO_STATUS_PROXY_FAILED
 * @property-read int $OO_STATUS_OUT_OF_MEMORY
 * @property-read int $OO_STATUS_FORKED_TOO_EARLY
 * @property-read int $OO_STATUS_TIMEOUT
 * @property-read int $OO_STATUS_CONNECTION_LOST
 * @property-read int $OO_STATUS_BAD_RESPONSE
 * @property-read int $OO_STATUS_HTTP_ERROR
 * @property-read int $OO_STATUS_SERVER_ERROR
 * @property-read int $OO_STATUS_NOT_AUTHENTICATED
 * @property-read int $OO_STATUS_CLOCK_SKEW
 * @property-read int $OO_STATUS_NOT_ALLOWED
 * @property-read int $OO_STATUS_UNKNOWN_RECORD
 * @property-read int $OO_STATUS_REJECTED
 * @property-read int $OO_STATUS_OUTBOX_FAILED
 * @property-read int $OO_STATUS_INTERNAL
 * @property-read int $OO_OUTBOX_STATE_WAITING
 * @property-read int $OO_OUTBOX_STATE_SENDING
 * @property-read int $OO_OUTBOX_STATE_DOUBT
 * @property-read int $OO_OUTBOX_STATE_FAILED
 * @property-read int $OO_OUTBOX_STATE_CORRUPT
 * @property-read int $OO_OUTBOX_IN_DOUBT_HOLD
 * @property-read int $OO_OUTBOX_IN_DOUBT_RESEND
 * @property-read int $OO_OUTBOX_IN_DOUBT_DROP
 * @property-read int $OO_OUTBOX_REASON_EXECUTED
 * @property-read int $OO_OUTBOX_REASON_NOT_SENT
 * @property-read int $OO_OUTBOX_REASON_GIVEN_UP
 * @property-read int $OO_OUTBOX_REASON_REJECTED
 * @property-read int $OO_OUTBOX_REASON_HELD
 * @property-read int $OO_OUTBOX_REASON_RESENT
 * @property-read int $OO_OUTBOX_REASON_DROPPED
 * @property-read int $OO_OUTBOX_REASON_SUPERSEDED
 * @property-read int $OO_OUTBOX_REASON_CORRUPT
 * @property-read int $OO_OUTBOX_REASON_SENDER_DIED
 * @property-read int $OO_OUTBOX_REASON_ABANDONED
 * @property-read int $OO_OUTBOX_REASON_BUSY
 * @method string|null oo_version()
 * @method int oo_abi_version()
 * @method string|null oo_status_name(int $status)
 * @method int oo_status_outcome(int $status)
 * @method int oo_status_worst(int $first, int $second)
 * @method string|null oo_status_message(int $status)
 * @method int oo_execute_webhooks(string|null $module, int $id, \FFI\CData|null $out_result)
 * @method int oo_set_default_client(\FFI\CData|null $client)
 * @method int oo_options_new(\FFI\CData|null $out_options)
 * @method int oo_options_from_env(\FFI\CData|null $out_options)
 * @method int oo_options_set_credentials(\FFI\CData|null $options, string|null $token, string|null $secret)
 * @method int oo_options_set_url(\FFI\CData|null $options, string|null $url)
 * @method int oo_options_set_ca_file(\FFI\CData|null $options, string|null $path)
 * @method int oo_options_set_proxy(\FFI\CData|null $options, string|null $url)
 * @method int oo_options_set_connect_timeout_ms(\FFI\CData|null $options, int $milliseconds)
 * @method int oo_options_set_timeout_ms(\FFI\CData|null $options, int $milliseconds)
 * @method string|null oo_options_message(\FFI\CData|null $options)
 * @method void oo_options_free(\FFI\CData|null $options)
 * @method int oo_client_new(\FFI\CData|null $options, \FFI\CData|null $out_client)
 * @method int oo_client_new_with(string|null $token, string|null $secret, string|null $url, string|null $ca_file, string|null $proxy, int $connect_timeout_ms, int $timeout_ms, \FFI\CData|null $out_client)
 * @method int oo_client_connect(\FFI\CData|null $client, int $timeout_ms)
 * @method int oo_client_execute_webhooks(\FFI\CData|null $client, string|null $module, int $id, \FFI\CData|null $out_result)
 * @method int oo_client_execute_and_read(\FFI\CData|null $client, string|null $module, int $id, \FFI\CData|null $out_result, int $size, \FFI\CData|null $out_fields)
 * @method int oo_client_execute_request(\FFI\CData|null $client, \FFI\CData|null $request, \FFI\CData|null $out_results)
 * @method void oo_client_free(\FFI\CData|null $client)
 * @method int oo_client_probe(\FFI\CData|null $client, \FFI\CData|null $out_probe)
 * @method string|null oo_probe_message(\FFI\CData|null $probe)
 * @method int oo_probe_http_status(\FFI\CData|null $probe)
 * @method int oo_probe_clock_ahead(\FFI\CData|null $probe)
 * @method string|null oo_probe_keep_alive(\FFI\CData|null $probe)
 * @method void oo_probe_free(\FFI\CData|null $probe)
 * @method int oo_request_new(\FFI\CData|null $out_request)
 * @method int oo_request_add(\FFI\CData|null $request, string|null $module, int $id)
 * @method int oo_request_add_all(\FFI\CData|null $request, string|null $module, \FFI\CData|null $ids, int $count)
 * @method int oo_request_count(\FFI\CData|null $request)
 * @method int oo_request_sign(\FFI\CData|null $request, \FFI\CData|null $client, int $unix_seconds)
 * @method string|null oo_request_body(\FFI\CData|null $request, \FFI\CData|null $out_length)
 * @method string|null oo_request_message(\FFI\CData|null $request)
 * @method int oo_request_parse_response(\FFI\CData|null $request, int $http_status, string|null $body, int $length, \FFI\CData|null $out_results)
 * @method void oo_request_free(\FFI\CData|null $request)
 * @method int oo_results_count(\FFI\CData|null $results)
 * @method \FFI\CData|null oo_results_get(\FFI\CData|null $results, int $index)
 * @method int oo_results_statuses(\FFI\CData|null $results, int $count, \FFI\CData|null $out_statuses)
 * @method string|null oo_results_messages(\FFI\CData|null $results, \FFI\CData|null $out_length)
 * @method void oo_results_free(\FFI\CData|null $results)
 * @method int oo_result_status(\FFI\CData|null $result)
 * @method int oo_result_outcome(\FFI\CData|null $result)
 * @method string|null oo_result_module(\FFI\CData|null $result)
 * @method int oo_result_id(\FFI\CData|null $result)
 * @method int oo_result_http_status(\FFI\CData|null $result)
 * @method int oo_result_error_code(\FFI\CData|null $result)
 * @method string|null oo_result_message(\FFI\CData|null $result)
 * @method string|null oo_result_body(\FFI\CData|null $result, \FFI\CData|null $out_length)
 * @method int oo_result_read(\FFI\CData|null $result, int $size, \FFI\CData|null $out_fields)
 * @method void oo_result_free(\FFI\CData|null $result)
 * @method int oo_outbox_open(string|null $path, \FFI\CData|null $out_outbox)
 * @method int oo_outbox_set_fsync(\FFI\CData|null $outbox, int $fsync)
 * @method int oo_outbox_set_in_doubt(\FFI\CData|null $outbox, int $in_doubt)
 * @method int oo_outbox_put(\FFI\CData|null $outbox, string|null $module, int $id)
 * @method int oo_outbox_drain(\FFI\CData|null $outbox, \FFI\CData|null $client, int $max, int $deadline_ms, \FFI\CData|null $out_report)
 * @method int oo_outbox_count(\FFI\CData|null $outbox, int $state, \FFI\CData|null $out_count)
 * @method int oo_outbox_list(\FFI\CData|null $outbox, int $state, int $max, \FFI\CData|null $out_entries)
 * @method int oo_outbox_retry(\FFI\CData|null $outbox, string|null $module, int $id, int $since_ms)
 * @method int oo_outbox_drop(\FFI\CData|null $outbox, string|null $module, int $id, int $since_ms)
 * @method string|null oo_outbox_message(\FFI\CData|null $outbox)
 * @method void oo_outbox_free(\FFI\CData|null $outbox)
 * @method int oo_outbox_report_count(\FFI\CData|null $report, int $reason)
 * @method int oo_outbox_report_tried(\FFI\CData|null $report)
 * @method string|null oo_outbox_report_message(\FFI\CData|null $report)
 * @method void oo_outbox_report_free(\FFI\CData|null $report)
 * @method int oo_outbox_entries_count(\FFI\CData|null $entries)
 * @method string|null oo_outbox_entries_module(\FFI\CData|null $entries, int $index)
 * @method int oo_outbox_entries_id(\FFI\CData|null $entries, int $index)
 * @method int oo_outbox_entries_since_ms(\FFI\CData|null $entries, int $index)
 * @method int oo_outbox_entries_due_ms(\FFI\CData|null $entries, int $index)
 * @method int oo_outbox_entries_status(\FFI\CData|null $entries, int $index)
 * @method int oo_outbox_entries_error_code(\FFI\CData|null $entries, int $index)
 * @method string|null oo_outbox_entries_message(\FFI\CData|null $entries, int $index)
 * @method void oo_outbox_entries_free(\FFI\CData|null $entries)
 */
final class FFI
{
}
