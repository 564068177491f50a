/* Generated from src/ and core/src/outcome.rs by make generate: change it there. */
/*
 * oo_webhooks: execute the marketplace webhooks of onOffice enterprise records from C and C++.
 *
 * When an app has created or changed an estate, address, task or calendar entry through the
 * onOffice API, the customer's marketplace webhooks do not run by themselves. One call does it:
 *
 *     oo_result *result;
 *     if (oo_execute_webhooks("address", 15005, &result) != OO_STATUS_OK)
 *       fprintf(stderr, "%s\n", oo_result_message(result));
 *     oo_result_free(result);
 *
 * Conventions. Every function keeps them, so its own text does not repeat them.
 *
 * Arguments    The handle it works on comes first, then what goes in, then out_ for what comes out.
 *              out_* is set to NULL at once and may be NULL itself, except where a function does
 *              nothing but make that handle. There are no in/out arguments and no half successes.
 * Text         In: NUL-terminated UTF-8, copied, refused when it is not UTF-8. Out: UTF-8, lent until
 *              the handle it came from is changed or freed.
 * Ownership    Whoever got a handle from _new or through out_ frees it, once, with the _free of its
 *              type. _free(NULL) does nothing. What is lent as const is not freed.
 * NULL         A handle that is NULL is refused with OO_STATUS_INVALID_ARGUMENT, or read as empty.
 * Threads      Each type says whether threads may share a handle. Functions without a handle may be
 *              called by any thread at any time.
 * Processes    The library may be used before and after fork, in parent and child. A child never
 *              touches a connection that its parent opened. Nothing happens when the library is
 *              loaded; it starts no thread, installs no signal handler and stays loaded once it is.
 * Errors       A status is returned and kept in the result; there is no error state elsewhere. The
 *              library prints nothing and does not abort; a defect in it is OO_STATUS_INTERNAL.
 * Numbers      Those of enums never change their meaning. Later versions may add some: treat a status
 *              that you do not know by its outcome.
 *
 * This is not an official onOffice product. Licence: MIT or Apache-2.0.
 */


#ifndef OO_WEBHOOKS_H
#define OO_WEBHOOKS_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; oo_version tells that of the library. */
#define OO_WEBHOOKS_VERSION "0.1.0"
#define OO_WEBHOOKS_VERSION_MAJOR 0
#define OO_WEBHOOKS_VERSION_MINOR 1
#define OO_WEBHOOKS_VERSION_PATCH 0

/** What the caller may do next. */
typedef enum oo_outcome {
  /** onOffice answered success: go on. */
  OO_OUTCOME_EXECUTED = 0,
  /** onOffice answered that it did not do it: fix the cause, a repeat is pointless. */
  OO_OUTCOME_REJECTED = 1,
  /** No byte of the request can have reached onOffice: retry freely. */
  OO_OUTCOME_NOT_SENT = 2,
  /** It may or may not have been executed: a repeat may execute the webhooks twice. */
  OO_OUTCOME_IN_DOUBT = 3,
} oo_outcome;

/**
 * What happened to a record, in groups of ten that share an outcome.
 *
 * The numbers are part of the ABI: they are never changed or used again for something else.
 */
