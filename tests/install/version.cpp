// As version.c, through the C++ layer.
#include <oo_webhooks.hpp>
#include <string_view>

int main()
{
    return std::string_view(OO_WEBHOOKS_VERSION) != oo_version();
}
