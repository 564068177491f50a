/* Stands for liboo_webhooks.so.1 of another version of the C API: nothing but the version may be called. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t oo_abi_version(void) { return 2; }

#define REFUSE(function)                                                       \
  void function(void);                                                         \
  void function(void) {                                                        \
    fprintf(stderr, #function " was called of a library that does not fit\n"); \
    abort();                                                                   \
  }

REFUSE(oo_version)
REFUSE(oo_status_name)
REFUSE(oo_status_outcome)
REFUSE(oo_status_worst)
REFUSE(oo_status_message)
REFUSE(oo_options_new)
REFUSE(oo_options_from_env)
REFUSE(oo_options_set_credentials)
REFUSE(oo_options_set_url)
REFUSE(oo_options_set_ca_file)
REFUSE(oo_options_set_proxy)
REFUSE(oo_options_set_connect_timeout_ms)
REFUSE(oo_options_set_timeout_ms)
REFUSE(oo_options_message)
REFUSE(oo_options_free)
REFUSE(oo_client_new)
REFUSE(oo_client_execute_webhooks)
REFUSE(oo_client_execute_request)
REFUSE(oo_client_free)
REFUSE(oo_request_new)
REFUSE(oo_request_add)
REFUSE(oo_request_count)
REFUSE(oo_request_sign)
REFUSE(oo_request_body)
REFUSE(oo_request_message)
REFUSE(oo_request_parse_response)
REFUSE(oo_request_free)
REFUSE(oo_results_count)
REFUSE(oo_results_get)
REFUSE(oo_results_free)
REFUSE(oo_result_status)
REFUSE(oo_result_outcome)
REFUSE(oo_result_module)
REFUSE(oo_result_id)
REFUSE(oo_result_http_status)
REFUSE(oo_result_error_code)
REFUSE(oo_result_message)
REFUSE(oo_result_body)
REFUSE(oo_result_free)