typedef enum oo_status {
  /** onOffice executed the record's webhooks; for functions that send nothing: done. */
  OO_STATUS_OK = 0,
  /** The caller's mistake: an argument is NULL, not UTF-8, or used in a way that is not meant. */
  OO_STATUS_INVALID_ARGUMENT = 1,
  /** The caller's mistake: the module is not "estate", "address", "task" or "calendar". */
  OO_STATUS_INVALID_MODULE = 2,
  /** The caller's mistake: the record id is 0 or negative. */
  OO_STATUS_INVALID_ID = 3,
  /** The caller's mistake: a setting is out of its range, unreadable or not understood. */
  OO_STATUS_INVALID_OPTION = 4,
  /** The caller's mistake: no token and secret are set. */
  OO_STATUS_NOT_CONFIGURED = 5,
  /** Not sent: the host's name has no address or could not be looked up. */
  OO_STATUS_DNS_FAILED = 10,
  /** Not sent: no connection; refused, unreachable or reset. */
  OO_STATUS_CONNECT_FAILED = 11,
  /** Not sent: no connection, TLS handshake included, within the connect timeout. */
  OO_STATUS_CONNECT_TIMEOUT = 12,
  /** Not sent: the TLS handshake failed, as for a certificate that is not trusted. */
  OO_STATUS_TLS_FAILED = 13,
  /** Not sent: the proxy could not be reached or refused the tunnel. */
  OO_STATUS_PROXY_FAILED = 14,
  /** Not sent: there is not enough memory for the call. */
  OO_STATUS_OUT_OF_MEMORY = 15,
  /**
   * Not sent, and never by this process: it was forked while another thread made the first client. No call ends so
   * any more: nothing is left half made by a fork. The number stays what it is.
   */
  OO_STATUS_FORKED_TOO_EARLY = 16,
  /** In doubt: no whole answer within the timeout of the call. */
  OO_STATUS_TIMEOUT = 20,
  /** In doubt: the connection broke before a whole answer had come. */
  OO_STATUS_CONNECTION_LOST = 21,
  /** In doubt: an answer came that is not one of the API's, or contradicts itself or the request. */
  OO_STATUS_BAD_RESPONSE = 22,
  /** In doubt: an HTTP error status without an answer of the API, as from a gateway. */
  OO_STATUS_HTTP_ERROR = 23,
  /** In doubt: the API answered with an error that is not known to be decided before an execution. */
  OO_STATUS_SERVER_ERROR = 24,
  /** Rejected: token, secret, signature or address are not accepted. */
  OO_STATUS_NOT_AUTHENTICATED = 30,
  /** Rejected: the timestamp is more than 120 s from the server's clock. */
  OO_STATUS_CLOCK_SKEW = 31,
  /** Rejected: the API user may not do this. */
  OO_STATUS_NOT_ALLOWED = 32,
  /** Rejected: no such record, or no right to see it. */
  OO_STATUS_UNKNOWN_RECORD = 33,
  /** Rejected for another reason that is decided before an execution: see the error code and message. */
  OO_STATUS_REJECTED = 34,
  /** The outbox could not be read or written; nothing was sent. */
  OO_STATUS_OUTBOX_FAILED = 40,
  /** A defect of this library; whether bytes were sent is not known. */
  OO_STATUS_INTERNAL = 90,
} oo_status;

/** Where a record of an outbox is. */
typedef enum oo_outbox_state {
  /** It will be sent, now or after a pause. */
  OO_OUTBOX_STATE_WAITING = 0,
  /** It is being sent, or its sender died and no drain has seen it since. */
  OO_OUTBOX_STATE_SENDING = 1,
  /** It may or may not have been executed. It is held for a person, or until it is saved again. */
  OO_OUTBOX_STATE_DOUBT = 2,
  /** It was not executed and is not tried again, unless a person says so or it is saved again. */
  OO_OUTBOX_STATE_FAILED = 3,
  /** A file that is no record's, set aside; for oo_outbox_count only. */
  OO_OUTBOX_STATE_CORRUPT = 4,
} oo_outbox_state;

/** What becomes of a record that is in doubt. */
typedef enum oo_outbox_in_doubt {
  /** It is held for a person: executed at most once. */
  OO_OUTBOX_IN_DOUBT_HOLD = 0,
  /** It is sent again after a pause, for a day at most: executed at least once, perhaps twice. */
  OO_OUTBOX_IN_DOUBT_RESEND = 1,
  /** It is counted and forgotten: executed at most once, perhaps never. */
  OO_OUTBOX_IN_DOUBT_DROP = 2,
} oo_outbox_in_doubt;

/** Why records left their place, each counted by oo_outbox_report_count. */
typedef enum oo_outbox_reason {
  /** onOffice executed it. */
  OO_OUTBOX_REASON_EXECUTED = 0,
  /** Not a byte was sent; it waits for the next try. */
  OO_OUTBOX_REASON_NOT_SENT = 1,
  /** It was not sent for a day, and has failed. */
  OO_OUTBOX_REASON_GIVEN_UP = 2,
  /** onOffice refused it; it has failed, unless it was saved again meanwhile. */
  OO_OUTBOX_REASON_REJECTED = 3,
  /** It is in doubt and held for a person. */
  OO_OUTBOX_REASON_HELD = 4,
  /** It is in doubt and will be sent again, as the option says. */
  OO_OUTBOX_REASON_RESENT = 5,
  /** It is in doubt and forgotten, as the option says. */
  OO_OUTBOX_REASON_DROPPED = 6,
  /** It was in doubt or had failed, and a newer save made it wait again. */
  OO_OUTBOX_REASON_SUPERSEDED = 7,
  /** A file that is no record's, set aside. */
  OO_OUTBOX_REASON_CORRUPT = 8,
  /** Its sender had died while it was sending; counted under what became of it too. */
  OO_OUTBOX_REASON_SENDER_DIED = 9,
  /** A writer had died before its save; what it left was removed. */
  OO_OUTBOX_REASON_ABANDONED = 10,
  /** Somebody else was sending it; it stayed where it was. */
  OO_OUTBOX_REASON_BUSY = 11,
} oo_outbox_reason;

