"""The list of reports, and the story of one, as a browser without script sees them."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
HOLE = "Mohon lubang di jalan ditutup."
BRIBE = "oknum minta pungli untuk KTP, mohon ditindak"


def listed(page):
    return re.findall(r'href="/laporan/([0-9a-f-]{36})', page.text)


def act(person, report, type_, **fields):
    return person.post(f"/laporan/{report}/kejadian", {"type": type_, **fields})


def test_an_empty_list_says_so_and_a_full_one_shows_what_was_masked(log_in, send):
    officer = log_in()
    assert "Tidak ada laporan yang cocok" in officer.get("/laporan").text
    send(LAMP)
    page = officer.get("/laporan")
    assert "[TELEPON]" in page.text
    assert "Dinas Perhubungan" in page.text


def test_the_address_narrows_the_list_and_words_are_looked_for(log_in, send):
    lamp, hole = send(LAMP), send(HOLE)
    officer = log_in()
    assert listed(officer.get("/laporan?instansi=dinas-pupr")) == [hole]
    assert listed(officer.get("/laporan?topik=penerangan-jalan&keadaan=baru")) == [lamp]
    found = officer.get("/laporan?kata=LUBANG")
    assert listed(found) == [hole]
    # A search begins somewhere; the form shows where.
    assert re.search(r'name="dari" type="date" value="20\d\d-', found.text)
    assert listed(officer.get("/laporan?tenggat=lewat")) == []
    assert listed(officer.get(f"/laporan?sampai={datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}")) == []


def test_what_does_not_fit_is_told_beside_the_form(log_in):
    officer = log_in()
    long = officer.get("/laporan?kata=lampu&dari=2020-01-01")
    assert (long.status_code, "Paling lama 92 hari" in long.text) == (422, True)
    assert officer.get("/laporan?instansi=dinas-sihir").status_code == 422
    assert officer.get("/laporan?kursor=abc").status_code == 422
    assert officer.get("/laporan?dari=kemarin").status_code == 200


def test_a_page_ends_where_the_next_begins(log_in, send):
    sent = [send(f"{LAMP} {number}") for number in range(53)]
    officer = log_in()
    first = officer.get("/laporan")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert listed(first) + listed(officer.get(older)) == list(reversed(sent))


def test_the_list_comes_as_csv_without_formulas(log_in, send):
    send("=1+1 lampu mati")
    send(HOLE)
    answer = log_in().get("/laporan/unduh?kata=lampu")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["text"] == "'=1+1 lampu mati"
    assert answer.headers["content-disposition"].startswith('attachment; filename="laporan-')


def test_a_liaison_sees_its_own_reports_and_no_others(log_in, send):
    lamp, hole = send(LAMP), send(HOLE)
    officer, liaison = log_in(), log_in("liaison", "dinas-pupr")
    assert listed(liaison.get("/laporan")) == []
    act(officer, hole, "didisposisi", agency="dinas-pupr", after="0")
    assert listed(liaison.get("/laporan")) == [hole]
    assert liaison.get(f"/laporan/{hole}").status_code == 200
    hidden = liaison.get(f"/laporan/{lamp}")
    assert (hidden.status_code, "Tidak ditemukan" in hidden.text) == (404, True)


def test_a_story_tells_who_decided_what_and_goes_on_by_forms(client, log_in, send):
    report = send(LAMP)
    officer = log_in()
    page = officer.get(f"/laporan/{report}")
    assert "saran bundel, belum diperiksa" in page.text
    assert "3 hari kerja untuk verifikasi" in page.text
    page = act(officer, report, "didisposisi", agency="dinas-pupr", note="telp 0812-3456-7890", after="0")
    assert "Dicatat." in page.text
    assert "telp [TELEPON]" in page.text
    page = act(officer, report, "ditanggapi", public_reply="Sudah kami perbaiki.", after="1")
    assert "Sudah kami perbaiki." in page.text
    page = officer.post(f"/laporan/{report}/label", {"topic": "lalu-lintas"})
    assert re.search(r"triage\.0,\s*dikoreksi", page.text)
    assert client.get(f"/v1/feedback/{report}").json()["state"] == "ditanggapi"


def test_what_is_illegal_overtaken_or_wrong_comes_back_with_words(log_in, send):
    report = send(LAMP)
    officer = log_in()
    assert act(officer, report, "selesai", after="0").status_code == 409
    act(officer, report, "diverifikasi", after="0")
    overtaken = act(officer, report, "arsip", after="0", note="tetap di sini")
    assert (overtaken.status_code, "Orang lain lebih dahulu" in overtaken.text) == (409, True)
    assert "tetap di sini" in overtaken.text
    nowhere = act(officer, report, "didisposisi", after="1")
    assert (nowhere.status_code, "Pilih sebuah instansi" in nowhere.text) == (422, True)
    office = act(officer, report, "didisposisi", agency="kecamatan-kelurahan-desa", after="1")
    assert (office.status_code, "Pilih kantor" in office.text) == (422, True)
    done = act(officer, report, "didisposisi", agency="kecamatan-kelurahan-desa", unit="13.73.04", after="1")
    assert "Talawi" in done.text


def test_names_of_officers_the_ledger_and_messages_are_for_those_they_are_for(log_in, send):
    report = send(LAMP)
    act(log_in(), report, "diverifikasi", after="0")
    analyst, auditor, admin = (log_in(role).get(f"/laporan/{report}").text for role in ("analyst", "auditor", "admin"))
    assert "triage.0" not in analyst
    assert "triage.0" in auditor
    assert "Buku besar keputusan" not in analyst
    assert "event.diverifikasi" in auditor
    assert "Langkah berikutnya" not in auditor
    assert "event.diverifikasi" in admin


def test_an_accusation_is_not_there_for_others_and_an_erased_report_is_empty(client, log_in, send):
    report = send(BRIBE)
    assert log_in().get(f"/laporan/{report}").status_code == 404
    assert "kemungkinan tuduhan" in log_in(scopes=("oversight",)).get(f"/laporan/{report}").text
    erased = send(LAMP, reporter_ref="u-1")
    client.request("DELETE", "/v1/reporters/u-1")
    page = log_in("admin").get(f"/laporan/{erased}?lang=en")
    assert "were erased on request" in page.text
    assert "Talawi" not in page.text.partition("Who decided")[0]
