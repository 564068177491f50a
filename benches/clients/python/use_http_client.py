"""http.client, which is Python's own: a connection that is kept."""

import http.client
import ssl
import urllib.parse

from exchange import HEADERS, check, request


def caller(url, ca_file):
    parts = urllib.parse.urlsplit(url)
    context = ssl.create_default_context(cafile=ca_file)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=30, context=context)

    def call(records, first_id):
        connection.request("POST", parts.path, request(records, first_id), HEADERS)
        check(connection.getresponse().read(), records)

    return call
