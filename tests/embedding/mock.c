#include "mock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

const char *const MOCK_TOKEN = "MockTokenMockTokenMockToken00001";
const char *const MOCK_SECRET = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001";

#define MAX_ARGUMENTS 32

static void become_mock(const struct mock *mock, const char *const *arguments, int input, int output) {
  const char *build = getenv("OO_WEBHOOKS_BUILD");
  char program[512];
  snprintf(program, sizeof program, "%s/bin/oo-webhooks", build ? build : DEFAULT_BUILD);
  const char *argv[MAX_ARGUMENTS] = {program,          "mock",      "--control-port",     "0",      "--ca-file",
                                     mock->ca_file,    "--quiet",   "--exit-with-parent", "--strict", NULL};
  size_t count = 9;
  for (; arguments && *arguments && count < MAX_ARGUMENTS - 1; arguments++)
    argv[count++] = *arguments;
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  /* What a test preloads or sets is meant for itself. */
  unsetenv("LD_PRELOAD");
  unsetenv("ON_OFFICE_TOKEN");
  unsetenv("ON_OFFICE_SECRET");
  execv(program, (char *const *)argv);
  CHECK(0, "cannot run %s: %s; build it with make", program, strerror(errno));
}

void mock_start(struct mock *mock, const char *const *arguments) {
  strcpy(mock->folder, "/tmp/oo-webhooks-embedding-XXXXXX");
  CHECK(mkdtemp(mock->folder), "%s", strerror(errno));
  snprintf(mock->ca_file, sizeof mock->ca_file, "%s/ca.pem", mock->folder);
  int input[2], output[2];
  CHECK(pipe(input) == 0 && pipe(output) == 0, "%s", strerror(errno));
  fflush(stdout);
  mock->pid = fork();
  CHECK(mock->pid >= 0, "%s", strerror(errno));
  if (mock->pid == 0) {
    close(input[1]);
    close(output[0]);
    become_mock(mock, arguments, input[0], output[1]);
  }
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

void mock_stop(struct mock *mock) {
  close(mock->input);
  waitpid(mock->pid, NULL, 0);
  unlink(mock->ca_file);
  rmdir(mock->folder);
}

void mock_environment(const struct mock *mock) {
  setenv("ON_OFFICE_TOKEN", MOCK_TOKEN, 1);
  setenv("ON_OFFICE_SECRET", MOCK_SECRET, 1);
  setenv("ON_OFFICE_URL", mock->url, 1);
  setenv("ON_OFFICE_CA_FILE", mock->ca_file, 1);
}

/* The body of the control port's answer, which the caller frees. */
static char *ask(const struct mock *mock, const char *method, const char *path, const char *body) {
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)mock->control_port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  CHECK(connect(socket_, (struct sockaddr *)&address, sizeof address) == 0, "control port: %s", strerror(errno));
  dprintf(socket_, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", method, path,
          strlen(body), body);
  size_t size = 0, room = 1 << 16;
  char *answer = malloc(room);
  for (ssize_t got; (got = read(socket_, answer + size, room - size - 1)) > 0;) {
    size += (size_t)got;
    if (room - size < 1 << 14)
      answer = realloc(answer, room *= 2);
  }
  close(socket_);
  answer[size] = 0;
  char *end_of_head = strstr(answer, "\r\n\r\n");
  CHECK(strncmp(answer, "HTTP/1.1 200", 12) == 0 && end_of_head, "%s %s: %s", method, path, answer);
  memmove(answer, end_of_head + 4, strlen(end_of_head + 4) + 1);
  return answer;
}

/* The number behind "name": in the JSON text up to `end`; the mock writes no spaces. */
static int64_t number(const char *json, const char *end, const char *name) {
  char key[40];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *found = strstr(json, key);
  CHECK(found && (!end || found < end), "no %s in %.200s", name, json);
  return strtoll(found + strlen(key), NULL, 10);
}

size_t mock_ledger(const struct mock *mock, struct entry **out_entries) {
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

long mock_count(const struct mock *mock, const char *name) {
  char *json = ask(mock, "GET", "/mock/counts", "");
  long count = (long)number(json, NULL, name);
  free(json);
  return count;
}

void mock_set_faults(const struct mock *mock, const char *json) { free(ask(mock, "POST", "/mock/faults", json)); }

void mock_reset(const struct mock *mock) { free(ask(mock, "POST", "/mock/reset", "")); }
