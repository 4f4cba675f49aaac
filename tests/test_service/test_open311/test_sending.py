"""Reports that come in through the form of GeoReport."""

import pytest

LAMP = "Mohon lampu jalan di Talawi diperbaiki"
SENDER = {
    "first_name": "Zulkarnaini",
    "last_name": "Sutan Mudo",
    "email": "Zul.Mudo@example.id",
    "phone": "0812-3456-7890",
    "device_id": "tt222111",
    "account_id": "akun-55",
}


def form(key, **fields):
    return {"api_key": key, "service_code": "auto", "description": LAMP, **fields}


def test_a_report_is_stored_and_found_with_its_words_place_and_agency(client, edge):
    fields = form(
        client.key, lat="-0.6609", long="100.7774", address_string="Jl. Lama 5", media_url="http://a.id/1.jpg"
    )
    told = edge.send(fields)[0]
    assert told["account_id"] is None
    assert told["service_notice"].startswith("Petugas memeriksa laporan ini paling lambat ")
    (found,) = edge.read(f"requests/{told['service_request_id']}", {"api_key": client.key})
    assert found["description"] == LAMP
    assert (found["lat"], found["long"]) == (-0.6609, 100.7774)
    assert (found["address"], found["media_url"]) == ("Jl. Lama 5", "http://a.id/1.jpg")
    assert (found["status"], found["service_code"]) == ("open", "penerangan-jalan")
    assert found["agency_responsible"] == "Dinas Perhubungan"
    stored = client.get(f"/v1/feedback/{told['service_request_id']}").json()
    assert (stored["channel"], stored["sender_topic"], stored["state"]) == ("open311", None, "baru")


def test_a_chosen_service_is_the_word_of_the_sender_and_no_label(client, edge):
    sent = edge.add(LAMP, service_code="jalan-rusak")
    stored = client.get(f"/v1/feedback/{sent}").json()
    assert stored["sender_topic"] == "jalan-rusak"
    assert stored["prediction"]["heads"]["topic"]["label"] == "penerangan-jalan"
    assert client.get(f"/v1/feedback/{sent}/labels").json() == {"labels": []}
    key = {"api_key": client.key}
    assert edge.read(f"requests/{sent}", key)[0]["service_name"] == "Jalan rusak dan berlubang"
    client.post(f"/v1/feedback/{sent}/labels", {"topic": "penerangan-jalan"})
    assert edge.read(f"requests/{sent}", key)[0]["service_code"] == "penerangan-jalan"
    assert edge.read("requests", {**key, "service_code": "jalan-rusak"}) == []
    assert len(edge.read("requests", {**key, "service_code": "sampah,penerangan-jalan"})) == 1


def test_neither_name_nor_number_nor_address_of_the_sender_reaches_store_log_or_answer(client, edge):
    words = "Lampu mati. Salam, ZULKARNAINI  Sutan Mudo, wa 0812-3456-7890, di rumah Zulkarnaini Sutan Mudo"
    sent = edge.add(words, address_string="Rumah Zulkarnaini Sutan Mudo", **SENDER)
    edge.read(f"requests/{sent}", {"api_key": client.key})
    kept = b"".join(path.read_bytes() for path in client.settings.home.glob("pilah.db*"))
    told = client.get(f"/v1/feedback/{sent}").text + client.get(f"/v1/ledger?feedback={sent}").text
    for secret in ("ulkarnaini", "sutan mudo", "3456-7890", "34567890", "zul.mudo", "tt222111", "akun-55", client.key):
        for place in (kept.decode("utf-8", "replace"), client.log_stream.getvalue(), told):
            assert secret.lower() not in place.lower()
    assert kept.count(b"[NAMA]") >= 2


@pytest.mark.parametrize(
    "left_out", [(), ("account_id",), ("account_id", "device_id"), ("account_id", "device_id", "email")]
)
def test_the_reporter_is_the_account_else_the_device_the_mail_or_the_telephone(client, edge, left_out):
    sender = {name: value for name, value in SENDER.items() if name not in left_out}
    edge.add(LAMP, **sender)
    reference = ("akun-55", "tt222111", "zul.mudo@example.id", "081234567890")[len(left_out)]
    assert len(client.get(f"/v1/reporters/{reference}").json()["reports"]) == 1


def test_a_telephone_number_is_the_same_reporter_however_it_is_written(client, edge):
    for n, phone in enumerate(("0812 3456 7890", "+62812-3456-7890", "62 812 3456 7890")):
        edge.add(f"{LAMP} {n}", phone=phone)
    assert len(client.get("/v1/reporters/081234567890").json()["reports"]) == 3


def test_the_key_may_stand_in_form_address_or_header_and_in_no_log(client, edge):
    fields = form("")
    edge.send(fields, key=client.key)
    edge.send(fields, query=f"?api_key={client.key}")
    edge.send({**fields, "api_key": client.key})
    edge.read("requests", key=client.key)
    assert client.key not in client.log_stream.getvalue()
    assert "api_key" not in client.log_stream.getvalue()
    assert {line["route"] for line in client.requests} == {"/open311/v2/requests.{extension}"}
    assert all(line["caller"].startswith("key:") for line in client.requests)