/**
 * Credentials and settings, ready to execute webhooks. Making one is cheap and opens nothing:
 * connections belong to the process, outlive every client, and are shared by clients with the
 * same URL, CA file, proxy and timeouts, whatever their credentials are.
 *
 * Made by oo_client_new, freed by oo_client_free. Any number of threads may use it at a time; it is
 * freed when none does. It goes on working in a forked child, with connections of the child's own.
 */
typedef struct oo_client oo_client;

/**
 * What a client is made of: credentials and settings. Every setter copies what it is given and
 * checks it at once. A setting that was refused stays refused until it is set right: no client is
 * made before, so it is enough to look at the status of oo_client_new.
 *
 * Made by oo_options_new or oo_options_from_env, freed by oo_options_free, used by one thread at a
 * time. One may make any number of clients, which do not change with it afterwards.
 */
typedef struct oo_options oo_options;

/**
 * A folder in which records wait until their webhooks are executed: a save puts its record there in
 * microseconds, and oo_outbox_drain, in this process or another, executes what is due. Repeated saves
 * of a record become one call. docs/outbox-format.md describes the files.
 *
 * Made by oo_outbox_open, freed by oo_outbox_free, used by one thread at a time. Making one is cheap:
 * any number of threads and processes may each have their own of the same folder.
 */
typedef struct oo_outbox oo_outbox;

/**
 * Records of an outbox in one state, the oldest first. They do not change with the outbox.
 *
 * Given by oo_outbox_list, freed by oo_outbox_entries_free, used by one thread at a time.
 */
typedef struct oo_outbox_entries oo_outbox_entries;

/**
 * What one oo_outbox_drain did.
 *
 * Given by oo_outbox_drain, freed by oo_outbox_report_free, used by one thread at a time.
 */
typedef struct oo_outbox_report oo_outbox_report;

/**
 * What a doctor learns of the way to the API.
 *
 * Given by oo_client_probe, freed by oo_probe_free, used by one thread at a time.
 */
typedef struct oo_probe oo_probe;

/**
 * Records to execute in one HTTP exchange, one action each.
 *
 * oo_client_execute_request sends it. A caller with an HTTP client of its own signs it instead, sends
 * the body by POST as application/json, and has the answer parsed.
 *
 * Made by oo_request_new, freed by oo_request_free. Any number of threads may read it at a time,
 * which executing and parsing do; adding and signing take it for one thread.
 */
typedef struct oo_request oo_request;

/**
 * What is known about one record after a call. It never changes; the text it lends is valid until
 * it is freed.
 *
 * Given by oo_execute_webhooks, oo_client_execute_webhooks and oo_client_execute_and_read, and then freed by
 * oo_result_free; or borrowed from an oo_results, and then freed with it. Used by one thread at a time.
 */
typedef struct oo_result oo_result;

/**
 * The results of a request, one a record, in the order in which the records were added.
 *
 * Given by oo_client_execute_request and oo_request_parse_response, freed by oo_results_free, used
 * by one thread at a time.
 */
typedef struct oo_results oo_results;

/**
 * The fields of a result, as oo_result_read writes them. Later versions may have more of them behind the last
 * one; none is moved or removed.
 */
typedef struct oo_result_fields {
  /** As oo_result_id. */
  int64_t id;
  /** As oo_result_module. */
  const char *module;
  /** As oo_result_message, message_length bytes before its NUL. */
  const char *message;
  /** The length of the message; 0 when it is NULL. */
  size_t message_length;
  /** As oo_result_body, body_length bytes before its NUL. */
  const char *body;
  /** The length of the body; 0 when it is NULL. */
  size_t body_length;
  /** A number of oo_status. */
  int32_t status;
  /** A number of oo_outcome. */
  int32_t outcome;
  /** As oo_result_http_status. */
  int32_t http_status;
  /** As oo_result_error_code. */
  int32_t error_code;
} oo_result_fields;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/** The version of the library as "major.minor.patch". */
const char *oo_version(void);

/**
 * The version of the C API, 1 for this header. A caller that loads the library at run time
 * compares it first; another number means that the header does not describe the library.
 */
uint32_t oo_abi_version(void);

/**
 * The status's name in lower case without prefix, such as "connect_failed"; "unknown" for a
 * number that is none. Static: never freed.
 */
const char *oo_status_name(int32_t status);

/** What the caller may do after this status; OO_OUTCOME_IN_DOUBT for a number that is none. */
oo_outcome oo_status_outcome(int32_t status);

/**
 * Which of two statuses needs more attention: in doubt before rejected, rejected before not sent,
 * not sent before executed. Within an outcome it is the first. A number that is no status counts as
 * in doubt, and is returned as it is.
 */
