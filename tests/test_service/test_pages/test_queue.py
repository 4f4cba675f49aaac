"""The review queue by plain forms: what a browser without script does."""

import re
from datetime import UTC, datetime

from sqlalchemy import insert

from service import tables

LAMP = "Mohon lampu jalan di depan sekolah diperbaiki."
HOLE = "Mohon lubang di jalan ditutup."
BRIBE = "oknum minta pungli untuk KTP, mohon ditindak"


def on_desk(page):
    found = re.search(r'data-report="([^"]+)"', page.text)
    return found[1] if found else None


def labels_of(client, report):
    return [
        (said["head"], said["value"], said["basis"])
        for said in client.get(f"/v1/feedback/{report}/labels").json()["labels"]
    ]


def test_an_officer_takes_a_report_and_the_next_one_is_held_too(log_in, send):
    first, second, third = (send(LAMP) for _ in range(3))
    officer, other = log_in(), log_in()
    assert "Ambil laporan berikutnya" in officer.get("/antrian").text
    assert on_desk(officer.post("/antrian/ambil")) == first
    assert on_desk(other.post("/antrian/ambil")) == third
    assert second in officer.get("/antrian").text


def test_what_is_confirmed_and_corrected_is_kept_and_the_next_one_comes(client, log_in, send):
    first, second = send(LAMP), send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    page = officer.post(
        f"/antrian/{first}",
        {"act": "save", "agency": "dinas-perhubungan", "topic": "lainnya", "topic_lainnya": "lalu-lintas"},
    )
    assert on_desk(page) == second
    assert "Keputusan disimpan." in page.text
    assert labels_of(client, first) == [
        ("agency", "dinas-perhubungan", "confirmation"),
        ("topic", "lalu-lintas", "correction"),
    ]
    again = officer.post(f"/antrian/{first}", {"act": "save", "agency": "dinas-perhubungan"})
    assert on_desk(again) == second
    assert len(labels_of(client, first)) == 2


def test_a_decision_is_taken_back_and_its_report_is_on_the_desk_again(client, log_in, send):
    first, _ = send(LAMP), send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    page = officer.post(f"/antrian/{first}", {"act": "save", "agency": "dinas-pupr"})
    assert "Batalkan keputusan ini" in page.text
    page = officer.post("/antrian/batal", {"laporan": first})
    assert on_desk(page) == first
    assert "Batalkan keputusan ini" not in page.text
    assert client.get(f"/v1/feedback/{first}").json()["route"]["agency"] == "dinas-perhubungan"


def test_what_was_sent_on_is_not_offered_to_be_taken_back_and_is_not(client, log_in, send):
    report, _ = send(LAMP), send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    said = {"act": "send", "agency": "dinas-perhubungan", "topic_lainnya": "lalu-lintas"}
    assert "Batalkan keputusan ini" not in officer.post(f"/antrian/{report}", said).text
    assert officer.post("/antrian/batal", {"laporan": report}).status_code == 409
    stands = client.get(f"/v1/feedback/{report}").json()
    assert stands["state"] == "didisposisi"
    assert ("topic", "lalu-lintas", "correction") in labels_of(client, report)
    assert len(labels_of(client, report)) == 2


def test_decided_reports_are_sent_on_at_once_or_together(client, log_in, send):
    first, second, third = send(LAMP), send(HOLE), send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    officer.post(f"/antrian/{first}", {"act": "send", "agency": "dinas-perhubungan"})
    assert client.get(f"/v1/feedback/{first}").json()["state"] == "didisposisi"
    page = officer.post(f"/antrian/{second}", {"act": "save", "agency": "dinas-pupr"})
    assert "Teruskan semua" in page.text
    page = officer.post(
        f"/antrian/{third}",
        {"act": "save", "agency": "dinas-perhubungan", "kind": "lainnya", "kind_lainnya": "bukan-laporan"},
    )
    assert officer.post("/antrian/teruskan").status_code == 422
    page = officer.post("/antrian/teruskan", {"kirim": re.findall(r'name="kirim" value="([^"]+)"', page.text)[-1]})
    states = [client.get(f"/v1/feedback/{one}").json()["state"] for one in (second, third)]
    assert states == ["didisposisi", "arsip"]
    assert "Teruskan semua" not in page.text


def test_what_was_skipped_is_free_for_others_and_not_offered_again(log_in, send):
    first, second = send(LAMP), send(LAMP)
    officer, other = log_in(), log_in()
    officer.post("/antrian/ambil")
    page = officer.post(f"/antrian/{first}/lewati")
    assert on_desk(page) == second
    assert on_desk(other.post("/antrian/ambil")) == first


