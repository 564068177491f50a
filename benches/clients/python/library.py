"""The package, as its users have it."""

from oo_webhooks import Client, Options, Record


def caller(url, ca_file):
    client = Client(Options(
        token="MockTokenMockTokenMockToken00001",
        secret="MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001",
        url=url,
        ca_file=ca_file,
    ))

    def call(records, first_id):
        if records == 1:
            client.execute_webhooks("address", first_id)
        else:
            client.execute_all([Record("address", first_id + index) for index in range(records)])

    return call
