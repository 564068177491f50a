/* A writer of the storm: saves in a folder, through the C API. */
#include "diary.h"

#include <oo_webhooks.h>

int main(int argc, char **argv)
{
    struct diary diary;
    oo_outbox *outbox = NULL;

    if (argc != 7)
        return 2;
    diary = diary_open(argv);
    while (diary.saves > 0) {
        int64_t id = diary_record(&diary);
        int saved;

        if (outbox == NULL && oo_outbox_open(argv[1], &outbox) != OO_STATUS_OK) {
            /* The disk is full, perhaps. */
            oo_outbox_free(outbox);
            outbox = NULL;
            diary_pause(&diary);
            continue;
        }
        diary_note(&diary, "begin", id);
        saved = oo_outbox_put(outbox, "estate", id) == OO_STATUS_OK;
        diary_note(&diary, saved ? "saved" : "refused", id);
        diary.saves -= saved;
        diary_pause(&diary);
    }
    oo_outbox_free(outbox);
    return 0;
}