def test_the_same_twice_is_stored_once(client, edge):
    fields, identity = form(client.key), {"Idempotency-Key": "once"}
    first = edge.send(fields, headers=identity)
    assert edge.send(fields, headers=identity, status=200) == first
    refused = edge.send({**fields, "description": "sampah"}, headers=identity, status=400)
    assert "Idempotency-Key" in refused[0]["description"]
    assert len(edge.read("requests", {"api_key": client.key})) == 1


def test_who_reports_an_emergency_is_told_whom_to_call(client, edge):
    notice = edge.send(form(client.key, description="kebakaran rumah di Talawi"))[0]["service_notice"]
    assert "bukan layanan darurat" in notice
    assert "pemadam kebakaran 113" in notice


def test_the_xml_says_what_the_json_says(client, edge):
    fields, identity = form(client.key), {"Idempotency-Key": "once"}
    (told,) = edge.send(fields, headers=identity)
    assert edge.send(fields, headers=identity, format_="xml", status=200) == [told]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"service_code": None}, 400, "service_code: is required"),
        ({"service_code": "  "}, 400, "service_code: is required"),
        ({"description": None}, 400, "description: is required"),
        ({"description": "\u200b"}, 400, "description: is empty"),
        ({"description": "lampu\0"}, 400, "description: holds a NUL"),
        ({"service_code": "lubang-cacing"}, 404, "service_code lubang-cacing was not found"),
        ({"service_code": "x" * 5_000}, 400, "service_code"),
        ({"jurisdiction_id": "sfgov.org"}, 404, "jurisdiction_id was not found"),
        ({"lat": "-0.66"}, 400, "lat and long belong together"),
        ({"lat": "-0,66", "long": "100"}, 400, "lat: is no number"),
        ({"lat": "nan", "long": "100"}, 400, "lat: is no number"),
        ({"lat": "-0.66", "long": "200"}, 400, "long: "),
        ({"address_id": "545483"}, 400, "address_id alone"),
        ({"address_string": "x" * 201}, 400, "address_string: "),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url: "),
        ({"account_id": "é"}, 400, "account_id: "),
        ({"attribute[WARNA]": "merah"}, 400, "attribute[WARNA]: unknown field"),
        ({"status": "closed"}, 400, "status: unknown field"),
        ({"description": "lampu " * 20_000}, 400, "description: has 120,000 bytes"),
        ({"description": "lampu " * 200_000}, 400, "1,048,576 bytes"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused_by_field(client, edge, fields, status, words):
    sent = {name: value for name, value in {**form(client.key), **fields}.items() if value is not None}
    (error,) = edge.send(sent, status=status)
    assert error["code"] == status
    assert words in error["description"]
    assert client.get("/v1/feedback").json()["feedback"] == []


def test_what_is_no_form_is_refused(client, edge):
    key = {"query": f"?api_key={client.key}", "status": 400}
    edge.send(b"description=lampu&description=sampah&service_code=auto", **key)
    edge.send(b"description=%e9&service_code=auto", **key)
    edge.send(b"description=\xe9&service_code=auto", **key)
    edge.send(b"", **key)
    edge.send("&".join(f"f{n}=1" for n in range(200)).encode(), **key)
    for content_type in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        edge.send(b'{"description": "lampu"}', headers={"Content-Type": content_type}, **key)
    edge.send(b"description=x", headers={"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}, **key)
    edge.send(form(client.key), headers={"Idempotency-Key": "x" * 300}, status=400)


def test_without_a_key_of_the_right_scope_nothing_is_stored(client, edge):
    reader = client.make_key("analyse", "triage")
    for key in ("", "pilah_wrong", "ü", "a b", reader):
        (error,) = edge.send(form(key), status=403)
        assert error["code"] == 403
    edge.send(form(""), query="?api_key=pilah_wrong", status=403)
    edge.send(form(client.key), key="pilah_wrong", status=403)
    assert client.get("/v1/feedback").json()["feedback"] == []


def test_faults_of_the_framework_have_the_shape_of_georeport(client, edge, monkeypatch):
    for path in ("/open311", "/open311/v2/nothing", "/open311/v2/services.yaml", "/open311/v2/requests/a/b"):
        assert client.get(path).text.count("<error><code>404</code><description>") == 1
    assert client.get("/open311/v2/nothing.json").json()[0]["code"] == 404
    answer = client.request("DELETE", "/open311/v2/requests.json")
    assert (answer.status_code, answer.json()[0]["code"]) == (405, 405)
    assert "POST" in answer.headers["allow"]
    assert client.get("/open311/v2/services.json").headers["cache-control"] == "no-store"
    assert client.get("/open311nothing").headers["content-type"] == "application/problem+json"

    def break_down(*_, **__):
        raise RuntimeError("rahasia")

    monkeypatch.setattr(type(client.context.classifier), "classify", break_down)
    (error,) = edge.send(form(client.key), status=500)
    assert "rahasia" not in error["description"] + client.log_stream.getvalue()
