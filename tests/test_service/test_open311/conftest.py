"""Reads every answer of the edge in both formats, against the schema of GeoReport and against each other."""

import json
from pathlib import Path
from urllib.parse import urlencode

import jsonschema
import pytest
from defusedxml.ElementTree import fromstring

SCHEMA = json.loads(Path(__file__).with_name("georeport.json").read_text(encoding="utf-8"))
LISTS = {"services", "attributes", "service_requests", "errors", "endpoints", "formats"}
ENDPOINT = "/open311/v2"


def check(content, name):
    jsonschema.validate(content, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
    return content


def flatten(element):
    """What XML says, in the shape of the JSON, with every value as text."""
    if element.tag in LISTS:
        return [flatten(child) for child in element]
    if len(element):
        return {child.tag: flatten(child) for child in element}
    return element.text


def as_text(content):
    """JSON with every value as XML writes it."""
    if isinstance(content, dict):
        return {name: as_text(value) for name, value in content.items()}
    if isinstance(content, list):
        return [as_text(value) for value in content]
    if content is None or isinstance(content, str):
        return content or None
    return json.dumps(content)


class Edge:
    """The edge of a client: calls are checked against the schema, and those that only read are sent in both formats."""

    def __init__(self, client):
        self.client = client

    def read(self, path, query=(), *, shape="service_requests", status=200, key="", headers=None):
        """What an address answers in JSON; the XML says the same."""
        asked = f"?{urlencode(dict(query))}" if query else ""
        base = path if path.startswith("/open311") else f"{ENDPOINT}/{path}"
        found = [self.client.get(f"{base}.{format_}{asked}", key=key, headers=headers) for format_ in ("json", "xml")]
        assert [answer.status_code for answer in found] == [status] * 2, found[0].text
        assert found[0].headers["content-type"] == "application/json; charset=utf-8"
        assert found[1].headers["content-type"] == "text/xml; charset=utf-8"
        assert found[1].content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        content = check(found[0].json(), "errors" if status >= 400 else shape)
        assert flatten(fromstring(found[1].content)) == as_text(content)
        return content

    def send(self, fields, *, status=201, format_="json", key="", headers=None, query=""):
        """What a report that is sent is answered with."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})}
        path = f"{ENDPOINT}/requests.{format_}{query}"
        answer = self.client.request("POST", path, key=key, content=body, headers=form)
        assert answer.status_code == status, answer.text
        if format_ == "xml":
            return flatten(fromstring(answer.content))
        return check(answer.json(), "errors" if status >= 400 else "created")

    def add(self, description, **fields):
        """The id of a report that is sent with the first key."""
        sent = {"api_key": self.client.key, "service_code": "auto", "description": description, **fields}
        return self.send(sent)[0]["service_request_id"]

    def publish(self, feedback_id, *, confirm=False):
        return self.client.post(f"/v1/feedback/{feedback_id}/publish", {"confirm": confirm})


@pytest.fixture
def edge(client):
    return Edge(client)


@pytest.fixture
def public_settings(settings):
    return settings.changed(open311_public="pengaduan,aspirasi")


@pytest.fixture
def public(run_service, public_settings):
    """An edge that shows complaints and wishes to everybody once they are published."""
    with run_service(public_settings) as client:
        yield Edge(client)
