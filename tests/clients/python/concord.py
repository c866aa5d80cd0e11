"""Where the server is, and plain HTTP calls to it: the tests read back what the SDKs wrote without trusting the SDKs."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL = os.environ["CONCORD_URL"]
KEY = os.environ["CONCORD_API_KEY"]


def call(method, path, body=None, key=KEY, content_type="application/json", accept="application/json"):
    """One call: (status, parsed body). `body` may be bytes, sent as they are."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method)
    request.add_header("Authorization", "Bearer " + key)
    # urllib would make up a form's content type; an empty one is as good as none.
    request.add_header("Content-Type", content_type)
    request.add_header("Accept", accept)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, text = response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text) if text else None
    except ValueError:
        return status, text


def ok(method, path, body=None):
    """One call that must succeed."""
    status, answer = call(method, path, body)
    if not 200 <= status < 300:
        raise AssertionError("%s %s: %s %s" % (method, path, status, answer))
    return answer


def project_id(name):
    """The id of the one project of that name."""
    objects = ok("GET", "/v1/project?" + urllib.parse.urlencode({"project_name": name}))["objects"]
    assert len(objects) == 1, "%d projects named %r" % (len(objects), name)
    return objects[0]["id"]


def events(project, limit=1000):
    """All rows of the newest traces of a project, by id."""
    answer = ok("POST", "/v1/project_logs/%s/fetch" % project, {"limit": limit})
    return {event["id"]: event for event in answer["events"]}


def eventually(what, probe, timeout=15):
    """Calls `probe` until it returns something truthy."""
    end = time.monotonic() + timeout
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("not within %s s: %s; last: %r" % (timeout, what, found))
        time.sleep(0.05)


def unique(name):
    """A project name that no other test uses."""
    return "%s %s" % (name, uuid.uuid4().hex[:6])