int32_t oo_status_worst(int32_t first, int32_t second);

/**
 * What the status means and what to do about it, in one line; for calls that give no result to
 * ask. Static: never freed.
 */
const char *oo_status_message(int32_t status);

/**
 * Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.
 *
 * module is "estate", "address", "task" or "calendar"; id is the record number, 1 or more. The
 * default client is used, which the first call makes from the environment (see oo_options_from_env)
 * unless oo_set_default_client was called before. Any number of threads may call at a time.
 *
 * A result is given on every path, refused arguments included, unless out_result is NULL; its
 * status is the one returned. Free it with oo_result_free.
 *
 * Only OO_STATUS_OK means executed. Every other status has one of the outcomes rejected, not sent
 * and in doubt; in doubt means that a repeat may execute the webhooks a second time, which may cost
 * money. The library itself repeats a request only when not a byte of it was sent.
 */
oo_status oo_execute_webhooks(const char *module,
                              int64_t id,
                              oo_result **out_result);

/**
 * Makes a copy of the client the process's default, for all threads and, until it sets one of its
 * own, for a forked child. It stays the default even if a first call reads the environment at that
 * moment. NULL goes back to the environment, which is read anew on the next use.
 *
 * Long-lived hosts that serve several tenants, such as PHP-FPM, use a client of their own instead:
 * the default outlives a request.
 */
oo_status oo_set_default_client(const oo_client *client);

/**
 * Options with the defaults, without credentials.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when out_options is NULL.
 */
oo_status oo_options_new(oo_options **out_options);

/**
 * Options from the environment: ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE,
 * ON_OFFICE_PROXY and ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.
 *
 * The options are given even when a variable is refused or the credentials are missing:
 * oo_options_message then names the variable, and a setter can still put it right.
 *
 * Errors: OO_STATUS_INVALID_OPTION for a variable that is refused, OO_STATUS_NOT_CONFIGURED without
 * credentials, OO_STATUS_INVALID_ARGUMENT when out_options is NULL.
 */
oo_status oo_options_from_env(oo_options **out_options);

/**
 * The token and the secret of an API user. Both are zeroed when the last handle that has them is freed.
 *
 * Errors: OO_STATUS_INVALID_OPTION when either is empty, OO_STATUS_INVALID_ARGUMENT when it is NULL or
 * not UTF-8. Their lengths, 32 and 64 characters, are not checked, but named when onOffice rejects them.
 */
oo_status oo_options_set_credentials(oo_options *options,
                                     const char *token,
                                     const char *secret);

/**
 * The URL of the API; the default is `https://api.onoffice.de/api/stable/api.php`.
 *
 * Errors: OO_STATUS_INVALID_OPTION unless it begins with https://, or with http:// and a loopback host.
 */
oo_status oo_options_set_url(oo_options *options,
                             const char *url);

/**
 * A PEM file of certificate authorities to trust instead of the bundled ones, or "system" for the
 * file of those that the system trusts. It is read at once; a later change of the file is not seen.
 *
 * Errors: OO_STATUS_INVALID_OPTION when it cannot be found or read, or holds no certificate.
 */
oo_status oo_options_set_ca_file(oo_options *options, const char *path);

/**
 * A proxy that is asked for a tunnel: `http://host:port` or `http://user:password@host:port`. The
 * default is none; HTTPS_PROXY and the like are not read.
 *
 * Errors: OO_STATUS_INVALID_OPTION unless it begins with http:// or https://.
 */
oo_status oo_options_set_proxy(oo_options *options, const char *url);

/**
 * The time for TCP connection and TLS handshake together, in milliseconds; the default is 5000.
 * oo_options_set_timeout_ms bounds it too.
 *
 * Errors: OO_STATUS_INVALID_OPTION outside 1 to 86400000.
 */
oo_status oo_options_set_connect_timeout_ms(oo_options *options, int64_t milliseconds);

/**
 * The time for a whole call, in milliseconds; the default is 30000. Looking up the host's name is
 * the one part that it cannot cut short: the system's resolver has time limits of its own.
 *
 * Errors: OO_STATUS_INVALID_OPTION outside 1 to 86400000.
 */
oo_status oo_options_set_timeout_ms(oo_options *options, int64_t milliseconds);

/**
 * Why oo_client_new would refuse these options as they are now, in one line that names the setting
 * and the cure; NULL when it would take them. Valid until the options are changed or freed.
 */
const char *oo_options_message(const oo_options *options);

/** Frees the options and zeroes their credentials. NULL is ignored. */
void oo_options_free(oo_options *options);

