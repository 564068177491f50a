/* libcurl as its users have it: an easy handle a thread, used again for every call. */

#include "client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct caller {
    CURL *handle;
    size_t length;
    char answer[16 * 1024];
};

static size_t take(char *piece, size_t size, size_t count, void *argument)
{
    caller *caller = argument;
    size_t length = size * count;
    require(caller->length + length < sizeof caller->answer, "the answer is too long");
    memcpy(caller->answer + caller->length, piece, length);
    caller->length += length;
    return length;
}

caller *caller_new(const target *target)
{
    static struct curl_slist *headers;
    if (headers == NULL) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        headers = curl_slist_append(NULL, "Content-Type: application/json");
    }
    /* Another file of authorities: to see what a large one costs. */
    const char *bundle = getenv("BENCH_CA_BUNDLE");
    caller *caller = calloc(1, sizeof *caller);
    caller->handle = curl_easy_init();
    curl_easy_setopt(caller->handle, CURLOPT_URL, target->url);
    curl_easy_setopt(caller->handle, CURLOPT_CAINFO, bundle ? bundle : target->ca_file);
    curl_easy_setopt(caller->handle, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(caller->handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(caller->handle, CURLOPT_POSTFIELDS, target->request);
    curl_easy_setopt(caller->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(caller->handle, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl_easy_setopt(caller->handle, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(caller->handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(caller->handle, CURLOPT_WRITEDATA, caller);
    return caller;
}

void caller_call(caller *caller)
{
    caller->length = 0;
    CURLcode code = curl_easy_perform(caller->handle);
    require(code == CURLE_OK, curl_easy_strerror(code));
    caller->answer[caller->length] = '\0';
    require(strstr(caller->answer, "\"result\":\"success\"") != NULL, "no success");
}
