/* Executes webhooks until its standard input ends, and writes a byte for each that was executed. With the
 * argument `once` it executes one. */
#include <errno.h>
#include <fcntl.h>
#include <oo_webhooks.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int is_over(void)
{
    char byte;
    return read(STDIN_FILENO, &byte, 1) == 0;
}

int main(int argc, char **argv)
{
    int once = argc == 2 && strcmp(argv[1], "once") == 0;

    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    for (int64_t id = 1;; id++) {
        oo_result *result;
        oo_status status = oo_execute_webhooks("task", id, &result);
        if (status != OO_STATUS_OK) {
            fprintf(stderr, "%s\n", oo_result_message(result));
            return 1;
        }
        oo_result_free(result);
        if (write(STDOUT_FILENO, ".", 1) != 1) {
            fprintf(stderr, "%s\n", strerror(errno));
            return 1;
        }
        if (once || is_over())
            return 0;
    }
}