/**
 * A client of these options, which stay the caller's.
 *
 * Errors: OO_STATUS_NOT_CONFIGURED without credentials; the status of the first setting that was
 * refused and not set right since, which oo_options_message explains; OO_STATUS_INVALID_ARGUMENT
 * when an argument is NULL.
 */
oo_status oo_client_new(const oo_options *options, oo_client **out_client);

/**
 * A client of these settings: as oo_options_new, its setters and oo_client_new, for callers whose calls into C are
 * dear. Text that is NULL and a time of 0 milliseconds leave a setting as it is by default.
 *
 * Errors: the status of the first setting that is refused, as of its setter; the same by oo_options has the message
 * that explains it. OO_STATUS_NOT_CONFIGURED when token and secret are NULL, OO_STATUS_INVALID_ARGUMENT when one of
 * them or out_client is.
 */
oo_status oo_client_new_with(const char *token,
                             const char *secret,
                             const char *url,
                             const char *ca_file,
                             const char *proxy,
                             int64_t connect_timeout_ms,
                             int64_t timeout_ms,
                             oo_client **out_client);

/**
 * Opens a connection ahead, in the caller's thread, so that the next call pays no handshake: while a record
 * is being saved, say. OO_STATUS_OK when the process keeps one that waits for a call of a client with these
 * settings; one that waited already is enough. Nothing of a request is sent. A server may close a
 * connection that waits for long; the next call then opens one as if this had not been called.
 *
 * timeout_ms milliseconds are enough for it, 0 for the client's connect timeout, which it never exceeds.
 *
 * Errors: OO_STATUS_DNS_FAILED, OO_STATUS_CONNECT_FAILED, OO_STATUS_CONNECT_TIMEOUT, OO_STATUS_TLS_FAILED,
 * OO_STATUS_PROXY_FAILED and OO_STATUS_OUT_OF_MEMORY as for a call that is not sent;
 * OO_STATUS_INVALID_ARGUMENT when client is NULL or timeout_ms is negative.
 */
oo_status oo_client_connect(const oo_client *client,
                            int64_t timeout_ms);

/**
 * Executes the webhooks of one record and waits for the answer, as oo_execute_webhooks does, with
 * this client.
 */
oo_status oo_client_execute_webhooks(const oo_client *client,
                                     const char *module,
                                     int64_t id,
                                     oo_result **out_result);

/**
 * Executes the webhooks of one record and reads the result: as oo_client_execute_webhooks and then oo_result_read,
 * for callers whose calls into C are dear. The text in out_fields is lent by the result, which the caller frees; where
 * no result is given, the fields have the status that is returned, and module, message and body are NULL.
 *
 * Errors: as of those two; OO_STATUS_INVALID_ARGUMENT, and nothing is executed, when out_result or out_fields is NULL
 * or size is too small, in which case nothing is written to out_fields.
 */
oo_status oo_client_execute_and_read(const oo_client *client,
                                     const char *module,
                                     int64_t id,
                                     oo_result **out_result,
                                     size_t size,
                                     oo_result_fields *out_fields);

/**
 * Executes the webhooks of all records of a request in one exchange. The request is signed for
 * this call; what oo_request_sign made of it is neither used nor changed.
 *
 * Gives one result a record, in the order in which they were added, whatever the status is; NULL
 * when client or request is NULL or the request has no record. Returns the status that most needs
 * attention: in doubt before rejected, rejected before not sent, not sent before executed.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when client or request is NULL or the request has no record;
 * otherwise as oo_execute_webhooks.
 */
oo_status oo_client_execute_request(const oo_client *client,
                                    const oo_request *request,
                                    oo_results **out_results);

/** Frees the client and zeroes its credentials. Its connections stay with the process. NULL is ignored. */
void oo_client_free(oo_client *client);

/**
 * Asks the API's server for a page, without credentials, and waits for the answer as a call does: nothing is
 * executed. For programs that say what is wrong with a set-up.
 *
 * OO_STATUS_OK when the server answered, whatever it answered.
 *
 * Errors: the statuses of a call that is not sent or in doubt, with a probe whose message says why;
 * OO_STATUS_INVALID_ARGUMENT when client is NULL and OO_STATUS_OUT_OF_MEMORY, without one.
 */
oo_status oo_client_probe(const oo_client *client,
                          oo_probe **out_probe);

/** Why the server did not answer, in one line; empty when it did, NULL for NULL. */
const char *oo_probe_message(const oo_probe *probe);

/** The answer's HTTP status; 0 without an answer, and for NULL. */
int32_t oo_probe_http_status(const oo_probe *probe);

/**
 * Seconds by which this machine's clock is ahead of the server's, which its Date header tells; negative when
 * it is behind. INT64_MIN when the server did not tell, and for NULL. The API refuses a difference of 120 s.
 */
