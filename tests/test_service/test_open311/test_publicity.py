"""What everybody sees: what an officer published, never what is shut away; and the `georeport` client reads it."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from georeport import GeoReport
from sqlalchemy import update

from service.errors import SettingsError
from service.tables import feedback

LAMP = "Mohon lampu jalan di Talawi diperbaiki"
ACCUSATION = "pungli petugas, pengaduan oknum"


def list_public(public):
    return [found["service_request_id"] for found in public.read("requests")]


def entries(client, feedback_id):
    found = client.get(f"/v1/ledger?feedback={feedback_id}").json()["entries"]
    return [
        (entry["type"], entry["content"])
        for entry in found
        if entry["type"].startswith(("feedback.pub", "feedback.with"))
    ]


def test_only_what_an_officer_published_is_for_everybody(public):
    hidden, shown = public.add(LAMP), public.add("Mohon sampah diangkut")
    assert list_public(public) == []
    answer = public.publish(shown)
    assert answer.json()["visible"] is True
    assert public.publish(shown).json() == answer.json()
    assert list_public(public) == [shown]
    assert public.read("requests", {"service_request_id": f"{hidden},{shown}"})[0]["service_request_id"] == shown
    public.read(f"requests/{hidden}", status=404)
    public.read(f"tokens/{hidden}", status=404)
    public.read(f"requests/{shown}", {"api_key": "pilah_wrong"}, status=403)
    for _ in range(2):
        closed = public.client.request("DELETE", f"/v1/feedback/{shown}/publish")
        assert closed.json() == {"id": shown, "published_at": None, "visible": False}
    assert list_public(public) == []
    assert entries(public.client, shown) == [
        ("feedback.published", {"masks": []}),
        ("feedback.withdrawn", {"why": "withdrawn"}),
    ]


def test_a_kind_that_the_setting_does_not_name_stays_hidden(public):
    sent = public.add("bagaimana cara mengurus KTP, kapan kantor buka")
    assert public.publish(sent).json()["visible"] is False
    assert list_public(public) == []


def test_masked_personal_data_need_a_confirmation(public):
    sent = public.add(f"{LAMP}, hubungi 0812-3456-7890")
    refused = public.publish(sent)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/confirmation-needed")
    assert refused.json()["masks"] == ["TELEPON"]
    assert list_public(public) == []
    assert public.publish(sent, confirm=True).status_code == 200
    assert "[TELEPON]" in public.read(f"requests/{sent}")[0]["description"]
    assert entries(public.client, sent) == [("feedback.published", {"masks": ["TELEPON"]})]


def test_a_report_that_is_shut_away_is_nowhere(public):
    sent = public.add(ACCUSATION)
    client = public.client
    refused = public.publish(sent, confirm=True)
    assert (refused.status_code, refused.json()["why"]) == (409, "restricted")
    officer = client.make_key("triage")
    assert client.post(f"/v1/feedback/{sent}/publish", {}, key=officer).status_code == 404
    # Even where the column was set: the gate does not trust it.
    _set(client, sent, published_at=datetime.now(UTC))
    for query in (
        {},
        {"api_key": officer},
        {"service_request_id": sent},
        {"api_key": officer, "service_request_id": sent},
    ):
        assert public.read("requests", query) == []
    for query in (
        {},
        {"api_key": officer},
        {"api_key": client.make_key("ingest")},
        {"api_key": client.make_key("audit")},
    ):
        public.read(f"requests/{sent}", query, status=404)
        public.read(f"tokens/{sent}", query, status=404)
    assert len(public.read("requests", {"api_key": client.make_key("triage", "oversight")})) == 1


def test_a_label_that_shuts_a_report_away_takes_it_back_for_good(public):
    sent = public.add(LAMP)
    public.publish(sent)
    client = public.client
    client.post(f"/v1/feedback/{sent}/labels", {"kind": "pengaduan-pengawasan"})
    assert list_public(public) == []
    client.post(f"/v1/feedback/{sent}/labels", {"kind": "pengaduan"})
    assert list_public(public) == []
    assert client.get(f"/v1/feedback/{sent}").json()["published_at"] is None
    assert entries(client, sent)[1:] == [("feedback.withdrawn", {"why": "restricted"})]


def test_an_erased_report_is_taken_back_and_stays_so(public):
    sent = public.add(LAMP, account_id="akun-55")
    public.publish(sent)
    assert public.client.request("DELETE", "/v1/reporters/akun-55").status_code == 200
    assert list_public(public) == []
    assert public.publish(sent).json()["why"] == "erased"


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        ("x", {}, None, 404),
        ("%00", {}, None, 422),
        (None, None, None, 400),
        (None, [], None, 422),
        (None, {"confirm": "ya"}, None, 422),
        (None, {"sure": True}, None, 422),
        (None, {}, "ingest", 403),
        (None, {}, "analyse", 403),
    ],
)
def test_a_wish_to_publish_that_cannot_be_used_is_refused(public, path, body, key, status):
    client = public.client
    sent = path or public.add(LAMP)
    token = client.make_key(key) if key else None
    content = json.dumps(body) if body is not None else ""
    headers = {"Content-Type": "application/json"}
    address = f"/v1/feedback/{sent}/publish"
    assert client.request("POST", address, content=content, headers=headers, key=token).status_code == status
    if status in {403, 404}:
        assert client.request("DELETE", address, key=token).status_code == status


@pytest.mark.parametrize("value", ["pengaduan-pengawasan", "keluhan", "pengaduan, x"])
def test_a_setting_of_kinds_that_are_none_or_accusations_is_refused(settings, value):
    with pytest.raises(SettingsError, match="PILAH_OPEN311_PUBLIC"):
        settings.changed(open311_public=value)


def _set(client, feedback_id, **values):
    def execute(transaction, jobs):
        changed = update(feedback).where(feedback.c.id == feedback_id).values(**values)
        return [transaction.connection.execute(changed) and None for _ in jobs]

    client.loop.run_until_complete(client.context.writer.write(execute, None))


def test_the_georeport_client_reads_what_is_public_in_both_formats(listen, public_settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listen(public_settings) as (address, key):
        header = {"Authorization": f"Bearer {key}"}
        ids = []
        for text in (LAMP, "Mohon sampah diangkut"):
            form = {"api_key": key, "service_code": "auto", "description": text, "lat": "-0.66", "long": "100.78"}
            sent = httpx.post(f"{address}/open311/v2/requests.json", data=form)
            ids.append(sent.json()[0]["service_request_id"])
            httpx.post(f"{address}/v1/feedback/{ids[-1]}/publish", json={}, headers=header)
        told = []
        for format_ in ("json", "xml"):
            reader = GeoReport(f"{address}/open311/v2/", jurisdiction="13.73", output_format=format_)
            services = reader.get_service_list()
            assert services[0]["service_code"] == "auto"
            assert reader.get_service_definition("sampah")["service_code"] == "sampah"
            found = reader.get_service_requests(status="open")
            one = reader.get_service_request(ids[0])
            assert {entry["service_request_id"] for entry in found} == set(ids)
            told.append((one["service_request_id"], one["status"], one["description"], float(one["lat"])))
        assert told[0] == told[1] == (ids[0], "open", LAMP, -0.66)
