/* The header needs nothing before it, and may come twice. Also compiled as C++. */
#include <oo_webhooks.h>
#include <oo_webhooks.h>

int header_alone(void);
int header_alone(void)
{
    return OO_STATUS_OK;
}