int64_t oo_probe_clock_ahead(const oo_probe *probe);

/** What the server says of keeping connections, such as `timeout=60`; NULL when it does not say, and for NULL. */
const char *oo_probe_keep_alive(const oo_probe *probe);

/** Frees the probe. NULL is ignored. */
void oo_probe_free(oo_probe *probe);

/**
 * A request without a record yet.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when out_request is NULL.
 */
oo_status oo_request_new(oo_request **out_request);

/**
 * Adds a record; a request takes 500, each once. What was signed before is void. A record that is
 * refused leaves the request as it was.
 *
 * Errors: OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID below 1; OO_STATUS_INVALID_ARGUMENT when an
 * argument is NULL or not UTF-8, the record is in the request already, or the request is full.
 */
oo_status oo_request_add(oo_request *request,
                         const char *module,
                         int64_t id);

/**
 * Adds records of one module, count of them in this order, as oo_request_add does one: for callers whose calls
 * into C are dear. Where one is refused, none is added, and the request is as it was.
 *
 * Errors: as oo_request_add; OO_STATUS_INVALID_ARGUMENT when ids is NULL.
 */
oo_status oo_request_add_all(oo_request *request,
                             const char *module,
                             const int64_t *ids,
                             size_t count);

/** The number of records; 0 for NULL. */
size_t oo_request_count(const oo_request *request);

/**
 * Signs the request with the client's credentials for a time in Unix seconds. onOffice accepts it
 * within 120 s of that time, so sign just before sending, and anew for every try: each time the actions
 * get labels that no other request has, by which oo_request_parse_response knows their results.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when an argument is NULL, the request has no record, or the
 * time is negative; OO_STATUS_OUT_OF_MEMORY; OO_STATUS_NOT_CONFIGURED where the system gives no random
 * numbers.
 */
oo_status oo_request_sign(oo_request *request,
                          const oo_client *client,
                          int64_t unix_seconds);

/**
 * The signed JSON to send, *out_length bytes of it (out_length may be NULL), followed by a NUL; NULL
 * when the request is not signed. It holds the token. Valid until the request is changed or freed.
 */
const char *oo_request_body(const oo_request *request,
                            size_t *out_length);

/**
 * Why the last oo_request_add, oo_request_add_all or oo_request_sign was refused, in one line that names the
 * thing and the cure; NULL when it was not. Valid until the request is changed or freed.
 */
const char *oo_request_message(const oo_request *request);

/**
 * Understands the answer to this request: its HTTP status and its body of length bytes, decompressed,
 * which need not end with a NUL. The body may be NULL when length is 0. Call it only with a whole
 * answer; without one the outcome is in doubt, if anything was sent.
 *
 * Gives one result a record and returns the status that most needs attention, as
 * oo_client_execute_request does.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT, and no results, when the request is NULL or has no record, or
 * the body is NULL and length is not 0, or http_status is outside 100 to 999.
 */
oo_status oo_request_parse_response(const oo_request *request,
                                    int32_t http_status,
                                    const char *body,
                                    size_t length,
                                    oo_results **out_results);

/** Frees the request and zeroes what was signed. NULL is ignored. */
void oo_request_free(oo_request *request);

/** The number of results, which is the number of the request's records; 0 for NULL. */
size_t oo_results_count(const oo_results *results);

/**
 * The result at an index from 0, borrowed: valid until results is freed and not freed itself. NULL
 * for an index that is not below the count.
 */
const oo_result *oo_results_get(const oo_results *results, size_t index);

/**
 * Writes the statuses of the first count results into out_statuses, numbers of oo_status in the order of the
 * records, so that a caller whose calls into C are dear learns them all with one. Returns how many it wrote:
 * fewer than count where there are not so many results, and none when an argument is NULL.
 */
size_t oo_results_statuses(const oo_results *results,
                           size_t count,
                           int32_t *out_statuses);

/**
 * The messages of all results, one a line in the order of the records, so that a caller whose calls into C are
 * dear reads them with one: *out_length bytes, which may be NULL, without a line feed behind the last line. Valid
 * until results is freed. NULL when results is NULL, or there is not enough memory.
 */
const char *oo_results_messages(const oo_results *results,
                                size_t *out_length);

/** Frees the results, those borrowed from it too. NULL is ignored. */
void oo_results_free(oo_results *results);

/** What happened. A status of 1 to 9 was the caller's mistake, as it is when result is NULL. */
oo_status oo_result_status(const oo_result *result);

/** What the caller may do next; the outcome of its status. */
oo_outcome oo_result_outcome(const oo_result *result);

/** The record's module; NULL when the call was refused because it is unknown. Static: never freed. */
const char *oo_result_module(const oo_result *result);

