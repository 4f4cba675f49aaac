import gzip
import re

import pytest


def test_a_file_under_the_address_of_its_content_may_be_kept_for_ever(client):
    address = re.search(r'href="(/static/page\.css\?v=\w+)"', client.get("/", key="").text)[1]
    answer = client.get(address, key="", headers={"Accept-Encoding": "identity"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    plain = client.get("/static/page.css?v=older", key="")
    assert plain.headers["cache-control"] == "no-cache"
    again = client.get("/static/page.css", key="", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_travel_packed(client):
    answer = client.get("/static/vega.js", key="", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 400_000
    assert len(gzip.compress(answer.content)) < 400_000
    unpacked = client.get("/static/vega.js", key="", headers={"Accept-Encoding": "identity"})
    assert unpacked.content == answer.content


def test_charts_are_drawn_without_making_code_from_text(client):
    """The bundle brings the interpreter that `ast: true` needs."""
    bundle = client.get("/static/vega.js", key="").text
    assert "expressionInterpreter" in bundle
    assert "vegaEmbed" in bundle


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing", "/static/"])
def test_nothing_else_is_served(client, path):
    assert client.get(path, key="").status_code == 404
    assert client.post(path, key="").status_code in {404, 405}
