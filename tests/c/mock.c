#define _POSIX_C_SOURCE 200809L

#include "mock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef BUILD
#error "BUILD names the folder that tools/stage filled"
#endif

static struct {
    pid_t process;
    int input;
    FILE *output;
    unsigned short control_port;
    char url[256];
    char ca_file[256];
} mock;

static char answer[1 << 20];
static char executed[1 << 18];

static void fail(const char *what)
{
    fprintf(stderr, "mock: %s: %s\n", what, strerror(errno));
    mock_stop();
    exit(99);
}

static void clear_environment(void)
{
    static const char *const names[] = {"ON_OFFICE_TOKEN",   "ON_OFFICE_SECRET", "ON_OFFICE_URL",
                                        "ON_OFFICE_CA_FILE", "ON_OFFICE_PROXY",  "ON_OFFICE_TIMEOUT_MS"};
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static void run(const int *input, const int *output)
{
    const char *program = getenv("OO_WEBHOOKS_BUILD") ? getenv("OO_WEBHOOKS_BUILD") : BUILD;
    char path[512];

    snprintf(path, sizeof path, "%s/bin/oo-webhooks", program);
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execl(path, path, "mock", "--port", "0", "--control-port", "0", "--ca-file", mock.ca_file, "--quiet",
          "--strict", "--exit-with-parent", "--unknown", "estate/404", "--unknown", "address/404", "--unknown",
          "task/404", "--unknown", "calendar/404", (char *)NULL);
    fprintf(stderr, "cannot start %s: %s\n", path, strerror(errno));
    _exit(99);
}

static void read_places(void)
{
    char line[512];

    while (mock.control_port == 0 || mock.url[0] == '\0') {
        if (fgets(line, sizeof line, mock.output) == NULL)
            fail("ended before it listened");
        sscanf(line, "listening %255s", mock.url);
        sscanf(line, "control http://127.0.0.1:%hu", &mock.control_port);
    }
}

void mock_start(void)
{
    int input[2], output[2];
    char path[] = "/tmp/oo_webhooks-ca-XXXXXX";
    int file = mkstemp(path);

    if (file < 0)
        fail("cannot make a temporary file");
    close(file);
    strcpy(mock.ca_file, path);
    alarm(300);
    clear_environment();
    if (pipe(input) != 0 || pipe(output) != 0)
        fail("cannot make pipes");
    fcntl(input[1], F_SETFD, FD_CLOEXEC);
    fcntl(output[0], F_SETFD, FD_CLOEXEC);
    mock.process = fork();
    if (mock.process == 0)
        run(input, output);
    if (mock.process < 0)
        fail("cannot fork");
    close(input[0]);
    close(output[1]);
    mock.input = input[1];
    mock.output = fdopen(output[0], "r");
    read_places();
}

void mock_stop(void)
{
    if (mock.process > 0) {
        close(mock.input);
        waitpid(mock.process, NULL, 0);
        fclose(mock.output);
        unlink(mock.ca_file);
        mock.process = 0;
    }
}

const char *mock_url(void)
{
    return mock.url;
}

const char *mock_ca_file(void)
{
    return mock.ca_file;
}

static int connect_to_control_port(void)
{
    struct sockaddr_in address;
    int connection = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(mock.control_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        fail("cannot reach the control port");
    return connection;
}

static void write_all(int connection, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        /* SIGPIPE keeps its default, which ends the program, to show that the library raises none. */
        ssize_t written = send(connection, text, left, MSG_NOSIGNAL);
        if (written <= 0)
            fail("cannot write to the control port");
        text += written;
        left -= (size_t)written;
    }
}

/* The body of the answer; ends the program unless the mock says 200. */
static const char *control(const char *method, const char *path, const char *body)
{
    char head[512];
    char *start;
    size_t length = 0;
    ssize_t got;
    int connection = connect_to_control_port();

    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %lu\r\n\r\n",
             method, path, (unsigned long)strlen(body));
    write_all(connection, head);
    write_all(connection, body);
    while (length < sizeof answer - 1
           && (got = read(connection, answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)got;
    close(connection);
    answer[length] = '\0';
    start = strstr(answer, "\r\n\r\n");
    if (start == NULL || strncmp(answer, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "%s %s %s\n%s\n", method, path, body, answer);
        fail("refused an order");
    }
    return start + 4;
}

void mock_reset(void)
{
    control("POST", "/mock/reset", "");
    control("POST", "/mock/close-idle", "");
}

void mock_faults(const char *faults)
{
    char body[4096];

    snprintf(body, sizeof body, "[%s]", faults);
    control("POST", "/mock/faults", body);
}

/* The value behind `"name":` in the JSON object that begins at `object`, which has no objects in it. */
static const char *field(const char *object, const char *name)
{
    char key[64];
    const char *found;

    snprintf(key, sizeof key, "\"%s\":", name);
    found = strstr(object, key);
    if (found == NULL)
        fail("a number is missing in its answer");
    return found + strlen(key);
}

const char *mock_executed(void)
{
    const char *entry = strstr(control("GET", "/mock/ledger", ""), "\"entries\":[");
    size_t length = 0;

    if (entry == NULL)
        fail("has no ledger");
    strcpy(executed, "-");
    for (entry = strchr(entry, '{'); entry != NULL; entry = strchr(entry + 1, '{')) {
        char module[16] = "";
        sscanf(field(entry, "module"), "\"%15[a-z]\"", module);
        length += (size_t)snprintf(executed + length, sizeof executed - length, "%s%s:%lld",
                                   length > 0 ? "," : "", module,
                                   strtoll(field(entry, "id"), NULL, 10));
    }
    return executed;
}

long mock_count(const char *name)
{
    return strtol(field(control("GET", "/mock/counts", ""), name), NULL, 10);
}
