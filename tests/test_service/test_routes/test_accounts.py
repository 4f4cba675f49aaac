"""``/v1/accounts``: made, changed, never left without an admin."""

import pytest
from sqlalchemy import select

from service.tables import account, ledger

PERSON = {"login": "petugas.1", "name": "Petugas", "password": "gerimis di atas rel tua", "role": "triage"}


def read(client, query):
    return client.loop.run_until_complete(
        client.context.reader.read(lambda connection: connection.execute(query).mappings().all())
    )


def test_an_account_is_made_listed_and_changed_with_an_entry_for_each(client):
    made = client.post("/v1/accounts", {**PERSON, "scopes": ["oversight"]})
    assert made.status_code == 201
    again = client.post("/v1/accounts", PERSON)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/name-taken")
    changed = client.request("PATCH", f"/v1/accounts/{made.json()['id']}", json={"name": "Petugas Dua", "scopes": []})
    assert (changed.json()["name"], changed.json()["scopes"]) == ("Petugas Dua", [])
    client.request("PATCH", "/v1/accounts/petugas.1", json={"name": "Petugas Dua"})
    assert client.get("/v1/accounts").json()["accounts"] == [changed.json()]
    assert read(client, select(account.c.password))[0]["password"].startswith("$argon2id$")
    entries = read(client, select(ledger).where(ledger.c.type.like("account.%")).order_by(ledger.c.number))
    assert [entry["type"] for entry in entries] == ["account.made", "account.changed"]
    assert not any("Petugas" in entry["content"] or "argon2" in entry["content"] for entry in entries)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"password": "pendek"}, "#/password"),
        ({"password": "Petugas.1 petugas"}, "#/password"),
        ({"password": "PasswordPassword1!"}, "#/password"),
        ({"password": "aaaaaaaaaaaab"}, "#/password"),
        ({"password": "123456789012345678"}, "#/password"),
        ({"login": "Petugas"}, "#/login"),
        ({"login": "ab"}, "#/login"),
        ({"role": "liaison"}, "#/agency"),
        ({"agency": "dinas-pupr"}, "#/agency"),
        ({"role": "liaison", "agency": "no-such-agency"}, "#/agency"),
        ({"role": "liaison", "agency": "dinas-pupr", "scopes": ["oversight"]}, "#/scopes"),
        ({"role": "boss"}, "#/role"),
        ({"scopes": ["admin"]}, "#/scopes/0"),
        ({"name": "\t"}, "#/name"),
        ({"digest": "x"}, "#/digest"),
    ],
)
def test_what_makes_no_account_is_refused_with_a_pointer(client, changes, pointer):
    answer = client.post("/v1/accounts", {**PERSON, **changes})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_last_admin_stays(client):
    client.post("/v1/accounts", {**PERSON, "role": "admin"})
    for changes in ({"disabled": True}, {"role": "triage"}):
        refused = client.request("PATCH", "/v1/accounts/petugas.1", json=changes)
        assert refused.status_code == 422
    client.post("/v1/accounts", {**PERSON, "login": "petugas.2", "role": "admin"})
    assert client.request("PATCH", "/v1/accounts/petugas.1", json={"disabled": True}).status_code == 200


def test_an_account_that_is_not_there_cannot_be_changed(client):
    for key in ("nobody", "%00", "0198c0de-0000-7000-8000-000000000000"):
        assert client.request("PATCH", f"/v1/accounts/{key}", json={"name": "x"}).status_code == 404
