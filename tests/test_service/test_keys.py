import hashlib

import pytest
from sqlalchemy import select

from service.callers import SCOPES, Caller
from service.keys import TOKEN_PREFIX
from service.tables import api_key


def test_a_token_is_long_and_kept_as_its_hash_only(client):
    token = client.make_key("classify")
    assert token.startswith(TOKEN_PREFIX)
    assert len(token) >= 43 + len(TOKEN_PREFIX)
    rows = client.loop.run_until_complete(
        client.context.reader.read(lambda connection: connection.execute(select(api_key)).all())
    )
    assert hashlib.sha256(token.encode()).hexdigest() in {row.digest for row in rows}
    assert not any(token in str(row) for row in rows)


def test_a_new_key_works_at_once(client):
    assert client.get("/v1/feedback").status_code == 200
    assert client.get("/v1/feedback", key=client.make_key("triage")).status_code == 200


@pytest.mark.parametrize("scope", SCOPES)
def test_admin_has_every_scope(scope):
    assert Caller("1", "key", "a", frozenset({"admin"})).allows(scope)


def test_one_of_several_scopes_is_enough():
    key = Caller("1", "key", "a", frozenset({"triage"}))
    assert key.allows("ingest", "triage")
    assert not key.allows("ingest", "audit")


def test_unknown_tokens_that_come_together_ask_the_store_once(client):
    client.get("/v1/feedback")
    n_reads = 0
    read = client.context.reader.read

    class Counting:
        async def read(self, query):
            nonlocal n_reads
            n_reads += 1
            return await read(query)

    client.context.keys._reader = Counting()
    answers = client.gather([("GET", "/v1/feedback", {"Authorization": f"Bearer pilah_{n}"}, {}) for n in range(50)])
    assert {answer.status_code for answer in answers} == {401}
    assert n_reads < 10
