"""What a form of the desk does beyond what its officer saw and chose: nothing."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from service import tables

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
HOLE = "Mohon lubang di jalan ditutup."
LOCAL = "kecamatan-kelurahan-desa"


@pytest.fixture
def write(client):
    def run(*statements):
        def execute(transaction, _):
            for statement in statements:
                transaction.connection.execute(statement)
            return [None]

        client.loop.run_until_complete(client.context.writer.write(execute, None))

    return run


@pytest.fixture
def change(write):
    """How a report stood before anybody said anything."""
    return lambda report, **values: write(
        update(tables.feedback).where(tables.feedback.c.id == report).values(**values)
    )


@pytest.fixture
def draw(write):
    def add(report, *heads):
        row = {"feedback_id": report, "quarter": "2026-Q4", "stratum": "plain", "probability": 0.5}
        row["drawn_at"] = datetime.now(UTC)
        write(*(insert(tables.audit_draw).values(**row, head=head) for head in heads))

    return add


def read_decide(page):
    """What the form of the card sends as it came."""
    form = re.search(r'<form id="decide".*?</form>', page.text, re.DOTALL)[0]
    chosen = re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)" checked', form)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in (*hidden, *chosen) if name != "token"}


def on_desk(page):
    found = re.search(r'data-report="([^"]+)"', page.text)
    return found[1] if found else None


def look(client, report):
    return client.get(f"/v1/feedback/{report}").json()


def labels_of(client, report):
    return client.get(f"/v1/feedback/{report}/labels").json()["labels"]


def test_one_key_opens_no_possible_accusation_to_the_unit_it_may_accuse(client, log_in, send, change):
    report = send(HOLE)
    change(report, restriction="oversight")
    overseer, liaison = log_in(scopes=("oversight",)), log_in("liaison", "dinas-pupr")
    page = overseer.post("/antrian/ambil")
    form = read_decide(page)
    assert on_desk(page) == report
    assert form["agency"] == "dinas-pupr"
    assert "kind" not in form
    # What Enter presses.
    assert re.search(r'form="decide" name="act" value="([^"]+)"', page.text)[1] == "save"
    sent = overseer.post(f"/antrian/{report}", {**form, "act": "send"})
    assert "terbuka seperti laporan lain" not in sent.text
    assert look(client, report)["state"] == "didisposisi"
    assert liaison.get(f"/laporan/{report}").status_code == 404


def test_a_kind_that_is_chosen_opens_it_and_the_page_says_so(send, log_in, change):
    report = send(HOLE)
    change(report, restriction="oversight")
    overseer, liaison = log_in(scopes=("oversight",)), log_in("liaison", "dinas-pupr")
    form = read_decide(overseer.post("/antrian/ambil"))
    sent = overseer.post(f"/antrian/{report}", {**form, "act": "send", "kind": "pengaduan"})
    assert "terbuka seperti laporan lain" in sent.text
    assert liaison.get(f"/laporan/{report}").status_code == 200


def test_a_page_that_others_have_overtaken_decides_nothing_and_shows_what_stands(client, log_in, send):
    report = send(LAMP)
    officer = log_in()
    form = read_decide(officer.post("/antrian/ambil"))
    client.post(f"/v1/feedback/{report}/labels", {"topic": "lalu-lintas"})
    late = officer.post(f"/antrian/{report}", {**form, "act": "save"})
    assert late.status_code == 409
    assert "Orang lain lebih dahulu." in late.text
    again = read_decide(late)
    assert again["topic"] == "lalu-lintas"
    assert [said["value"] for said in labels_of(client, report)] == ["lalu-lintas"]
    assert officer.post(f"/antrian/{report}", {**again, "act": "save"}).status_code == 200
    # Twice the same is no news to who said it.
    assert officer.post(f"/antrian/{report}", {**again, "act": "save"}).status_code == 200
    client.post(f"/v1/feedback/{report}/events", {"type": "didisposisi", "agency": "dinas-pupr"})
    gone = officer.post(f"/antrian/{report}", {**again, "act": "send"})
    assert gone.status_code == 409
    assert "Laporan ini tidak menunggu keputusan" in gone.text
    assert look(client, report)["route"]["agency"] == "dinas-pupr"


def test_only_what_the_page_showed_goes_on_and_only_where_it_showed(client, log_in, send):
    first, second, third = send(LAMP), send(HOLE), send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    officer.post(f"/antrian/{first}", {"act": "save", "agency": "dinas-perhubungan"})
    page = officer.post(f"/antrian/{second}", {"act": "save", "agency": "dinas-pupr"})
    shown = re.findall(r'name="kirim" value="([^"]+)"', page.text)[-1]
    assert set(shown.split()) == {f"{first}:dinas-perhubungan", f"{second}:dinas-pupr"}
    officer.post(f"/antrian/{third}", {"act": "save", "agency": "dinas-perhubungan"})
    client.post(f"/v1/feedback/{first}/labels", {"agency": "dinas-kesehatan"})
    page = officer.post("/antrian/teruskan", {"kirim": shown})
    assert "Sebagian belum diteruskan" in page.text
    assert [look(client, one)["state"] for one in (first, second, third)] == ["baru", "didisposisi", "baru"]


def test_what_waits_for_nobody_is_neither_offered_nor_takes_others(client, log_in, send):
    gone, other = send(LAMP), send(HOLE)
    client.post(f"/v1/feedback/{gone}/events", {"type": "didisposisi", "agency": "dinas-pupr"})
    officer = log_in()
    assert "Tinjau di antrian" not in officer.get(f"/laporan/{gone}").text
    assert f"laporan={other}" in officer.get(f"/laporan/{other}").text
    page = officer.get(f"/antrian?laporan={gone}")
    assert "Laporan ini tidak menunggu keputusan" in page.text
    assert "Ambil laporan ini" not in page.text
    assert on_desk(officer.post("/antrian/ambil", {"laporan": gone})) is None
    assert all(item["claimed_by"] is None for item in client.get("/v1/review").json()["reports"])
    assert on_desk(officer.post("/antrian/ambil", {"laporan": other})) == other


def test_a_blind_answer_moves_nothing_and_lets_a_person_decide(client, log_in, send, change, draw):
    report = send(HOLE)
    change(report, route="auto", is_at_agency=True)
    draw(report, "agency", "topic")
    before = look(client, report)["route"]
    officer, other = log_in(), log_in()
    assert on_desk(officer.post("/antrian/ambil?cara=buta")) == report
    said = {"act": "save", "agency_lainnya": "dinas-kesehatan", "topic_lainnya": "jalan-rusak"}
    officer.post(f"/antrian/{report}?cara=buta", said)
    assert [one["blind"] for one in labels_of(client, report)] == [True, True]
    assert look(client, report)["route"] == before
    assert [item["feedback"]["id"] for item in client.get("/v1/review").json()["reports"]] == [report]
    officer.post(f"/antrian/{report}/lepas")
    page = other.post("/antrian/ambil")
    assert on_desk(page) == report
    assert "Dalam audit buta seorang petugas menjawab lain" in page.text
    other.post(f"/antrian/{report}", {**read_decide(page), "act": "save"})
    assert client.get("/v1/review").json()["reports"] == []
    assert look(client, report)["route"]["agency"] == "dinas-pupr"


def test_a_blind_answer_that_is_the_same_leaves_the_report_where_it_is(client, log_in, send, change, draw):
    report = send(HOLE)
    change(report, route="auto", is_at_agency=True)
    draw(report, "agency")
    officer = log_in()
    officer.post("/antrian/ambil?cara=buta")
    officer.post(f"/antrian/{report}?cara=buta", {"act": "save", "agency_lainnya": "dinas-pupr"})
    assert look(client, report)["route"]["decision"] == "auto"
    assert client.get("/v1/review").json()["reports"] == []


def test_a_blind_answer_sends_nothing_on(client, log_in, send, draw):
    report = send(HOLE)
    client.post(f"/v1/feedback/{report}/events", {"type": "didisposisi", "agency": "dinas-pupr"})
    client.post(f"/v1/feedback/{report}/events", {"type": "dikembalikan"})
    draw(report, "agency")
    officer = log_in()
    form = {**read_decide(officer.post("/antrian/ambil")), "agency_lainnya": "dinas-kesehatan"}
    # By a double click, by hand, and on the desk of the audit.
    for desk, act in (("", "save"), ("", "save"), ("", "send"), ("?cara=buta", "save"), ("?cara=buta", "send")):
        assert officer.post(f"/antrian/{report}{desk}", {**form, "act": act}).status_code == 200
    assert look(client, report)["state"] == "dikembalikan"
    assert [(one["head"], one["blind"]) for one in labels_of(client, report)] == [("agency", True)]


def test_that_it_is_no_accusation_is_not_said_blind(client, log_in, send, change, draw):
    report = send(HOLE)
    change(report, restriction="oversight")
    draw(report, "agency")
    overseer = log_in(scopes=("oversight",))
    overseer.post("/antrian/ambil?cara=buta")
    overseer.post(f"/antrian/{report}?cara=buta", {"act": "no_accusation"})
    assert [(one["head"], one["blind"]) for one in labels_of(client, report)] == [("kind", False)]
    assert log_in().get(f"/laporan/{report}").status_code == 200


def test_what_cannot_be_sent_on_is_not_kept_either(client, log_in, send):
    report = send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    for unit in ("", "99.99.99"):
        refused = officer.post(f"/antrian/{report}", {"act": "send", "agency": LOCAL, "unit": unit})
        assert refused.status_code == 422
    client.post(f"/v1/feedback/{report}/events", {"type": "perlu_lengkapi"})
    assert officer.post(f"/antrian/{report}", {"act": "send", "agency": "dinas-pupr"}).status_code == 409
    assert labels_of(client, report) == []


LONG, NUL = "x" * 5_000, "a\0b"


@pytest.mark.parametrize("value", [LONG, NUL, LONG + "\0"])
def test_no_field_of_a_form_is_more_than_a_page_can_say(log_in, send, value):
    report = send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    paths = ("ambil", "teruskan", "batal", report, f"{report}/lewati", f"{report}/lepas")
    for path in paths:
        for name in ("laporan", "lewat", "kirim", "act", "agency", "agency_lainnya", "unit", "mark", "token", "lain"):
            if name == "kirim" and value == LONG and path != "teruskan":
                continue
            sent = officer.post(f"/antrian/{path}", {"act": "save", "agency": "dinas-pupr", name: value})
            assert 400 <= sent.status_code < 500, (path, name)
            assert sent.headers["content-type"].startswith("text/html")
    for reason in (NUL, "x" * 10_001, "x" * 200_000):
        sent = officer.post(f"/antrian/{report}", {"act": "save", "agency": "dinas-pupr", "reason": reason})
        assert sent.status_code == 422
