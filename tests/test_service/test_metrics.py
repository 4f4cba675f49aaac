"""What Prometheus reads: the names it expects, figures that are right, and no label that grows."""

import re
import time
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from service import tables
from service.chores import DERIVATIONS, _measure

FIRE = "kebakaran di pasar"
# What a name may end with, beside the plural of what is counted by a gauge.
UNITS = re.compile("_(total|seconds|bytes|entries|info|created)$")
OBJECTS = {
    "pilah_writes_waiting",
    "pilah_commit_writes",
    "pilah_deliveries_open",
    "pilah_emergencies_open",
    "pilah_feedback_overdue",
    "pilah_feedback_restricted",
}


def read_families(client):
    return {family.name: family for family in text_string_to_metric_families(client.get("/metrics", key="").text)}


def read_value(client, name, **labels):
    families = read_families(client).values()
    return next(s.value for f in families for s in f.samples if s.name == name and s.labels == labels)


def measure(client):
    names = ("incidents", "outbox", "dispatch")
    client.loop.run_until_complete(_measure(client.context, names))


def write(client, apply):
    def run(transaction, jobs):
        apply(transaction.connection)
        return [None] * len(jobs)

    client.loop.run_until_complete(client.context.writer.write(run, None))


def test_every_name_says_its_unit_and_every_family_its_meaning(client):
    client.post("/v1/feedback", {"text": FIRE})
    families = read_families(client)
    assert len([name for name in families if name.startswith("pilah_")]) > 15
    for name, family in families.items():
        assert re.fullmatch("(pilah|process|python)_[a-z_]+", name)
        assert family.documentation
        if name.startswith("pilah_") and family.type != "counter":
            assert UNITS.search(name) or name in OBJECTS, name
        assert all(s.name.endswith(("_total", "_created")) for s in family.samples if family.type == "counter")


def test_labels_do_not_grow_with_what_is_sent(client):
    def list_series():
        return {
            (sample.name, *sorted(sample.labels.items()))
            for family in read_families(client).values()
            for sample in family.samples
        }

    def send(number):
        stored = client.post("/v1/feedback", {"text": FIRE, "external_id": f"HS-{number}"}).json()["id"]
        client.post(f"/v1/feedback/{stored}/events", {"type": "diverifikasi"})
        client.get(f"/v1/feedback/{stored}x{number}")
        client.get(f"/nowhere/{number}")
        client.get("/v1/feedback", key=f"pilah_{number}")
        client.request(f"X{number}", "/v1/feedback")

    send(0)
    measure(client)
    list_series()
    before = list_series()
    for number in range(1, 6):
        send(number)
    measure(client)
    assert list_series() == before


def test_the_figures_of_the_store_are_those_of_the_store(client):
    ids = [client.post("/v1/feedback", {"text": FIRE, "external_id": str(n)}).json()["id"] for n in range(3)]
    client.post(f"/v1/feedback/{ids[0]}/acknowledge")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    columns = tables.feedback.c
    write(client, lambda connection: connection.execute(update(tables.feedback).values(due_at=yesterday)))
    closed = update(tables.feedback).where(columns.id == ids[0]).values(state="selesai")
    write(client, lambda connection: connection.execute(closed))
    rows = [
        {"message_id": str(n), "target": "x", "state": state, "n_tries": 1}
        for n, state in enumerate(("waiting", "sent", "dead", "dead", "withdrawn"))
    ]
    write(client, lambda connection: connection.execute(insert(tables.delivery), rows))
    before = time.time()
    measure(client)
    assert read_value(client, "pilah_emergencies_open") == 2
    assert read_value(client, "pilah_feedback_overdue") == 2
    assert read_value(client, "pilah_deliveries_open", state="waiting") == 1
    assert read_value(client, "pilah_deliveries_open", state="dead") == 2
    assert read_value(client, "pilah_feedback_restricted") == 0
    assert read_value(client, "pilah_feedback_restricted_age_seconds") == 0
    assert read_value(client, "pilah_home_free_bytes") > 0
    assert read_value(client, "pilah_figures_refreshed_timestamp_seconds") >= before - 1
    assert {
        sample.labels["derivation"] for sample in read_families(client)["pilah_derivation_lag_entries"].samples
    } == {"audits", "dispatch", *(derivation.name for derivation in DERIVATIONS)}


def test_commits_are_counted_with_the_writes_they_carry(client):
    before = read_value(client, "pilah_commit_writes_sum")
    answers = client.gather(
        ("POST", "/v1/feedback", {"Authorization": f"Bearer {client.key}"}, {"json": {"text": f"lampu {n}"}})
        for n in range(40)
    )
    assert {answer.status_code for answer in answers} == {201}
    assert read_value(client, "pilah_commit_writes_sum") >= before + 40
    assert read_value(client, "pilah_commit_duration_seconds_sum") > 0


def test_a_chore_is_shown_before_it_fails_and_counted_when_it_does(client):
    assert read_value(client, "pilah_chore_failures_total", chore="derive outbox") == 0
    store = client.settings.home / "pilah.db"
    away = store.rename(store.with_name("away.db"))
    # Each chore comes round by itself; one of them a second time at the latest after its pause.
    deadline = time.monotonic() + 20
    while read_value(client, "pilah_chore_failures_total", chore="derive outbox") == 0:
        assert time.monotonic() < deadline
    away.rename(store)


def test_what_is_shut_away_is_counted_with_the_age_of_the_oldest(client):
    received_at = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    client.post("/v1/feedback", {"text": "pungli di kantor", "received_at": received_at})
    client.post("/v1/feedback", {"text": "pungli lagi"})
    measure(client)
    assert read_value(client, "pilah_feedback_restricted") == 2
    assert 30 * 3600 <= read_value(client, "pilah_feedback_restricted_age_seconds") < 31 * 3600
