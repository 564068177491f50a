/* What a thread does at each signal, and which it blocks, to see that nobody changed it. */
#ifndef DISPOSITIONS_H
#define DISPOSITIONS_H

#include <signal.h>
#include <string.h>

struct dispositions {
    void (*handler[NSIG])(int);
    int flags[NSIG];
    int blocked[NSIG];
};

/* Not compared are the masks of the handlers: glibc gives back only their first bytes. */
static inline struct dispositions dispositions_now(void)
{
    struct dispositions now;
    memset(&now, 0, sizeof now);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < NSIG; number++) {
        now.blocked[number] = sigismember(&mask, number);
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0)
            continue;
        now.handler[number] = action.sa_handler;
        now.flags[number] = action.sa_flags;
    }
    return now;
}

static inline int dispositions_equal(const struct dispositions *one, const struct dispositions *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

#endif
