/* Secrets: when every handle that had them is freed, the memory of the process holds neither the
 * secret nor the token, nor the key that HMAC makes of the secret.
 *
 * The test itself keeps both only masked, and looks for 16 bytes of them at a time, so that what is
 * left of a copy that was partly overwritten counts too. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "check.h"
#include "client.h"
#include "mock.h"
#include "oo_webhooks.h"

#define PIECE 16 /* bytes of a secret that are looked for together */
#define MASK 0x99

/* A made-up token or secret. */
struct masked {
    const char *name;
    size_t length;
    unsigned char text[64];
};

static struct masked token = {"the token", 32, {0}};
static struct masked secret = {"the secret", 64, {0}};

static struct mock mock;

static void make_up(struct masked *masked)
{
    CHECK(getrandom(masked->text, masked->length, 0) == (ssize_t)masked->length, "%s", strerror(errno));
    for (size_t index = 0; index < masked->length; index++)
        masked->text[index] = (unsigned char)("0123456789abcdef"[masked->text[index] % 16] ^ MASK);
}

/* The plain text, which the caller wipes. */
static void unmask(const struct masked *masked, char plain[65])
{
    for (size_t index = 0; index < masked->length; index++)
        plain[index] = (char)(masked->text[index] ^ MASK);
    plain[masked->length] = 0;
}

/* The memory of the process is copied piece by piece into a window that is itself left out. */
#define WINDOW (1 << 20)
static unsigned char *window;

static int holds(const unsigned char *memory, size_t size, const unsigned char *masked, unsigned char mask)
{
    for (const unsigned char *at = memory; (at = memchr(at, masked[0] ^ mask, size - (size_t)(at - memory))); at++) {
        if (size - (size_t)(at - memory) < PIECE)
            return 0;
        size_t same = 1;
        while (same < PIECE && at[same] == (masked[same] ^ mask))
            same++;
        if (same == PIECE)
            return 1;
    }
    return 0;
}

/* The number of places that hold a piece of it, each of which is told if asked for; `as` is XORed to every byte. */
static int places(const struct masked *masked, unsigned char as, const char *what, int tell)
{
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    CHECK(maps && memory >= 0, "%s", strerror(errno));
    char line[512];
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) != 3 || rights[0] != 'r' || strstr(line, "[v"))
            continue;
        if (start <= (unsigned long)window && (unsigned long)window < end)
            continue;
        for (unsigned long at = start; at < end; at += WINDOW - PIECE) {
            size_t size = end - at < WINDOW ? end - at : WINDOW;
            ssize_t got = pread(memory, window, size, (off_t)at);
            for (size_t piece = 0; got > 0 && piece + PIECE <= masked->length; piece += PIECE)
                if (holds(window, (size_t)got, masked->text + piece, MASK ^ as)) {
                    if (tell)
                        fprintf(stderr, "# %s%s, bytes from %zu, is in %s", masked->name, what, piece, line);
                    found++;
                }
        }
    }
    close(memory);
    fclose(maps);
    return found;
}

static void expect_gone(void)
{
    int found = places(&secret, 0, "", 1);
    /* HMAC-SHA256 of a key of 64 bytes: the key XOR 0x36 and XOR 0x5c are its two pads. */
    found += places(&secret, 0x36, " as the inner pad", 1);
    found += places(&secret, 0x5c, " as the outer pad", 1);
    found += places(&token, 0, "", 1);
    CHECK(found == 0, "%d places", found);
}

static oo_client *client_with_masked_credentials(const char *url)
{
    oo_options *options = options_for(&mock);
    char plain_token[65], plain_secret[65];
    unmask(&token, plain_token);
    unmask(&secret, plain_secret);
    oo_options_set_credentials(options, plain_token, plain_secret);
    explicit_bzero(plain_token, sizeof plain_token);
    explicit_bzero(plain_secret, sizeof plain_secret);
    oo_options_set_url(options, url);
    oo_client *client;
    CHECK(oo_client_new(options, &client) == OO_STATUS_OK, "%s", oo_options_message(options));
    oo_options_free(options);
    return client;
}

/* The search finds what is there: a test that could not fail would prove nothing. */
static void a_secret_in_use_is_found(void)
{
    oo_client *client = client_with_masked_credentials(mock.url);
    CHECK(places(&secret, 0, "", 0) > 0, "not found");
    CHECK(places(&token, 0, "", 0) > 0, "not found");
    oo_client_free(client);
    expect_gone();
}

static void gone_after_calls(void)
{
    oo_client *client = client_with_masked_credentials(mock.url);
    for (int id = 1; id <= 10; id++)
        execute(client, id);
    oo_client_free(client);
    expect_gone();
}

static void gone_after_a_request_of_500(void)
{
    oo_client *client = client_with_masked_credentials(mock.url);
    oo_request *request;
    oo_request_new(&request);
    for (int id = 1; id <= 500; id++)
        oo_request_add(request, "task", id);
    oo_results *results;
    CHECK(oo_client_execute_request(client, request, &results) == OO_STATUS_OK, "not executed");
    oo_results_free(results);
    oo_request_free(request);
    oo_client_free(client);
    expect_gone();
}

