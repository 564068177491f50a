#define FFI_SCOPE "oo_webhooks"
#define FFI_LIB "liboo_webhooks.so.1"
/* Generated from src/ and core/src/outcome.rs by make generate: change it there. */

typedef enum oo_outcome {
  OO_OUTCOME_EXECUTED = 0,
  OO_OUTCOME_REJECTED = 1,
  OO_OUTCOME_NOT_SENT = 2,
  OO_OUTCOME_IN_DOUBT = 3,
} oo_outcome;

typedef enum oo_status {
  OO_STATUS_OK = 0,
  OO_STATUS_INVALID_ARGUMENT = 1,
  OO_STATUS_INVALID_MODULE = 2,
  OO_STATUS_INVALID_ID = 3,
  OO_STATUS_INVALID_OPTION = 4,
  OO_STATUS_NOT_CONFIGURED = 5,
  OO_STATUS_DNS_FAILED = 10,
  OO_STATUS_CONNECT_FAILED = 11,
  OO_STATUS_CONNECT_TIMEOUT = 12,
  OO_STATUS_TLS_FAILED = 13,
  OO_STATUS_PROXY_FAILED = 14,
  OO_STATUS_OUT_OF_MEMORY = 15,
  OO_STATUS_FORKED_TOO_EARLY = 16,
  OO_STATUS_TIMEOUT = 20,
  OO_STATUS_CONNECTION_LOST = 21,
  OO_STATUS_BAD_RESPONSE = 22,
  OO_STATUS_HTTP_ERROR = 23,
  OO_STATUS_SERVER_ERROR = 24,
  OO_STATUS_NOT_AUTHENTICATED = 30,
  OO_STATUS_CLOCK_SKEW = 31,
  OO_STATUS_NOT_ALLOWED = 32,
  OO_STATUS_UNKNOWN_RECORD = 33,
  OO_STATUS_REJECTED = 34,
  OO_STATUS_OUTBOX_FAILED = 40,
  OO_STATUS_INTERNAL = 90,
} oo_status;

typedef enum oo_outbox_state {
  OO_OUTBOX_STATE_WAITING = 0,
  OO_OUTBOX_STATE_SENDING = 1,
  OO_OUTBOX_STATE_DOUBT = 2,
  OO_OUTBOX_STATE_FAILED = 3,
  OO_OUTBOX_STATE_CORRUPT = 4,
} oo_outbox_state;

typedef enum oo_outbox_in_doubt {
  OO_OUTBOX_IN_DOUBT_HOLD = 0,
  OO_OUTBOX_IN_DOUBT_RESEND = 1,
  OO_OUTBOX_IN_DOUBT_DROP = 2,
} oo_outbox_in_doubt;

typedef enum oo_outbox_reason {
  OO_OUTBOX_REASON_EXECUTED = 0,
  OO_OUTBOX_REASON_NOT_SENT = 1,
  OO_OUTBOX_REASON_GIVEN_UP = 2,
  OO_OUTBOX_REASON_REJECTED = 3,
  OO_OUTBOX_REASON_HELD = 4,
  OO_OUTBOX_REASON_RESENT = 5,
  OO_OUTBOX_REASON_DROPPED = 6,
  OO_OUTBOX_REASON_SUPERSEDED = 7,
  OO_OUTBOX_REASON_CORRUPT = 8,
  OO_OUTBOX_REASON_SENDER_DIED = 9,
  OO_OUTBOX_REASON_ABANDONED = 10,
  OO_OUTBOX_REASON_BUSY = 11,
} oo_outbox_reason;

typedef struct oo_client oo_client;

typedef struct oo_options oo_options;

typedef struct oo_outbox oo_outbox;

typedef struct oo_outbox_entries oo_outbox_entries;

typedef struct oo_outbox_report oo_outbox_report;

typedef struct oo_probe oo_probe;

typedef struct oo_request oo_request;

typedef struct oo_result oo_result;

typedef struct oo_results oo_results;

typedef struct oo_result_fields {
  int64_t id;
  const char *module;
  const char *message;
  size_t message_length;
  const char *body;
  size_t body_length;
  int32_t status;
  int32_t outcome;
  int32_t http_status;
  int32_t error_code;
} oo_result_fields;

const char *oo_version(void);

uint32_t oo_abi_version(void);

const char *oo_status_name(int32_t status);

oo_outcome oo_status_outcome(int32_t status);

int32_t oo_status_worst(int32_t first, int32_t second);

const char *oo_status_message(int32_t status);

oo_status oo_execute_webhooks(const char *module, int64_t id, oo_result **out_result);

oo_status oo_set_default_client(const oo_client *client);

oo_status oo_options_new(oo_options **out_options);

oo_status oo_options_from_env(oo_options **out_options);

oo_status oo_options_set_credentials(oo_options *options, const char *token, const char *secret);

oo_status oo_options_set_url(oo_options *options, const char *url);

oo_status oo_options_set_ca_file(oo_options *options, const char *path);

oo_status oo_options_set_proxy(oo_options *options, const char *url);

oo_status oo_options_set_connect_timeout_ms(oo_options *options, int64_t milliseconds);

oo_status oo_options_set_timeout_ms(oo_options *options, int64_t milliseconds);

