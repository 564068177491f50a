"""pycurl: a handle that is kept."""

import io

import pycurl
from exchange import check, request


def caller(url, ca_file):
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CAINFO, ca_file)
    handle.setopt(pycurl.PROXY, "")
    handle.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json", "Expect:"])
    handle.setopt(pycurl.CONNECTTIMEOUT, 5)
    handle.setopt(pycurl.TIMEOUT, 30)

    def call(records, first_id):
        answer = io.BytesIO()
        handle.setopt(pycurl.POSTFIELDS, request(records, first_id))
        handle.setopt(pycurl.WRITEDATA, answer)
        handle.perform()
        check(answer.getvalue(), records)

    return call
