"""What an admin looks after, by plain forms."""

import re

import pytest

PASSWORD = "gerimis di atas rel tua"  # noqa: S105  # of accounts made here
SECTIONS = ("kunci", "akun", "webhook", "taksonomi", "libur", "tenggat", "privasi")


@pytest.fixture
def admin(log_in):
    return log_in("admin")


def entries(client, type_):
    return client.get(f"/v1/ledger?type={type_}").json()["entries"]


def test_every_section_opens_in_both_languages_and_for_admins_only(admin, log_in):
    officer = log_in()
    for section in SECTIONS:
        assert admin.get(f"/kelola/{section}").status_code == 200
        assert admin.get(f"/kelola/{section}?lang=en").status_code == 200
        assert officer.get(f"/kelola/{section}").status_code == 403
    assert "belum dipastikan" in admin.get("/kelola").text


def test_a_key_is_shown_once_works_and_is_revoked(client, admin):
    fields = {"name": "Aplikasi Hallo", "scope_ingest": "on", "agency": "", "rate": "500", "expires_at": "2099-01-31"}
    made = admin.post("/kelola/kunci", fields)
    token = re.search(r"pilah_[\w-]+", made.text)[0]
    assert client.post("/v1/feedback", {"text": "lubang"}, key=token).status_code == 201
    page = admin.get("/kelola/kunci")
    assert token not in page.text
    assert "Aplikasi Hallo" in page.text
    (key,) = (one for one in client.get("/v1/keys").json()["keys"] if one["name"] == "Aplikasi Hallo")
    assert (key["rate"], key["expires_at"][:10]) == (500, "2099-01-31")
    assert "Kunci dicabut." in admin.post(f"/kelola/kunci/{key['id']}/cabut").text
    assert client.post("/v1/feedback", {"text": "lubang"}, key=token).status_code == 401
    assert entries(client, "key.revoked")[0]["actor"].startswith("account:")


def test_a_wrong_key_is_told_beside_its_field_and_what_was_typed_stays(admin):
    wrong = admin.post("/kelola/kunci", {"name": "Tetap di sini", "rate": "banyak"})
    assert wrong.status_code == 422
    assert "Pilih paling sedikit satu izin" in wrong.text
    assert 'value="Tetap di sini"' in wrong.text
    twice = {"name": "Kembar", "scope_audit": "on"}
    admin.post("/kelola/kunci", twice)
    again = admin.post("/kelola/kunci", twice)
    assert (again.status_code, "Nama ini sudah dipakai." in again.text) == (409, True)
    assert admin.post("/kelola/kunci", {**twice, "name": "x", "expires_at": "besok"}).status_code == 422


def test_an_account_is_made_changed_disabled_and_enabled(client, admin):
    fields = {"login": "pupr.2", "name": "Penghubung PUPR", "password": PASSWORD, "role": "liaison"}
    wrong = admin.post("/kelola/akun", fields)
    assert (wrong.status_code, PASSWORD in wrong.text) == (422, False)
    assert "Pilih sebuah instansi" in wrong.text
    assert "Akun dibuat." in admin.post("/kelola/akun", {**fields, "agency": "dinas-pupr"}).text

    def account():
        return next(one for one in client.get("/v1/accounts").json()["accounts"] if one["login"] == "pupr.2")

    path = f"/kelola/akun/{account()['id']}"
    admin.post(path, {"act": "duties", "role": "triage", "agency": "dinas-pupr", "oversight": "on"})
    assert (account()["role"], account()["agency"], account()["scopes"]) == ("triage", None, ["oversight"])
    assert admin.post(path, {"act": "password", "password": "pendek"}).status_code == 422
    assert admin.post(path, {"act": "password", "password": "kata sandi yang lain"}).status_code == 200
    admin.post(path, {"act": "disable"})
    assert account()["disabled_at"] is not None
    admin.post(path, {"act": "enable"})
    assert account()["disabled_at"] is None


def test_the_last_admin_is_not_taken_away(client, admin):
    (me,) = (one for one in client.get("/v1/accounts").json()["accounts"] if one["role"] == "admin")
    refused = admin.post(f"/kelola/akun/{me['id']}", {"act": "disable"})
    assert (refused.status_code, "admin terakhir" in refused.text) == (422, True)


