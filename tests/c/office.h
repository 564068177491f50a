/* Clients of the mock, as most tests need them. */
#ifndef OFFICE_H
#define OFFICE_H

#include "check.h"
#include "mock.h"

#include <oo_webhooks.h>

/* Options with the mock's URL, CA file and credentials; freed by the caller. */
static inline oo_options *office_options(void)
{
    oo_options *options;

    assert_int_equal(oo_options_new(&options), OO_STATUS_OK);
    assert_int_equal(oo_options_set_credentials(options, MOCK_TOKEN, MOCK_SECRET), OO_STATUS_OK);
    assert_int_equal(oo_options_set_url(options, mock_url()), OO_STATUS_OK);
    assert_int_equal(oo_options_set_ca_file(options, mock_ca_file()), OO_STATUS_OK);
    return options;
}

/* A client of the mock; freed by the caller. */
static inline oo_client *office_client(void)
{
    oo_options *options = office_options();
    oo_client *client;

    assert_int_equal(oo_client_new(options, &client), OO_STATUS_OK);
    oo_options_free(options);
    return client;
}

static inline int start_office(void **state)
{
    (void)state;
    mock_start();
    return 0;
}

static inline int stop_office(void **state)
{
    (void)state;
    mock_stop();
    return 0;
}

/* For each test: an empty ledger and no connection. */
static inline int tidy_office(void **state)
{
    (void)state;
    mock_reset();
    return 0;
}

#endif
