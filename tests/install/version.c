/* Ends well when the header found and the library found are of one version. */
#include <oo_webhooks.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("header %s, library %s\n", OO_WEBHOOKS_VERSION, oo_version());
    return strcmp(OO_WEBHOOKS_VERSION, oo_version()) != 0;
}
