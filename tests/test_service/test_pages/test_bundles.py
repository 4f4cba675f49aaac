"""The page of the bundles: what is in force, how right it is, and the way to another one and back."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from model.registry import Registry
from service import tables
from service.settings import Settings

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
FIGURE = {"value": 0.61, "low": 0.55, "high": 0.67}


@pytest.fixture
def client(tmp_path, run_service, write_bundle_as):
    """A service on a registry of its own: one bundle in force, one beside it."""
    registry = Registry(tmp_path / "home" / "bundles")
    for name in ("aaaa", "bbbb"):
        write_bundle_as(registry.path_of(name))
    figures = {"n_rows": 616, "accuracy": FIGURE, "macro_f1": FIGURE, "excess_calibration_error": 0.0065}
    heads = {"agency": {**figures, "reliability": [[41, 0.4, 0.5], [41, 0.8, 0.7]]}}
    (registry.path_of("bbbb") / "metrics.json").write_text(json.dumps({"heads": heads}))
    registry.promote("aaaa")
    with run_service(Settings(home=tmp_path / "home", port=0)) as started:
        yield started


def test_the_page_is_for_analysts_auditors_and_admins_and_says_what_is_missing(log_in):
    page = log_in("analyst").get("/model")
    assert "aaaa" in page.text
    assert "Belum ada audit" in page.text
    assert "Berlakukan" not in page.text
    assert log_in("triage").get("/model").status_code == 403
    assert log_in("auditor").get("/model?lang=en").status_code == 200
    assert log_in("analyst").post("/model/kembali").status_code == 403


def test_figures_of_a_bundle_are_those_it_brings(log_in):
    page = log_in("analyst").get("/model").text
    assert "61,0" in page
    assert "<circle" in page
    assert "Bundel ini tidak membawa angka." in page


def test_what_was_not_compared_is_refused_and_forced_with_a_reason(client, log_in):
    admin = log_in("admin")
    refused = admin.post("/model/bbbb/pakai", {"reason": "coba"})
    assert (refused.status_code, "pilah compare aaaa bbbb" in refused.text) == (409, True)
    assert admin.post("/model/bbbb/pakai", {"force": "on"}).status_code == 409
    page = admin.post("/model/bbbb/pakai", {"force": "on", "reason": "latihan Oktober"})
    assert "Bundel diberlakukan." in page.text
    assert "latihan Oktober" in page.text
    assert client.context.champion.bundle_id == "bbbb"
    page = admin.post("/model/kembali", {"reason": "kembali dulu"})
    assert client.context.champion.bundle_id == "aaaa"
    assert "kembali dulu" in page.text
    assert "admin.0" in page.text


def test_accuracy_is_told_from_twenty_blind_labels_on(client, log_in, send):
    analyst = log_in("analyst")
    reports = [send(LAMP) for _ in range(20)]
    judge(client, reports[:19])
    few = analyst.get("/model").text
    assert "2026-Q4" in few
    assert "belum cukup data" in few
    judge(client, reports[19:])
    assert "100,0" in analyst.get("/model").text


def judge(client, reports):
    """Draw reports for the audit, and label them blind as they were read."""

    def add(transaction, _):
        now = datetime.now(UTC)
        for report in reports:
            row = {"feedback_id": report, "head": "topic", "quarter": "2026-Q4", "stratum": "plain", "probability": 0.5}
            transaction.connection.execute(insert(tables.audit_draw).values(**row, drawn_at=now))
        return [None]

    client.loop.run_until_complete(client.context.writer.write(add, None))
    for report in reports:
        client.post(f"/v1/feedback/{report}/labels", {"topic": "penerangan-jalan", "blind": True})


def test_drift_is_told_in_words_of_its_own_where_there_is_too_little(log_in, send):
    send(LAMP)
    page = log_in("analyst").get("/model").text
    assert "Datanya terlalu sedikit untuk menilai." in page
    assert "Petugas lebih sering membantah" in page
    assert "Tidak ada yang bergeser." not in page
    assert "Officers contradict more often" in log_in("auditor").get("/model?lang=en").text


def test_a_challenger_is_compared_on_the_latest_reports_when_asked(log_in, send):
    for _ in range(20):
        send(LAMP)
    analyst = log_in("analyst")
    assert "Label berbeda" not in analyst.get("/model").text
    page = analyst.get("/model?beda=bbbb").text
    assert "Kedua bundel ditanya tentang 20 laporan terakhir" in page
    assert "Label berbeda" in page
    assert analyst.get("/model?beda=tidak-ada").status_code == 200
