/* A host for system_calls.py: it loads the library and uses it in phases, each of which it announces
 * by a system call that fails: access("/phase/<name>"). Every look at the environment is announced
 * too. It takes two URLs of a mock: one with an address, one with a name. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "mock.h"
#include "oo_webhooks.h"

#define FUNCTION(name) __typeof__(name) *name##_

static struct {
    FUNCTION(oo_options_new);
    FUNCTION(oo_options_from_env);
    FUNCTION(oo_options_set_credentials);
    FUNCTION(oo_options_set_url);
    FUNCTION(oo_options_set_ca_file);
    FUNCTION(oo_options_set_timeout_ms);
    FUNCTION(oo_options_free);
    FUNCTION(oo_client_new);
    FUNCTION(oo_client_execute_webhooks);
    FUNCTION(oo_client_free);
    FUNCTION(oo_execute_webhooks);
} library;

static int announce(const char *kind, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/%s/%s", kind, name);
    return access(path, F_OK);
}

static void phase(const char *name)
{
    announce("phase", name);
}

/* Stands before the C library's for every object of this process. */
char *getenv(const char *name)
{
    announce("getenv", name);
    size_t length = strlen(name);
    for (char **variable = environ; variable && *variable; variable++)
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
            return *variable + length + 1;
    return NULL;
}

static void find(void *handle, const char *name, void *out_function)
{
    void *function = dlsym(handle, name);
    CHECK(function, "%s", dlerror());
    memcpy(out_function, &function, sizeof function);
}

#define FIND(name) find(handle, #name, &library.name##_)

static void load(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(handle, "%s", dlerror());
    FIND(oo_options_new);
    FIND(oo_options_from_env);
    FIND(oo_options_set_credentials);
    FIND(oo_options_set_url);
    FIND(oo_options_set_ca_file);
    FIND(oo_options_set_timeout_ms);
    FIND(oo_options_free);
    FIND(oo_client_new);
    FIND(oo_client_execute_webhooks);
    FIND(oo_client_free);
    FIND(oo_execute_webhooks);
}

static oo_client *new_client(const char *url, const char *ca_file, int64_t timeout_ms)
{
    oo_options *options;
    library.oo_options_new_(&options);
    library.oo_options_set_credentials_(options, MOCK_TOKEN, MOCK_SECRET);
    library.oo_options_set_url_(options, url);
    library.oo_options_set_ca_file_(options, ca_file);
    library.oo_options_set_timeout_ms_(options, timeout_ms);
    oo_client *client;
    oo_status status = library.oo_client_new_(options, &client);
    CHECK(status == OO_STATUS_OK, "status %d", status);
    library.oo_options_free_(options);
    return client;
}

/* id 1 is executed; the mock never answers about id 2. */
static void call(const oo_client *client, int64_t id, oo_status expected)
{
    oo_status status = library.oo_client_execute_webhooks_(client, "address", id, NULL);
    CHECK(status == expected, "status %d", status);
}

int main(int argc, char **argv)
{
    CHECK(argc == 5, "give the library, a URL with an address, one with a name, and a CA file");
    phase("load");
    load(argv[1]);
    phase("new");
    oo_client *by_address = new_client(argv[2], argv[4], 30000);
    oo_client *by_name = new_client(argv[3], argv[4], 30000);
    oo_client *hasty = new_client(argv[2], argv[4], 100);
    phase("first");
    call(by_address, 1, OO_STATUS_OK);
    phase("kept");
    call(by_address, 1, OO_STATUS_OK);
    phase("first_by_name");
    call(by_name, 1, OO_STATUS_OK);
    phase("kept_by_name");
    call(by_name, 1, OO_STATUS_OK);
    phase("timeout");
    call(hasty, 2, OO_STATUS_TIMEOUT);
    phase("free");
    library.oo_client_free_(by_address);
    library.oo_client_free_(by_name);
    library.oo_client_free_(hasty);
    phase("environment");
    oo_status status = library.oo_execute_webhooks_("address", 1, NULL);
    CHECK(status == OO_STATUS_OK, "status %d", status);
    phase("environment_kept");
    status = library.oo_execute_webhooks_("address", 1, NULL);
    CHECK(status == OO_STATUS_OK, "status %d", status);
    phase("end");
    return 0;
}
