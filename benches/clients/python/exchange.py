"""The exchange as a user without the library writes it: each action signed as the API's page shows it."""

import base64
import hashlib
import hmac
import json
import time

TOKEN = "MockTokenMockTokenMockToken00001"
SECRET = b"MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"
ACTION_ID = "urn:onoffice-de-ns:smart:2.5:smartml:action:do"
RESOURCE_TYPE = "executeMarketplaceWebhooks"
HEADERS = {"Content-Type": "application/json"}


def request(records, first_id):
    timestamp = int(time.time())
    text = f"{timestamp}{TOKEN}{RESOURCE_TYPE}{ACTION_ID}".encode()
    actions = [
        {
            "actionid": ACTION_ID,
            "resourceid": str(first_id + index),
            "identifier": str(index),
            "resourcetype": RESOURCE_TYPE,
            "timestamp": timestamp,
            "hmac": base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode(),
            "hmac_version": "2",
            "parameters": {"module": "address"},
        }
        for index in range(records)
    ]
    return json.dumps({"token": TOKEN, "request": {"actions": actions}}).encode()


def check(answer, records):
    document = json.loads(answer)
    results = document["response"]["results"]
    executed = sum(result["data"]["records"][0]["elements"]["result"] == "success"
                   and result["status"]["errorcode"] == 0 for result in results)
    if document["status"]["errorcode"] != 0 or executed != records:
        raise RuntimeError("no success")
