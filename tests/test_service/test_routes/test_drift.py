import json
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from service import tables
from service.chores import _derive_next
from service.ledger.deriving import rebuild
from service.watching.derivation import Watch

JAKARTA = timezone(timedelta(hours=7))
# A Wednesday: the look ends on the Sunday before it.
DAY = date(2026, 6, 10)
START = date(2026, 5, 11)
WATCH = Watch()
LAMP, HOLE = "lampu jalan mati mohon diperbaiki", "jalan lubang mohon ditambal"


def send(client, texts, first_day, n_days=28):
    """Send reports in, spread over days; their ids."""
    rows = []
    for number, text in enumerate(texts):
        at = datetime.combine(first_day, datetime.min.time(), JAKARTA) + timedelta(days=number % n_days, hours=9)
        rows.append(json.dumps({"text": text, "received_at": at.isoformat()}))
    headers = {"Content-Type": "application/x-ndjson"}
    answer = client.post("/v1/feedback/batch", content="\n".join(rows), headers=headers)
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


def say(client, ids, topics):
    for feedback_id, topic in zip(ids, topics, strict=True):
        assert client.post(f"/v1/feedback/{feedback_id}/labels", {"topic": topic}).status_code < 300


def derive_all(client):
    while client.loop.run_until_complete(client.context.writer.write(_derive_next, WATCH)):
        pass


def look(client, day=DAY):
    derive_all(client)
    answer = client.get(f"/v1/drift?day={day}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_sign(told):
    return {(sign["sign"], sign["head"]): sign for sign in told["signs"]}


def read_cells(client):
    def read(connection):
        return sorted(map(tuple, connection.execute(select(tables.cell_watch))))

    return client.loop.run_until_complete(client.context.reader.read(read))


@pytest.fixture
def town(client):
    """Half a year of lamps and holes, then four weeks with three times as many lamps among them."""
    send(client, [LAMP, HOLE, HOLE, HOLE] * 60, START - timedelta(weeks=26), 26 * 7)
    return client


def test_another_mix_is_told_and_which_labels_moved(town):
    send(town, [LAMP, LAMP, LAMP, HOLE] * 55, START)
    told = look(town)
    assert told["period"] == {"start": "2026-05-11", "end": "2026-06-07"}
    assert told["verdict"] == "alarm"
    mix = by_sign(told)["mix", "topic"]
    assert (mix["state"], mix["change"]) == ("alarm", pytest.approx(0.5))
    moved = {one["label"]: one for one in mix["labels"]}
    assert moved["penerangan-jalan"] == {
        "label": "penerangan-jalan",
        "n": 165,
        "share": pytest.approx(0.75),
        "reference": pytest.approx(0.25),
    }
    # Whoever asks in the same week asks about the same reports.
    assert look(town, DAY + timedelta(days=3)) == told


def test_a_month_of_labels_that_were_shuffled_is_told_and_healed_by_the_right_ones(client):
    before = send(client, [LAMP, HOLE] * 100, START - timedelta(weeks=26), 26 * 7)
    say(client, before, ["penerangan-jalan", "jalan-rusak"] * 100)
    lately = send(client, [LAMP, HOLE] * 100, START)
    assert by_sign(look(client))["labels", "topic"]["state"] == "too_little_data"
    say(client, lately, ["jalan-rusak", "penerangan-jalan", "penerangan-jalan", "jalan-rusak"] * 50)
    told = look(client)
    labels = by_sign(told)["labels", "topic"]
    assert (told["verdict"], labels["state"], labels["change"]) == ("alarm", "alarm", pytest.approx(0.5))
    assert {one["label"]: one["share"] for one in labels["labels"]} == {
        "penerangan-jalan": pytest.approx(0.5),
        "jalan-rusak": pytest.approx(0.5),
    }
    assert by_sign(told)["mix", "topic"]["state"] == "calm"
    say(client, lately, ["penerangan-jalan", "jalan-rusak"] * 100)
    assert by_sign(look(client))["labels", "topic"]["change"] == 0
    cells = read_cells(client)
    assert client.loop.run_until_complete(client.context.writer.write(_rebuild_all, WATCH)) > 0
    assert read_cells(client) == cells


def _rebuild_all(transaction, derivations):
    return [rebuild(transaction.connection, derivation) for derivation in derivations]


def test_what_was_taken_back_contradicts_nobody(client):
    [feedback_id] = send(client, [LAMP], START)
    assert client.post(f"/v1/feedback/{feedback_id}/labels", {"topic": "jalan-rusak"}).is_success
    derive_all(client)
    n_labelled, n_contradicted = ([row[index] for row in read_cells(client)] for index in (-2, -1))
    assert (sum(n_labelled), sum(n_contradicted)) == (1, 1)
    assert client.post(f"/v1/feedback/{feedback_id}/labels/retract", {}).is_success
    derive_all(client)
    assert sum(row[-2] + row[-1] for row in read_cells(client)) == 0


def test_what_is_shut_away_is_counted_for_nobody_until_it_is_freed(client):
    [feedback_id] = send(client, ["oknum minta pungli di kantor camat"], START)
    derive_all(client)
    assert read_cells(client) == []
    assert client.post(f"/v1/feedback/{feedback_id}/labels", {"kind": "pengaduan"}).is_success
    derive_all(client)
    assert {row[1]: row[5] for row in read_cells(client)} == {"agency": 1, "topic": 1}


def test_a_marked_event_explains_and_alarms_nobody(town):
    send(town, [LAMP, LAMP, LAMP, HOLE] * 55, START)
    mark = {"day": "2026-05-20", "until": "2026-05-25", "title": "Banjir bandang", "type": "kejadian"}
    assert town.post("/v1/marks", mark).status_code == 201
    told = look(town)
    assert told["verdict"] == "known_event"
    assert [event["title"] for event in told["events"]] == ["Banjir bandang"]
    assert by_sign(told)["mix", "topic"]["state"] == "known_event"


def test_too_little_data_is_told_as_such(client):
    send(client, [LAMP] * 30, START)
    told = look(client)
    assert told["verdict"] == "too_little_data"
    assert {sign["state"] for sign in told["signs"]} == {"too_little_data"}
    # Where four weeks hold too few, more weeks are looked at.
    assert told["period"]["start"] == "2026-03-09"


def test_a_table_has_a_line_for_each_sign(client):
    table = client.get(f"/v1/drift?day={DAY}&format=csv")
    assert table.text.splitlines()[0].startswith("\ufeffsign,head,state,n,n_reference,change,relevant,p,threshold")
    assert len(table.text.splitlines()) == 1 + 7


def test_what_cannot_be_asked_is_refused(client):
    assert client.get("/v1/drift?day=juni").status_code == 422
    assert client.get("/v1/drift?weeks=2").status_code == 422
    assert client.post("/v1/drift", {}).status_code == 405
    assert client.get("/v1/drift", key=client.make_key("triage")).status_code == 403
    assert client.get("/v1/drift", key=client.make_key("analyse")).status_code == 200