def test_who_stops_gives_everything_back(log_in, send):
    first, _ = send(LAMP), send(LAMP)
    officer, other = log_in(), log_in()
    officer.post("/antrian/ambil")
    assert on_desk(officer.post(f"/antrian/{first}/lepas")) is None
    assert on_desk(other.post("/antrian/ambil")) == first


def test_nobody_decides_on_what_another_officer_holds(log_in, send):
    first = send(LAMP)
    officer, other = log_in(), log_in()
    officer.post("/antrian/ambil")
    refused = other.post(f"/antrian/{first}", {"act": "save", "agency": "dinas-pupr"})
    assert refused.status_code == 409
    assert other.post("/antrian/ambil", {"laporan": first}).status_code == 409


def test_an_accusation_is_on_the_desk_of_oversight_alone_and_has_a_way_out(client, log_in, send):
    report = send(BRIBE)
    officer, overseer = log_in(), log_in(scopes=("oversight",))
    assert on_desk(officer.post("/antrian/ambil")) is None
    page = overseer.post("/antrian/ambil")
    assert on_desk(page) == report
    assert "Bukan tuduhan" in page.text
    overseer.post(f"/antrian/{report}", {"act": "no_accusation", "kind": "pengaduan-pengawasan"})
    assert labels_of(client, report) == [("kind", "pengaduan", "confirmation")]
    assert report in officer.get(f"/antrian?laporan={report}").text
    assert (
        overseer.post(
            f"/antrian/{report}", {"act": "send", "kind": "pengaduan-pengawasan", "agency": "inspektorat"}
        ).status_code
        == 200
    )


def test_an_emergency_shows_what_to_do(log_in, send):
    send("kebakaran besar di pasar")
    page = log_in().post("/antrian/ambil")
    assert "Terbaca sebagai keadaan darurat" in page.text
    assert 'href="tel:112"' in page.text


def test_a_form_that_says_nothing_or_nonsense_comes_back_with_what_is_wrong(log_in, send):
    report = send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    wrong = officer.post(f"/antrian/{report}", {"act": "save", "agency": "dinas-sihir", "reason": "tetap di sini"})
    assert wrong.status_code == 422
    assert "Pilih sebuah instansi dari daftar." in wrong.text
    assert "tetap di sini" in wrong.text
    assert officer.post(f"/antrian/{report}", {"act": "save"}).status_code == 422
    assert officer.post(f"/antrian/{report}", {"token": "wrong"}).status_code == 403


def test_the_page_speaks_english_and_is_not_for_liaisons_or_analysts(log_in, send):
    send(LAMP)
    assert "Take the next report" in log_in().get("/antrian?lang=en").text
    assert log_in("liaison", "dinas-pupr").get("/antrian").status_code == 403
    assert log_in("analyst").get("/antrian").status_code == 403


def test_the_script_is_told_where_to_go_on(log_in, send):
    report = send(LAMP)
    officer = log_in()
    officer.post("/antrian/ambil")
    answer = officer.post(f"/antrian/{report}", {"act": "save", "agency": "dinas-pupr"}, headers={"Pilah-Desk": "1"})
    assert (answer.status_code, answer.headers["pilah-desk"]) == (204, "/antrian?done=decided")


def test_the_audit_hides_what_was_proposed_and_keeps_the_label_as_blind(client, log_in, send):
    drawn, _ = send(LAMP), send(HOLE)
    draw(client, drawn, "topic")
    officer = log_in()
    assert "Audit buta" in officer.get("/antrian").text
    page = officer.post("/antrian/ambil?cara=buta")
    assert on_desk(page) == drawn
    assert "<mark>" not in page.text
    assert "saran" in page.text
    assert not re.search(r'type="radio" name="(topic|agency)"', page.text)
    page = officer.post(
        f"/antrian/{drawn}?cara=buta", {"act": "save", "topic_lainnya": "jalan-rusak", "agency": "dinas-pupr"}
    )
    said = client.get(f"/v1/feedback/{drawn}/labels").json()["labels"]
    assert [(one["head"], one["value"], one["blind"]) for one in said] == [("topic", "jalan-rusak", True)]
    assert "Tidak ada laporan audit yang menunggu" in page.text


def draw(client, report, head):
    def add(transaction, _):
        row = {"feedback_id": report, "head": head, "quarter": "2026-Q4", "stratum": "plain", "probability": 0.5}
        transaction.connection.execute(insert(tables.audit_draw).values(**row, drawn_at=datetime.now(UTC)))
        return [None]

    client.loop.run_until_complete(client.context.writer.write(add, None))
