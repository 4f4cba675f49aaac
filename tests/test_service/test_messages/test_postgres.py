"""Several services on one PostgreSQL share the work: each message goes out once, each second call too."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service import chores, tables

N_SERVICES = 3
N_REPORTS = 30


@pytest.fixture
def desks(start_desk, address, tmp_path):
    """Desks of services that share a database and the secret of the home."""
    first = start_desk(database_url=address)
    found = [first]
    for number in range(1, N_SERVICES):
        home = tmp_path / f"home{number}"
        home.mkdir()
        (home / "secret").write_bytes((first.context.settings.home / "secret").read_bytes())
        found.append(start_desk(database_url=address, home=home))
    for desk in found:
        # The framework puts its routes together at the first call, and silences warnings of all threads meanwhile.
        desk.client.get("/healthz")
    return found


def work_together(desks, work):
    threads = [threading.Thread(target=work, args=[desk]) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)


def test_services_that_share_a_database_send_each_message_once(desks, start_receiver, texts):
    first = desks[0]
    receivers = [start_receiver() for _ in range(2)]
    for receiver in receivers:
        first.subscribe(receiver.url)
    for number in range(N_REPORTS):
        first.client.post("/v1/feedback", {"text": f"{texts['lamp']} nomor {number}"})

    def work(desk):
        for _ in range(5):
            desk.work_off()

    work_together(desks, work)
    # Who finds another one at it rests; the last one may have left something.
    first.work_off()
    for receiver in receivers:
        counts = Counter(headers["webhook-id"] for _, headers, _ in receiver.requests)
        assert (len(counts), set(counts.values())) == (N_REPORTS, {1})
    assert {row["state"] for row in first.rows(tables.delivery)} == {"sent"}
    assert len(first.rows(tables.message)) == N_REPORTS


def test_services_that_share_a_database_tell_an_emergency_again_once(desks, receiver, texts):
    first = desks[0]
    first.subscribe(receiver.url, events=["feedback.urgent"])
    first.client.post("/v1/feedback", {"text": texts["fire"]})
    then = datetime.now(UTC) - timedelta(minutes=16)
    first.write(update(tables.emergency).values(raised_at=then))
    work_together(desks, lambda desk: desk.do(chores._escalate(desk.context)))
    first.work_off()
    assert len(first.rows(tables.ledger, tables.ledger.c.type == "emergency.escalated")) == 1
    assert sorted(body["data"].get("escalated", False) for body in receiver.bodies) == [False, True]


def test_an_address_made_by_two_at_once_is_made_once(desks):
    answers = []

    def work(desk):
        answers.append(desk.client.post("/v1/webhooks", {"url": "https://app.example.id/"}, key=desks[0].client.key))

    work_together(desks, work)
    faults = [line for desk in desks for line in desk.client.log if line["event"] == "fault"]
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409], faults