def test_a_webhook_is_made_rotated_stopped_and_removed(client, admin):
    fields = {"url": "https://hook.example.org/pilah", "feedback.routed": "on", "agency": "dinas-pupr"}
    made = admin.post("/kelola/webhook", fields)
    secret = re.search(r"whsec_[\w+/=]+", made.text)[0]
    assert secret not in admin.get("/kelola/webhook").text
    assert admin.post("/kelola/webhook", fields).status_code == 409
    assert admin.post("/kelola/webhook", {**fields, "url": "http://127.0.0.1/x"}).status_code == 422
    (hook,) = client.get("/v1/webhooks").json()["webhooks"]
    assert hook["events"] == ["feedback.routed"]
    path = f"/kelola/webhook/{hook['id']}"
    rotated = admin.post(path, {"act": "rotate", "overlap_hours": "2"})
    assert re.search(r"whsec_[\w+/=]+", rotated.text)[0] != secret
    assert admin.post(path, {"act": "rotate", "overlap_hours": "999"}).status_code == 422
    admin.post(path, {"act": "disable"})
    assert admin.post(path, {"act": "replay"}).status_code == 409
    admin.post(path, {"act": "enable"})
    assert admin.post(path, {"act": "replay"}).status_code == 200
    assert admin.post(path, {"act": "nonsense"}).status_code == 422
    assert "Webhook dihapus." in admin.post(path, {"act": "remove"}).text
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def test_a_day_off_is_declared_and_taken_back(admin):
    page = admin.post("/kelola/libur", {"day": "2026-12-01", "name": "Hari jadi kota", "is_off": "1"})
    assert "Hari jadi kota" in page.text
    assert admin.post("/kelola/libur", {"day": "besok", "name": "x"}).status_code == 422
    assert admin.post("/kelola/libur", {"day": "2026-12-01", "name": " "}).status_code == 422
    assert "Hari jadi kota" not in admin.post("/kelola/libur", {"day": "2026-12-01", "act": "remove"}).text
    assert "2030" in admin.get("/kelola/libur?tahun=2029").text
    assert admin.get("/kelola/libur?tahun=abc").status_code == 200


def test_the_clock_policy_is_confirmed_by_a_person(client, admin):
    fields = {
        "verification_days": "4",
        "advice": "Telepon 112.",
        "numbers": "112 panggilan darurat\r\n",
        "is_confirmed": "on",
    }
    fields |= {"days_pengaduan": "10", "days_pengaduan-pengawasan": "60", "days_permintaan-informasi": "5"}
    assert "sudah dipastikan" in admin.post("/kelola/tenggat", fields).text
    policy = client.get("/v1/policy").json()
    assert (policy["verification_days"], policy["days"]["pengaduan"], policy["days"]["aspirasi"]) == (4, 10, None)
    assert policy["numbers"] == [{"number": "112", "name": "panggilan darurat"}]
    wrong = admin.post("/kelola/tenggat", {**fields, "days_pengaduan": "seribu", "advice": "tetap di sini"})
    assert (wrong.status_code, "tetap di sini" in wrong.text) == (422, True)


def test_what_is_kept_of_a_reporter_is_shown_and_erased(client, admin, send):
    send("Mohon lampu di Talawi, telepon 0812-3456-7890", reporter_ref="u/1 x")
    seen = admin.post("/kelola/privasi", {"ref": "u/1 x", "act": "see"})
    assert "[TELEPON]" in seen.text
    assert "1 laporan dihapus isinya." in admin.post("/kelola/privasi", {"ref": "u/1 x", "act": "forget"}).text
    assert "Tidak ada yang disimpan" in admin.post("/kelola/privasi", {"ref": "u/1 x", "act": "see"}).text
    assert admin.post("/kelola/privasi", {"ref": "", "act": "see"}).status_code == 422
    assert "u/1" not in client.log_stream.getvalue()


def test_no_form_is_taken_without_its_token(admin):
    for path in (
        "/kelola/kunci",
        "/kelola/akun",
        "/kelola/webhook",
        "/kelola/libur",
        "/kelola/tenggat",
        "/kelola/privasi",
    ):
        assert admin.post(path, {"token": "x"}).status_code == 403