const char *oo_options_message(const oo_options *options);

void oo_options_free(oo_options *options);

oo_status oo_client_new(const oo_options *options, oo_client **out_client);

oo_status oo_client_new_with(const char *token,
                             const char *secret,
                             const char *url,
                             const char *ca_file,
                             const char *proxy,
                             int64_t connect_timeout_ms,
                             int64_t timeout_ms,
                             oo_client **out_client);

oo_status oo_client_connect(const oo_client *client, int64_t timeout_ms);

oo_status oo_client_execute_webhooks(const oo_client *client,
                                     const char *module,
                                     int64_t id,
                                     oo_result **out_result);

oo_status oo_client_execute_and_read(const oo_client *client,
                                     const char *module,
                                     int64_t id,
                                     oo_result **out_result,
                                     size_t size,
                                     oo_result_fields *out_fields);

oo_status oo_client_execute_request(const oo_client *client,
                                    const oo_request *request,
                                    oo_results **out_results);

void oo_client_free(oo_client *client);

oo_status oo_client_probe(const oo_client *client, oo_probe **out_probe);

const char *oo_probe_message(const oo_probe *probe);

int32_t oo_probe_http_status(const oo_probe *probe);

int64_t oo_probe_clock_ahead(const oo_probe *probe);

const char *oo_probe_keep_alive(const oo_probe *probe);

void oo_probe_free(oo_probe *probe);

oo_status oo_request_new(oo_request **out_request);

oo_status oo_request_add(oo_request *request, const char *module, int64_t id);

oo_status oo_request_add_all(oo_request *request,
                             const char *module,
                             const int64_t *ids,
                             size_t count);

size_t oo_request_count(const oo_request *request);

oo_status oo_request_sign(oo_request *request, const oo_client *client, int64_t unix_seconds);

const char *oo_request_body(const oo_request *request, size_t *out_length);

const char *oo_request_message(const oo_request *request);

oo_status oo_request_parse_response(const oo_request *request,
                                    int32_t http_status,
                                    const char *body,
                                    size_t length,
                                    oo_results **out_results);

void oo_request_free(oo_request *request);

size_t oo_results_count(const oo_results *results);

const oo_result *oo_results_get(const oo_results *results, size_t index);

size_t oo_results_statuses(const oo_results *results, size_t count, int32_t *out_statuses);

const char *oo_results_messages(const oo_results *results, size_t *out_length);

void oo_results_free(oo_results *results);

oo_status oo_result_status(const oo_result *result);

oo_outcome oo_result_outcome(const oo_result *result);

const char *oo_result_module(const oo_result *result);

int64_t oo_result_id(const oo_result *result);

int32_t oo_result_http_status(const oo_result *result);

int32_t oo_result_error_code(const oo_result *result);

const char *oo_result_message(const oo_result *result);

const char *oo_result_body(const oo_result *result, size_t *out_length);

oo_status oo_result_read(const oo_result *result, size_t size, oo_result_fields *out_fields);

void oo_result_free(oo_result *result);

oo_status oo_outbox_open(const char *path, oo_outbox **out_outbox);

oo_status oo_outbox_set_fsync(oo_outbox *outbox, int32_t fsync);

oo_status oo_outbox_set_in_doubt(oo_outbox *outbox, int32_t in_doubt);

oo_status oo_outbox_put(oo_outbox *outbox, const char *module, int64_t id);

oo_status oo_outbox_drain(oo_outbox *outbox,
                          const oo_client *client,
                          int64_t max,
                          int64_t deadline_ms,
                          oo_outbox_report **out_report);

oo_status oo_outbox_count(oo_outbox *outbox, int32_t state, int64_t *out_count);

oo_status oo_outbox_list(oo_outbox *outbox,
                         int32_t state,
                         int64_t max,
                         oo_outbox_entries **out_entries);

oo_status oo_outbox_retry(oo_outbox *outbox, const char *module, int64_t id, int64_t since_ms);

oo_status oo_outbox_drop(oo_outbox *outbox, const char *module, int64_t id, int64_t since_ms);

const char *oo_outbox_message(const oo_outbox *outbox);

void oo_outbox_free(oo_outbox *outbox);

int64_t oo_outbox_report_count(const oo_outbox_report *report, int32_t reason);

int64_t oo_outbox_report_tried(const oo_outbox_report *report);

const char *oo_outbox_report_message(const oo_outbox_report *report);

void oo_outbox_report_free(oo_outbox_report *report);

size_t oo_outbox_entries_count(const oo_outbox_entries *entries);

const char *oo_outbox_entries_module(const oo_outbox_entries *entries, size_t index);

int64_t oo_outbox_entries_id(const oo_outbox_entries *entries, size_t index);

int64_t oo_outbox_entries_since_ms(const oo_outbox_entries *entries, size_t index);

int64_t oo_outbox_entries_due_ms(const oo_outbox_entries *entries, size_t index);

oo_status oo_outbox_entries_status(const oo_outbox_entries *entries, size_t index);

int32_t oo_outbox_entries_error_code(const oo_outbox_entries *entries, size_t index);

const char *oo_outbox_entries_message(const oo_outbox_entries *entries, size_t index);

void oo_outbox_entries_free(oo_outbox_entries *entries);
