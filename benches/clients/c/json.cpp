#include "json.h"

#include <simdjson.h>

using namespace simdjson;

static_assert(JSON_PADDING >= SIMDJSON_PADDING);

static int executed(const char *text, size_t length, size_t capacity)
{
    static thread_local ondemand::parser parser;
    ondemand::document document = parser.iterate(text, length, capacity);
    if (document["status"]["errorcode"].get_int64() != 0)
        return -1;
    int executed = 0;
    for (auto found : document["response"]["results"].get_array()) {
        ondemand::object result = found.get_object();
        std::string_view said;
        for (auto record : result["data"]["records"].get_array())
            said = record["elements"]["result"].get_string();
        executed += said == "success" && result["status"]["errorcode"].get_int64() == 0;
    }
    return executed;
}

int json_all_executed(const char *text, size_t length, size_t capacity, int records)
{
    try {
        return executed(text, length, capacity) == records;
    } catch (const simdjson_error &) {
        return 0;
    }
}
