/* libcurl as its users have it: an easy handle a thread, used again for every call; each action signed as the
 * API's page shows it, with OpenSSL; the answer read by simdjson. */

#include "client.h"
#include "json.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROOM = 64 * 1024 };

struct caller {
    CURL *handle;
    size_t length;
    char request[ROOM], answer[ROOM];
};

static size_t take(char *piece, size_t size, size_t count, void *argument)
{
    caller *caller = argument;
    size_t length = size * count;
    require(caller->length + length < sizeof caller->answer - JSON_PADDING, "the answer is too long");
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
        headers = curl_slist_append(headers, "Expect:");
    }
    caller *caller = calloc(1, sizeof *caller);
    caller->handle = curl_easy_init();
    curl_easy_setopt(caller->handle, CURLOPT_URL, target->url);
    curl_easy_setopt(caller->handle, CURLOPT_CAINFO, target->ca_file);
    curl_easy_setopt(caller->handle, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(caller->handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(caller->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(caller->handle, CURLOPT_CONNECTTIMEOUT_MS, 30000L);
    curl_easy_setopt(caller->handle, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(caller->handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(caller->handle, CURLOPT_WRITEDATA, caller);
    return caller;
}

static void sign(long timestamp, char out_hmac[64])
{
    char text[256];
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length;
    int size = sprintf(text, "%ld" TOKEN RESOURCE_TYPE ACTION_ID, timestamp);
    HMAC(EVP_sha256(), SECRET, strlen(SECRET), (unsigned char *)text, (size_t)size, hash, &length);
    EVP_EncodeBlock((unsigned char *)out_hmac, hash, (int)length);
}

static void write_request(caller *caller, int records, int first_id)
{
    long timestamp = (long)time(NULL);
    char *end = caller->request + sprintf(caller->request, "{\"token\":\"" TOKEN "\",\"request\":{\"actions\":[");
    for (int i = 0; i < records; i++) {
        char hmac[64];
        sign(timestamp, hmac);
        end +=
            sprintf(end,
                    "%s{\"actionid\":\"" ACTION_ID "\",\"resourceid\":\"%d\",\"identifier\":\"%d\","
                    "\"resourcetype\":\"" RESOURCE_TYPE "\",\"timestamp\":%ld,\"hmac\":\"%s\",\"hmac_version\":\"2\","
                    "\"parameters\":{\"module\":\"" MODULE "\"}}",
                    i ? "," : "", first_id + i, i, timestamp, hmac);
    }
    strcpy(end, "]}}");
}

void caller_call(caller *caller, int records, int first_id)
{
    write_request(caller, records, first_id);
    curl_easy_setopt(caller->handle, CURLOPT_POSTFIELDS, caller->request);
    caller->length = 0;
    CURLcode code = curl_easy_perform(caller->handle);
    require(code == CURLE_OK, curl_easy_strerror(code));
    require(json_all_executed(caller->answer, caller->length, sizeof caller->answer, records), "no success");
}

void caller_connect(caller *caller)
{
    (void)caller;
    require(0, "an easy handle opens no connection ahead of a call");
}

void caller_sign(caller *caller, int records)
{
    write_request(caller, records, FIRST_ID);
}

void caller_parse(caller *caller, int records)
{
    static int prepared;
    if (prepared != records) {
        caller_sign(caller, records);
        char *answer = answer_to(caller->request);
        caller->length = strlen(answer);
        memcpy(caller->answer, answer, caller->length);
        free(answer);
        prepared = records;
    }
    require(json_all_executed(caller->answer, caller->length, sizeof caller->answer, records), "no success");
}
