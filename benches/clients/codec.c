/* Build and sign, and parse, with the library and without a connection. Orders on standard input:
 * "sign RECORDS TIMES" and "parse RECORDS TIMES"; each is answered by the nanoseconds of one time. */

#include "client.h"

#include <inttypes.h>
#include <oo_webhooks.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static oo_client *new_client(void)
{
    oo_options *options;
    oo_client *client;
    oo_options_new(&options);
    oo_options_set_credentials(options, "0123456789abcdef0123456789abcdef",
                               "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210");
    require(oo_client_new(options, &client) == OO_STATUS_OK, "no client");
    oo_options_free(options);
    return client;
}

static oo_request *new_request(const oo_client *client, int64_t records)
{
    oo_request *request;
    oo_request_new(&request);
    for (int64_t i = 0; i < records; i++)
        oo_request_add(request, "address", 15005 + i);
    require(oo_request_sign(request, client, 1700000000) == OO_STATUS_OK, "not signed");
    return request;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t sign(const oo_client *client, int64_t records, int64_t times)
{
    int64_t begin = now();
    for (int64_t i = 0; i < times; i++)
        oo_request_free(new_request(client, records));
    return now() - begin;
}

static int64_t parse(const oo_client *client, const char *folder, int64_t records, int64_t times)
{
    char name[64];
    long length;
    snprintf(name, sizeof name, "answer-%" PRId64 ".json", records);
    char *answer = read_file(folder, name, &length);
    oo_request *request = new_request(client, records);
    int64_t begin = now();
    for (int64_t i = 0; i < times; i++) {
        oo_results *results;
        oo_status status = oo_request_parse_response(request, 200, answer, (size_t)length, &results);
        require(status == OO_STATUS_OK, oo_result_message(oo_results_get(results, 0)));
        oo_results_free(results);
    }
    return now() - begin;
}

int main(int argc, char **argv)
{
    require(argc == 2, "usage: FOLDER");
    oo_client *client = new_client();
    char order[16];
    int64_t records, times;
    while (scanf("%15s %" SCNd64 " %" SCNd64, order, &records, &times) == 3) {
        int is_sign = strcmp(order, "sign") == 0;
        int64_t time = is_sign ? sign(client, records, times) : parse(client, argv[1], records, times);
        printf("%" PRId64 "\n", times ? time / times : 0);
        fflush(stdout);
    }
    oo_client_free(client);
    return 0;
}
