"""The order of the review queue, page by page, against a plain sort; and that no list of a full store scans it."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert, true

from service.engine import open_engine, reading, writing
from service.handling.review import list_queue
from service.listing import Filters, list_feedback
from service.migrating import migrate
from service.tables import claim, feedback, label, prediction

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
ALARMS = ["urgent", "watch", None]
URGENCIES = ["darurat", "tinggi", "sedang", "rendah", "lain"]
STATES = ["baru", "diverifikasi", "dikembalikan", "diproses", "selesai"]
N_ROWS = 400


def make_row(number, chance):
    return {
        "id": f"{number:04}",
        "key_id": "app",
        "received_at": NOW - timedelta(hours=chance.randint(1, 20)),
        "stored_at": NOW,
        "state": chance.choice(STATES),
        "attachments": "[]",
        "text": "x",
        "alarm": chance.choice(ALARMS),
        "route": chance.choice(["auto", "suggest", "human", None]),
        "urgency": chance.choice(URGENCIES),
        "confidence": chance.choice([None, 0.25, 0.5, 0.75]),
        "due_at": chance.choice([None, NOW - timedelta(days=1), NOW + timedelta(hours=3), NOW + timedelta(days=3)]),
        "erased_at": chance.choice([None, None, None, NOW]),
    }


CHANCE = random.Random(1)  # noqa: S311  # rows are made up, nothing is secret
ROWS = [make_row(number, CHANCE) for number in range(N_ROWS)]
LABELLED = {row["id"] for number, row in enumerate(ROWS) if number % 7 == 0}
CLAIMED = {row["id"] for number, row in enumerate(ROWS) if number % 5 == 0}


def fill(engine):
    migrate(engine)
    labels = [
        {"id": id_, "feedback_id": id_, "head": "agency", "value": "x", "basis": "confirmation", "is_blind": False}
        for id_ in LABELLED
    ]
    claims = [
        {"feedback_id": id_, "actor": "key:a", "claimed_at": NOW, "expires_at": NOW + timedelta(minutes=1)}
        for id_ in CLAIMED
    ]
    with writing(engine) as connection:
        connection.execute(insert(feedback), ROWS)
        made = [{"feedback_id": row["id"], "bundle": "b", "made_at": NOW, "content": "{}"} for row in ROWS]
        connection.execute(insert(prediction), made)
        connection.execute(insert(label), [{**each, "actor": "key:a", "at": NOW} for each in labels])
        connection.execute(insert(claim), claims)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request, tmp_path_factory):
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('queue') / 'store.db'}"
    else:
        server = request.getfixturevalue("server")
        server.psql("CREATE DATABASE queue;")
        address = server.get_uri(database="queue")
    engine = open_engine(address)
    fill(engine)
    yield engine
    engine.dispose()


def waits(row):
    is_doubtful = row["route"] != "auto" or row["alarm"] is not None or row["state"] == "dikembalikan"
    is_open = row["state"] == "dikembalikan" or (row["state"] in STATES[:2] and row["id"] not in LABELLED)
    return is_doubtful and is_open and row["erased_at"] is None


def rank(row):
    due_at = row["due_at"]
    clock = 2 if due_at is None or due_at > NOW + timedelta(days=1) else 1 if due_at > NOW else 0
    urgency = URGENCIES.index(row["urgency"])
    confidence = -1 if row["confidence"] is None else row["confidence"]
    return (ALARMS.index(row["alarm"]), clock, urgency, confidence, row["received_at"], row["id"])


EXPECTED = [row["id"] for row in sorted(filter(waits, ROWS), key=rank)]


@pytest.mark.parametrize("size", [1, 7, 50, N_ROWS])
def test_the_queue_is_in_order_of_alarm_clock_urgency_and_doubt_however_it_is_cut(engine, size):
    assert len(EXPECTED) > 50
    with reading(engine) as connection:
        found, after = [], None
        while page := list_queue(connection, true(), NOW, size, after=after):
            assert len(page) <= size
            found += [waiting.feedback_id for waiting in page]
            after = page[-1].rank
    assert found == EXPECTED


def test_what_is_claimed_is_left_out_where_only_free_ones_are_asked_for(engine):
    with reading(engine) as connection:
        free = [waiting.feedback_id for waiting in list_queue(connection, true(), NOW, N_ROWS, only_free=True)]
    assert free == [id_ for id_ in EXPECTED if id_ not in CLAIMED]


def explain(engine, ask):
    """How SQLite goes about all that ``ask`` asks."""
    statements = []

    def note(_, __, statement, parameters, *___):
        statements.append((statement, parameters))

    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", note)
        ask(connection)
        asked = [statement for statement in statements if statement[0].startswith("SELECT")]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in asked]
    return [row[-1] for plan in plans for row in plan]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_queue_reads_its_index_alone(engine):
    plan = explain(engine, lambda connection: list_queue(connection, true(), NOW, N_ROWS))
    assert plan.count("SEARCH feedback USING COVERING INDEX ix_feedback_queue (alarm=?)") == len(ALARMS)
    assert not [step for step in plan if "feedback" in step.split()[1:2] and "ix_feedback_queue" not in step]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("alarm", Filters(alarm="urgent")),
        ("kind", Filters(kind="pengaduan-pengawasan")),
        ("urgency", Filters(urgency="darurat")),
        ("state", Filters(states=("selesai",))),
        ("unit", Filters(unit="13.73.04")),
        ("agency", Filters(agency="dinas-pupr")),
        ("topic", Filters(topic="sampah")),
    ],
)
def test_each_filter_has_an_index_in_the_order_of_the_list(engine, name, filters):
    plan = explain(engine, lambda connection: list_feedback(connection, filters, true(), None, 50))
    assert f"SEARCH feedback USING INDEX ix_feedback_{name}_received_at_id ({name}=?)" in "\n".join(plan).replace(
        "COVERING ", ""
    )


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_only_sends_reads_along_the_index_of_its_key(engine):
    own = feedback.c.key_id == "app"
    plan = explain(engine, lambda connection: list_feedback(connection, Filters(), own, None, 50))
    assert any("ix_feedback_key_id_received_at_id (key_id=?)" in step for step in plan)
