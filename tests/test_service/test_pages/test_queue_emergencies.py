"""What the desk does to emergencies: only who was shown one has seen it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from service import chores, tables
from service.messages.outbox import Dispatch

FIRE = "kebakaran besar di pasar"


@pytest.fixture
def write(client):
    def run(statement):
        def execute(transaction, _):
            transaction.connection.execute(statement)
            return [None]

        client.loop.run_until_complete(client.context.writer.write(execute, None))

    return run


@pytest.fixture
def pass_time(client, write):
    """Let twenty minutes pass, and what follows from them."""

    def wait():
        async def derive():
            while await chores._derive(client.context, Dispatch(has_mail=False)):
                pass

        client.loop.run_until_complete(derive())
        raised = datetime.now(UTC) - timedelta(minutes=20)
        write(update(tables.emergency).values(raised_at=raised))
        client.loop.run_until_complete(chores._escalate(client.context))

    return wait


def list_open(client):
    return [one["feedback_id"] for one in client.get("/v1/emergencies").json()["emergencies"]]


def escalated(client):
    columns = tables.emergency.c
    query = select(columns.feedback_id).where(columns.escalated_at.is_not(None))
    return set(client.loop.run_until_complete(client.context.reader.read(lambda c: c.execute(query).scalars().all())))


def on_desk(page):
    found = re.search(r'data-report="([^"]+)"', page.text)
    return found[1] if found else None


def test_only_the_emergency_that_was_shown_is_seen_and_the_next_one_is_told_again(client, log_in, send, pass_time):
    first, second, third = (send(f"{FIRE} {number}") for number in range(3))
    officer = log_in()
    assert on_desk(officer.post("/antrian/ambil")) == first
    # The script fetches the next one before anybody sees it.
    ahead = officer.get(f"/antrian?laporan={second}", headers={"Pilah-Desk": "ahead"})
    assert on_desk(ahead) == second
    pass_time()
    assert list_open(client) == [second, third]
    assert escalated(client) == {second, third}
    assert on_desk(officer.get(f"/antrian?laporan={second}")) == second
    pass_time()
    assert list_open(client) == [third]


def test_what_comes_after_a_decision_is_seen_when_its_page_is(client, log_in, send, pass_time):
    first, second, _ = (send(f"{FIRE} {number}") for number in range(3))
    officer = log_in()
    officer.post("/antrian/ambil")
    sent = officer.post(f"/antrian/{first}", {"act": "save", "agency": "dinas-pupr"}, is_followed=False)
    pass_time()
    assert second in list_open(client)
    assert on_desk(officer.get(sent.headers["location"])) == second
    pass_time()
    assert second not in list_open(client)
