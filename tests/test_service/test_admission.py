"""Calls without a key: counted by address, and refused in the shape of the edge they came to."""

import asyncio

import httpx
import pytest
from defusedxml.ElementTree import fromstring

LIMIT = 3
EDGE = "/open311/v2"
HTML = {"Accept": "text/html,*/*"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(settings, run_service):
    with run_service(settings.changed(address_rate_per_minute=LIMIT, open311_public="pengaduan")) as started:
        yield started


def ask(client, path, host="192.0.2.1", method="GET", headers=None, **more):
    """A call without a key from an address."""

    async def send():
        transport = httpx.ASGITransport(client.app, client=(host, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://pilah.test") as asked:
            return await asked.request(method, path, headers=headers, **more)

    return client.loop.run_until_complete(send())


def use_up(client, host="192.0.2.1"):
    for _ in range(LIMIT):
        assert ask(client, "/readyz", host).status_code == 200


@pytest.mark.parametrize(
    "path", [f"{EDGE}/{name}" for name in ("services", "services/auto", "requests", "requests/x", "tokens/x")]
)
def test_open311_without_a_key_is_limited_in_its_own_shape(client, path):
    use_up(client)
    told = ask(client, f"{path}.json")
    assert told.status_code == 429
    assert told.headers["content-type"].startswith("application/json")
    assert [error["code"] for error in told.json()] == [429]
    assert 0 < int(told.headers["retry-after"]) <= 60
    written = ask(client, f"{path}.xml")
    assert (written.status_code, fromstring(written.content).findtext("error/code")) == (429, "429")
    assert int(written.headers["retry-after"]) > 0


def test_with_a_key_open311_counts_by_the_key(client):
    use_up(client)
    with_key = f"{EDGE}/requests.json?api_key={client.key}"
    assert [ask(client, with_key).status_code for _ in range(2 * LIMIT)] == [200] * 2 * LIMIT
    sent = {"service_code": "auto", "description": "lampu"}
    kept = ask(client, f"{EDGE}/requests.json", method="POST", headers=FORM, data={**sent, "api_key": client.key})
    assert kept.status_code == 201
    refused = ask(client, f"{EDGE}/requests.json", method="POST", headers=FORM, data=sent)
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)


def test_probes_that_come_too_often_are_a_problem(client):
    use_up(client)
    told = ask(client, "/readyz")
    assert (told.status_code, told.headers["content-type"]) == (429, "application/problem+json")
    assert told.json()["type"] == "/problems/too-many-calls"
    assert int(told.headers["retry-after"]) > 0
    # Whether the process lives costs nothing, and whoever restarts it must not be turned away.
    assert ask(client, "/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/masuk", "/problems", "/?lang=en"])
def test_who_opens_pages_too_often_is_told_on_a_page(client, path):
    use_up(client)
    told = ask(client, path, headers=HTML)
    assert (told.status_code, told.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert ("Wait a minute" if "en" in path else "Tunggu satu menit") in told.text
    assert int(told.headers["retry-after"]) > 0
    assert "default-src 'none'" in told.headers["content-security-policy"]


def test_what_was_typed_is_not_lost_by_a_form_sent_too_often(client):
    use_up(client)
    told = ask(client, "/", method="POST", headers={**FORM, **HTML}, data={"text": "lampu di Talawi"})
    assert told.status_code == 429
    assert "Tunggu satu menit" in told.text
    assert "lampu di Talawi" in told.text
    assert int(told.headers["retry-after"]) > 0


def test_addresses_are_counted_apart_and_keys_not_with_them(client):
    use_up(client)
    assert ask(client, "/readyz", "192.0.2.2").status_code == 200
    use_up(client, "2001:db8:0:1::1")
    assert ask(client, "/readyz", "2001:db8:0:1:2::9").status_code == 429
    assert ask(client, "/readyz", "2001:db8:0:2::1").status_code == 200
    key = {"Authorization": f"Bearer {client.key}"}
    assert ask(client, "/v1/feedback", headers=key).status_code == 200


def test_many_probes_at_once_are_one_write(client):
    async def ask_all():
        return await asyncio.gather(*(send(number) for number in range(100)))

    async def send(number):
        transport = httpx.ASGITransport(client.app, client=(f"192.0.2.{number}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://pilah.test") as asked:
            return await asked.get("/readyz")

    before = count_writes(client)
    assert {answer.status_code for answer in client.loop.run_until_complete(ask_all())} == {200}
    # Chores write a little meanwhile.
    assert count_writes(client) - before < 20


def count_writes(client):
    return client.context.metrics.registry.get_sample_value("pilah_commit_writes_sum")
