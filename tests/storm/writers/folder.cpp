// A writer of the storm: saves in a folder, through the C++ layer.
#include "diary.h"

#include <oo_webhooks.hpp>
#include <optional>

int main(int argc, char **argv)
{
    if (argc != 7)
        return 2;
    diary diary = diary_open(argv);
    std::optional<oo::Outbox> outbox;
    while (diary.saves > 0) {
        const std::int64_t id = diary_record(&diary);
        bool saved = false;
        diary_note(&diary, "begin", id);
        try {
            if (!outbox)
                outbox.emplace(argv[1]);
            outbox->put("estate", id);
            saved = true;
        } catch (const oo::OutboxError &) {
            // The disk is full, perhaps.
        }
        diary_note(&diary, saved ? "saved" : "refused", id);
        diary.saves -= saved;
        diary_pause(&diary);
    }
}