/** The record's id, as it was given; 0 when result is NULL. */
int64_t oo_result_id(const oo_result *result);

/** The HTTP status of the answer; 0 when none came. */
int32_t oo_result_http_status(const oo_result *result);

/** onOffice's error code; 0 when it gave none. */
int32_t oo_result_error_code(const oo_result *result);

/**
 * One line of UTF-8 for a log: the record, what happened, the cause and the cure. Never a token or
 * a secret. NULL only when result is NULL.
 */
const char *oo_result_message(const oo_result *result);

/**
 * The answer as received, decompressed, for all records of its request; NULL when no whole answer
 * came. It is whatever a server sent: treat it so. A NUL follows it that *out_length, which may be
 * NULL, does not count.
 */
const char *oo_result_body(const oo_result *result, size_t *out_length);

/**
 * Writes all fields of a result at once, for callers whose calls into C are dear. size is
 * sizeof(oo_result_fields) as the caller was compiled: a caller with an older header gets the fields that it
 * knows, and one with a newer header finds 0 and NULL in the fields that this library does not know.
 *
 * The text is lent, as by the functions that give one field.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT, and nothing is written, when an argument is NULL or size is smaller
 * than in the first version that had this function.
 */
oo_status oo_result_read(const oo_result *result,
                         size_t size,
                         oo_result_fields *out_fields);

/** Frees a result that was given, not one borrowed from an oo_results. NULL is ignored. */
void oo_result_free(oo_result *result);

/**
 * Opens the outbox in a folder, which must exist; what is missing in it is made, for the folder's
 * owner, group and mode. The path is UTF-8.
 *
 * The outbox is given even when it cannot be opened: oo_outbox_message then says why, and every call
 * with it fails alike.
 *
 * Errors: OO_STATUS_OUTBOX_FAILED when the folder is missing, is no folder, cannot be written, or is of
 * a later version; OO_STATUS_INVALID_ARGUMENT when an argument is NULL or the path is not UTF-8.
 */
oo_status oo_outbox_open(const char *path,
                         oo_outbox **out_outbox);

/**
 * Whether saves, and what is about to be sent, are flushed to the disk before they count: 1 or 0; the
 * default is 0. Without it the outbox survives the death of any process; only when the whole machine
 * dies may the saves of the last seconds be lost, and what was sent in them be sent again.
 *
 * Errors: OO_STATUS_INVALID_OPTION unless it is 0 or 1.
 */
oo_status oo_outbox_set_fsync(oo_outbox *outbox,
                              int32_t fsync);

/**
 * What oo_outbox_drain does with a record that is in doubt, one of oo_outbox_in_doubt; the default is
 * OO_OUTBOX_IN_DOUBT_HOLD.
 *
 * Errors: OO_STATUS_INVALID_OPTION for a number that is none of them.
 */
oo_status oo_outbox_set_in_doubt(oo_outbox *outbox,
                                 int32_t in_doubt);

/**
 * Saves that a record is to be executed: after the app's own save, instead of waiting for onOffice. It
 * takes one new file and one rename. A record that waits already stays one.
 *
 * Errors: OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID below 1; OO_STATUS_INVALID_ARGUMENT when an
 * argument is NULL or not UTF-8; OO_STATUS_OUTBOX_FAILED when it is not saved: oo_outbox_message names
 * the cause, such as a full disk, and the cure, and nothing is half-written.
 */
oo_status oo_outbox_put(oo_outbox *outbox,
                        const char *module,
                        int64_t id);

/**
 * Executes what is due, one record at a time and the longest due first, and settles each: executed,
 * it is gone; not sent, it waits for a pause; rejected, it has failed; in doubt, it is held, or as
 * oo_outbox_set_in_doubt says. Any number of threads and processes may drain a folder at a time; no
 * record is sent by two of them at once. What was left by one that died while sending is in doubt.
 *
 * At most max records are sent, 0 for no limit. After deadline_ms milliseconds, 0 for no limit, no
 * sending is begun; one that has begun ends within its own timeout. The drain ends early when
 * the network, onOffice or the credentials fail, since the next record would fare alike: wait before the
 * next drain.
 *
 * A report is given on every path but that of refused arguments. Returns OO_STATUS_OK when nothing more
 * was due or a limit was reached; the status of the result after which it ended early; or
 * OO_STATUS_OUTBOX_FAILED when a file could not be moved, which says nothing about records that were
 * sent: the report does.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when outbox or client is NULL, or max or deadline_ms is negative.
 */
oo_status oo_outbox_drain(oo_outbox *outbox,
                          const oo_client *client,
                          int64_t max,
                          int64_t deadline_ms,
                          oo_outbox_report **out_report);