static void gone_after_signing(void)
{
    oo_client *client = client_with_masked_credentials(mock.url);
    oo_request *request;
    oo_request_new(&request);
    oo_request_add(request, "task", 1);
    CHECK(oo_request_sign(request, client, 1700000000) == OO_STATUS_OK, "%s", oo_request_message(request));
    CHECK(oo_request_sign(request, client, 1700000001) == OO_STATUS_OK, "%s", oo_request_message(request));
    oo_request_free(request);
    oo_client_free(client);
    expect_gone();
}

static void gone_after_calls_that_fail(void)
{
    static const char *const faults[] = {
        /* First, while there is no kept connection. */
        "{\"kind\":\"close_on_accept\"}",
        "{\"kind\":\"drop_in_body\",\"after\":10,\"how\":\"reset\"}",
        "{\"kind\":\"drop_after_executing\"}",
        "{\"kind\":\"error_code\",\"code\":137}",
        "{\"kind\":\"html\"}",
        "{\"kind\":\"delay\",\"ms\":60000}",
    };
    for (size_t fault = 0; fault < sizeof faults / sizeof *faults; fault++) {
        mock_set_faults(&mock, faults[fault]);
        oo_options *options = options_for(&mock);
        char plain_token[65], plain_secret[65];
        unmask(&token, plain_token);
        unmask(&secret, plain_secret);
        oo_options_set_credentials(options, plain_token, plain_secret);
        explicit_bzero(plain_token, sizeof plain_token);
        explicit_bzero(plain_secret, sizeof plain_secret);
        oo_options_set_timeout_ms(options, 200);
        oo_client *client;
        CHECK(oo_client_new(options, &client) == OO_STATUS_OK, "%s", oo_options_message(options));
        oo_options_free(options);
        oo_result *result;
        CHECK(oo_client_execute_webhooks(client, "task", 1, &result) != OO_STATUS_OK, "%s", faults[fault]);
        oo_result_free(result);
        oo_client_free(client);
        expect_gone();
    }
    mock_set_faults(&mock, "");
}

static void *call_once(void *client)
{
    execute(client, 1);
    return NULL;
}

/* glibc keeps the stack of a thread that ended for the next one. */
static void gone_after_calls_of_threads(void)
{
    oo_client *client = client_with_masked_credentials(mock.url);
    pthread_t threads[8];
    for (int index = 0; index < 8; index++)
        CHECK(pthread_create(&threads[index], NULL, call_once, client) == 0, "no thread");
    for (int index = 0; index < 8; index++)
        pthread_join(threads[index], NULL);
    oo_client_free(client);
    expect_gone();
}

/* The environment is the host's: here it is wiped too. */
static void gone_after_the_default_client(void)
{
    static char token_variable[128] = "ON_OFFICE_TOKEN=", secret_variable[128] = "ON_OFFICE_SECRET=";
    unmask(&token, token_variable + strlen(token_variable));
    unmask(&secret, secret_variable + strlen(secret_variable));
    putenv(token_variable);
    putenv(secret_variable);
    setenv("ON_OFFICE_URL", mock.url, 1);
    setenv("ON_OFFICE_CA_FILE", mock.ca_file, 1);
    oo_result *result;
    oo_execute_webhooks("address", 1, &result);
    CHECK(is_answer_to(result, 1), "%s", oo_result_message(result));
    oo_result_free(result);
    unsetenv("ON_OFFICE_TOKEN");
    unsetenv("ON_OFFICE_SECRET");
    explicit_bzero(token_variable, sizeof token_variable);
    explicit_bzero(secret_variable, sizeof secret_variable);
    CHECK(oo_set_default_client(NULL) == OO_STATUS_OK, "refused");
    expect_gone();
}

/* Without TLS the request passes through other buffers. */
static void gone_after_calls_over_plain_http(void)
{
    struct mock plain;
    char plain_token[65], plain_secret[65];
    unmask(&token, plain_token);
    unmask(&secret, plain_secret);
    mock_start(&plain, (const char *[]){"--http", "--token", plain_token, "--secret", plain_secret, NULL});
    explicit_bzero(plain_token, sizeof plain_token);
    explicit_bzero(plain_secret, sizeof plain_secret);
    oo_client *client = client_with_masked_credentials(plain.url);
    for (int id = 1; id <= 10; id++)
        execute(client, id);
    oo_client_free(client);
    expect_gone();
    mock_stop(&plain);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(a_secret_in_use_is_found),
        TEST(gone_after_signing),
        TEST(gone_after_calls),
        TEST(gone_after_a_request_of_500),
        TEST(gone_after_calls_that_fail),
        TEST(gone_after_calls_of_threads),
        TEST(gone_after_the_default_client),
        TEST(gone_after_calls_over_plain_http),
    };
    window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    make_up(&token);
    make_up(&secret);
    char plain_token[65], plain_secret[65];
    unmask(&token, plain_token);
    unmask(&secret, plain_secret);
    mock_start(&mock, (const char *[]){"--token", plain_token, "--secret", plain_secret, NULL});
    explicit_bzero(plain_token, sizeof plain_token);
    explicit_bzero(plain_secret, sizeof plain_secret);
    int failed = run_tests(tests, COUNT(tests), NULL, argc, argv);
    mock_stop(&mock);
    return failed;
}
