#include "mock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define MAX_ARGUMENTS 32

const char *const mock_without_404[] = {"--unknown", "estate/404", "--unknown",    "address/404", "--unknown",
                                        "task/404",  "--unknown",  "calendar/404", NULL};

static void clear_environment(void)
{
    static const char *const names[] = {"ON_OFFICE_TOKEN",   "ON_OFFICE_SECRET", "ON_OFFICE_URL",
                                        "ON_OFFICE_CA_FILE", "ON_OFFICE_PROXY",  "ON_OFFICE_TIMEOUT_MS"};
    for (size_t index = 0; index < COUNT(names); index++)
        unsetenv(names[index]);
}

static void become_mock(const struct mock *mock, const char *const *arguments, int input, int output)
{
    const char *build = getenv("OO_WEBHOOKS_BUILD");
    char program[512];
    snprintf(program, sizeof program, "%s/bin/oo-webhooks", build ? build : BUILD);
    const char *argv[MAX_ARGUMENTS] = {program,       "mock",    "--control-port",     "0",        "--ca-file",
                                       mock->ca_file, "--quiet", "--exit-with-parent", "--strict", NULL};
    size_t count = 9;
    for (; arguments && *arguments && count < MAX_ARGUMENTS - 1; arguments++)
        argv[count++] = *arguments;
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    /* What a test preloads is meant for itself. */
    unsetenv("LD_PRELOAD");
    execv(program, (char *const *)argv);
    CHECK(0, "cannot run %s: %s; build it with make", program, strerror(errno));
}

void mock_start(struct mock *mock, const char *const *arguments)
{
    strcpy(mock->folder, "/tmp/oo-webhooks-mock-XXXXXX");
    CHECK(mkdtemp(mock->folder), "%s", strerror(errno));
    snprintf(mock->ca_file, sizeof mock->ca_file, "%s/ca.pem", mock->folder);
    clear_environment();
    /* Closed on exec, so that no program that a test starts keeps the mock alive. */
    int input[2], output[2];
    CHECK(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0, "%s", strerror(errno));
    fflush(stdout);
    mock->pid = fork();
    CHECK(mock->pid >= 0, "%s", strerror(errno));
    if (mock->pid == 0)
        become_mock(mock, arguments, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    mock->input = input[1];
    mock->url[0] = 0;
    mock->control_port = 0;

    FILE *lines = fdopen(output[0], "r");
    char line[256];
    int ca_file_written = 0;
    while (!(mock->url[0] && mock->control_port && ca_file_written) && fgets(line, sizeof line, lines)) {
        sscanf(line, "listening %127s", mock->url);
        sscanf(line, "control http://127.0.0.1:%d", &mock->control_port);
        ca_file_written |= strncmp(line, "ca-file ", 8) == 0;
    }
    CHECK(mock->url[0] && mock->control_port, "the mock does not say where it listens");
    fclose(lines);
}

void mock_stop(struct mock *mock)
{
    close(mock->input);
    waitpid(mock->pid, NULL, 0);
    unlink(mock->ca_file);
    rmdir(mock->folder);
}

void mock_environment(const struct mock *mock)
{
    setenv("ON_OFFICE_TOKEN", MOCK_TOKEN, 1);
    setenv("ON_OFFICE_SECRET", MOCK_SECRET, 1);
    setenv("ON_OFFICE_URL", mock->url, 1);
    setenv("ON_OFFICE_CA_FILE", mock->ca_file, 1);
}

static int connect_to_control_port(const struct mock *mock)
{
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)mock->control_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0, "control port: %s", strerror(errno));
    return connection;
}

static void send_all(int connection, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        /* SIGPIPE keeps its default, which ends the program, to show that the library raises none. */
        ssize_t sent = send(connection, text, left, MSG_NOSIGNAL);
        CHECK(sent > 0, "control port: %s", strerror(errno));
        text += sent;
        left -= (size_t)sent;
    }
}

/* The body of the control port's answer, which the caller frees. Ends the program unless the mock says 200. */
static char *ask(const struct mock *mock, const char *method, const char *path, const char *body)
{
    char head[256];
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
             method, path, strlen(body));
    int connection = connect_to_control_port(mock);
    send_all(connection, head);
    send_all(connection, body);
    size_t size = 0, room = 1 << 16;
    char *answer = malloc(room);
    for (ssize_t got; (got = read(connection, answer + size, room - size - 1)) > 0;) {
        size += (size_t)got;
        if (room - size < 1 << 14)
            answer = realloc(answer, room *= 2);
    }
    close(connection);
    answer[size] = 0;
    char *end_of_head = strstr(answer, "\r\n\r\n");
    CHECK(strncmp(answer, "HTTP/1.1 200", 12) == 0 && end_of_head, "%s %s %s: %s", method, path, body, answer);
    memmove(answer, end_of_head + 4, strlen(end_of_head + 4) + 1);
    return answer;
}

/* The number behind "name": in the JSON text up to `end`; the mock writes no spaces. */
static int64_t number(const char *json, const char *end, const char *name)
{
    char key[40];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(json, key);
    CHECK(found && (!end || found < end), "no %s in %.200s", name, json);
    return strtoll(found + strlen(key), NULL, 10);
}

size_t mock_ledger(const struct mock *mock, struct entry **out_entries)
{
    char *json = ask(mock, "GET", "/mock/ledger", "");
    size_t total = (size_t)number(json, NULL, "total");
    struct entry *entries = calloc(total + 1, sizeof *entries);
    const char *object = strchr(json, '[');
    for (size_t index = 0; index < total; index++) {
        object = strchr(object, '{');
        const char *end = strchr(object, '}');
        const char *module = strstr(object, "\"module\":\"");
        CHECK(module && module < end, "no module in %.200s", object);
        sscanf(module + 10, "%15[a-z]", entries[index].module);
        entries[index].id = number(object, end, "id");
        entries[index].connection = (long)number(object, end, "connection");
        object = end;
    }
    free(json);
    *out_entries = entries;
    return total;
}

const char *mock_executed(const struct mock *mock)
{
    static char executed[1 << 14] = "-";
    struct entry *entries;
    size_t total = mock_ledger(mock, &entries), length = 0;
    strcpy(executed, "-");
    for (size_t index = 0; index < total; index++) {
        length += (size_t)snprintf(executed + length, sizeof executed - length, "%s%s:%" PRId64, index > 0 ? "," : "",
                                   entries[index].module, entries[index].id);
        CHECK(length < sizeof executed, "too many records were executed for one line: %zu", total);
    }
    free(entries);
    return executed;
}

long mock_count(const struct mock *mock, const char *name)
{
    char *json = ask(mock, "GET", "/mock/counts", "");
    long count = (long)number(json, NULL, name);
    free(json);
    return count;
}

void mock_set_faults(const struct mock *mock, const char *faults)
{
    size_t size = strlen(faults) + sizeof "[]";
    char *list = malloc(size);
    snprintf(list, size, "[%s]", faults);
    free(ask(mock, "POST", "/mock/faults", list));
    free(list);
}

void mock_reset(const struct mock *mock)
{
    free(ask(mock, "POST", "/mock/reset", ""));
}

void mock_renew(const struct mock *mock)
{
    mock_reset(mock);
    free(ask(mock, "POST", "/mock/close-idle", ""));
}