/**
 * How many records are in a state, one of oo_outbox_state; with OO_OUTBOX_STATE_CORRUPT how many files
 * were set aside. Every file name is read for it.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when an argument is NULL or the state is unknown;
 * OO_STATUS_OUTBOX_FAILED.
 */
oo_status oo_outbox_count(oo_outbox *outbox,
                          int32_t state,
                          int64_t *out_count);

/**
 * The records in a state, one of oo_outbox_state but corrupt, the oldest first, max of them at most, 0
 * for no limit.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when outbox is NULL, the state is unknown or max is negative;
 * OO_STATUS_OUTBOX_FAILED.
 */
oo_status oo_outbox_list(oo_outbox *outbox,
                         int32_t state,
                         int64_t max,
                         oo_outbox_entries **out_entries);

/**
 * Has a record that is in doubt or has failed sent again by the next drain. A record that was in doubt
 * and had been executed is executed twice by that.
 *
 * since_ms is that of oo_outbox_entries_since_ms: a record that got into its state at another time is not
 * the one that was looked at, and is refused. 0 takes it as it is.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when it is neither in doubt nor failed, is being sent, or is not as
 * it was, and for arguments that are NULL or not UTF-8; OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID;
 * OO_STATUS_OUTBOX_FAILED.
 */
oo_status oo_outbox_retry(oo_outbox *outbox,
                          const char *module,
                          int64_t id,
                          int64_t since_ms);

/**
 * Has a record that waits, is in doubt or has failed forgotten: it is not executed. since_ms as for
 * oo_outbox_retry.
 *
 * Errors: OO_STATUS_INVALID_ARGUMENT when it is not there, is being sent, or is not as it was; otherwise
 * as oo_outbox_retry.
 */
oo_status oo_outbox_drop(oo_outbox *outbox,
                         const char *module,
                         int64_t id,
                         int64_t since_ms);

/**
 * Why the last call with the outbox failed, in one line that names the thing and the cure; NULL when it
 * did not. Valid until the next call with the outbox.
 */
const char *oo_outbox_message(const oo_outbox *outbox);

/** Frees the outbox; the records stay in their folder. NULL is ignored. */
void oo_outbox_free(oo_outbox *outbox);

/**
 * How many records, or files, are counted for a reason, one of oo_outbox_reason; 0 for a number that is
 * none, and for NULL.
 */
int64_t oo_outbox_report_count(const oo_outbox_report *report,
                               int32_t reason);

/**
 * How many records were sent, or tried to be; 0 for NULL. When it is 0 and oo_outbox_drain returned
 * OO_STATUS_OK, nothing was due.
 */
int64_t oo_outbox_report_tried(const oo_outbox_report *report);

/** Why the drain ended early, in one line; NULL when it did not, and for NULL. */
const char *oo_outbox_report_message(const oo_outbox_report *report);

/** Frees the report. NULL is ignored. */
void oo_outbox_report_free(oo_outbox_report *report);

/** The number of entries; 0 for NULL. */
size_t oo_outbox_entries_count(const oo_outbox_entries *entries);

/**
 * The module of the record at an index from 0; NULL for an index that is not below the count. Static:
 * never freed.
 */
const char *oo_outbox_entries_module(const oo_outbox_entries *entries,
                                     size_t index);

/** The id of the record at an index from 0; 0 for an index that is not below the count. */
int64_t oo_outbox_entries_id(const oo_outbox_entries *entries, size_t index);

/**
 * When the record got into its state, in Unix milliseconds; while it waits, when it was last saved or
 * first tried in vain, whichever was later. 0 for an index that is not below the count.
 */
int64_t oo_outbox_entries_since_ms(const oo_outbox_entries *entries,
                                   size_t index);

/** When the record is due, in Unix milliseconds; 0 when it does not wait. */
int64_t oo_outbox_entries_due_ms(const oo_outbox_entries *entries, size_t index);

/** The status of the last try; OO_STATUS_OK before the first, and for an index that is not below the count. */
oo_status oo_outbox_entries_status(const oo_outbox_entries *entries,
                                   size_t index);

/** onOffice's error code in the last try; 0 when there was none. */
int32_t oo_outbox_entries_error_code(const oo_outbox_entries *entries, size_t index);

/**
 * One line about the last try, never with a token or a secret; empty before the first. NULL for an index
 * that is not below the count. Valid until the entries are freed.
 */
const char *oo_outbox_entries_message(const oo_outbox_entries *entries,
                                      size_t index);

/** Frees the entries. NULL is ignored. */
void oo_outbox_entries_free(oo_outbox_entries *entries);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OO_WEBHOOKS_H */
