from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from service import tables


def _draw(transaction, ids):
    row = {
        "head": "agency",
        "quarter": "2026-Q4",
        "stratum": "plain",
        "probability": 0.5,
        "drawn_at": datetime.now(UTC),
    }
    transaction.connection.execute(insert(tables.audit_draw), [{**row, "feedback_id": id_} for id_ in ids])
    return [None] * len(ids)


@pytest.fixture
def drawn(client):
    """The id of a report that the audit drew."""
    id_ = client.post("/v1/feedback", {"text": "lubang besar di Talawi"}).json()["id"]
    client.loop.run_until_complete(client.context.writer.write(_draw, id_))
    return id_


def test_a_drawn_report_is_shown_without_what_was_predicted(client, drawn):
    (report,) = client.get("/v1/audits").json()["reports"]
    assert set(report) == {"feedback_id", "head", "drawn_at", "text"}
    assert (report["feedback_id"], report["text"]) == (drawn, "lubang besar di Talawi")


def test_a_blind_label_takes_it_out_and_counts(client, drawn):
    client.post(f"/v1/feedback/{drawn}/labels", {"agency": "dinas-kesehatan", "blind": True})
    assert client.get("/v1/audits").json()["reports"] == []
    (accuracy,) = client.get("/v1/audits/accuracy").json()["accuracies"]
    assert (accuracy["drawn"], accuracy["judged"], accuracy["accuracy"]) == (1, 1, None)


def test_a_blind_label_stands_beside_what_was_predicted_not_beside_what_others_said(client, drawn):
    def read(query):
        return client.loop.run_until_complete(client.context.reader.read(lambda one: tuple(one.execute(query).one())))

    (predicted,) = read(select(tables.feedback.c.agency))
    other = client.make_key("triage")
    said = "dinas-kesehatan" if predicted != "dinas-kesehatan" else "dinas-pendidikan"
    assert client.post(f"/v1/feedback/{drawn}/labels", {"agency": said}, key=other).status_code == 200
    client.post(f"/v1/feedback/{drawn}/labels", {"agency": said, "blind": True})

    label = tables.label.c
    assert read(select(label.previous, label.value).where(label.is_blind)) == (predicted, said)


def test_agreement_names_no_officer(client, drawn):
    other = client.make_key("triage")
    client.post(f"/v1/feedback/{drawn}/labels", {"topic": "jalan-rusak"})
    client.post(f"/v1/feedback/{drawn}/labels", {"topic": "sampah"}, key=other)
    (head,) = client.get("/v1/audits/agreement").json()["heads"]
    assert head == {"head": "topic", "n": 1, "observed": 0.0, "kappa": 0.0, "alpha": 0.0}


def test_a_report_handed_to_and_fro_is_listed(client, drawn):
    for step in ({"type": "didisposisi", "agency": "dinas-pupr"}, {"type": "dikembalikan"}):
        assert client.post(f"/v1/feedback/{drawn}/events", step).status_code == 201
    assert client.get("/v1/audits/suspects").json()["reports"] == []
    client.post(f"/v1/feedback/{drawn}/events", {"type": "didisposisi", "agency": "dinas-kesehatan"})
    (suspect,) = client.get("/v1/audits/suspects").json()["reports"]
    assert suspect["agencies"] == ["dinas-pupr", "dinas-kesehatan"]
    assert (suspect["agency"], suspect["moves"]) == ("dinas-kesehatan", 3)
