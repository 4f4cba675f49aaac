"""A page has no number that its table and its CSV do not have: every chart leads to a CSV that answers."""

import re
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import unquote

import pytest

from service.cases.derivation import Cases
from service.pages import visits

PAGES = ("/ringkasan", "/tren", "/tren?topik=jalan-rusak", "/kinerja", "/kinerja/dinas-pupr?jenis=pengaduan")
FIGURE = re.compile(r'<figure class="chart">.*?</figure>', re.DOTALL)
LINK = re.compile(r'<p class="csv"><a href="([^"]+)" download>')


@pytest.fixture
def filled(client):
    """Some reports of the last days, with a district, summed up."""
    now = datetime.now(UTC)
    for number in range(6):
        received_at = (now - timedelta(days=number)).isoformat()
        report = {"text": f"mohon lubang besar {number} di Talawi", "received_at": received_at, "district": "Talawi"}
        id_ = client.post("/v1/feedback", report).json()["id"]
        client.post(f"/v1/feedback/{id_}/events", {"type": "didisposisi", "agency": "dinas-pupr"})
    deadline = time.monotonic() + 20
    while sum(one["n"] or 0 for one in client.get("/v1/statistics/agencies").json()["units"]) < 6:
        assert time.monotonic() < deadline
    return client


def test_figures_that_are_still_being_counted_say_so(log_in, monkeypatch):
    person = log_in("analyst")
    for path in ("/ringkasan", "/tren", "/kinerja", "/kebijakan", "/laporan-bulanan", "/laporan"):
        assert "Angka sedang dihitung" not in person.get(path).text
    monkeypatch.setattr(visits, "count_behind", lambda _, name: 6_496 if name == Cases.name else 0)
    for path in ("/ringkasan", "/tren", "/kinerja", "/kebijakan", "/laporan-bulanan"):
        assert "6.496 catatan belum masuk" in person.get(path).text, path
    assert "catatan belum masuk" not in person.get("/laporan").text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("role", ["analyst", "triage"])
def test_every_chart_of_a_page_leads_to_a_csv_that_answers(log_in, role):
    person = log_in(role)
    n_charts = 0
    for path in PAGES:
        page = person.get(path)
        assert page.status_code == 200, path
        for figure in FIGURE.findall(page.text):
            n_charts += 1
            (address,) = LINK.findall(figure)
            if address.startswith("data:text/csv"):
                assert "\n" in unquote(address.partition(",")[2])
                continue
            answer = person.get(unescape(address))
            assert answer.status_code == 200, (path, address, answer.text[:200])
            assert answer.headers["content-type"].startswith("text/csv")
    assert n_charts >= 7


def list_cards(page):
    """The figure of each card that leads to a list, with its address."""
    card = r'<li class="card[^"]*">\s*<h3><a href="(/laporan[^"]*)">.*?<p class="figure">(.*?)</p>'
    cards = re.findall(card, page, re.DOTALL)
    return [(unescape(address), int(figure)) for address, figure in cards]


def test_every_card_leads_to_as_many_reports_as_it_says(filled, log_in):
    client, person = filled, log_in("admin")
    sent = [client.post("/v1/feedback", {"text": f"kebakaran besar di pasar {n}"}).json()["id"] for n in range(3)]
    client.post(f"/v1/feedback/{sent[0]}/acknowledge")
    client.post("/v1/feedback", {"text": "lubang di jalan yang belum diteruskan"})
    done = client.get("/v1/feedback?agency=dinas-pupr&state=didisposisi").json()["feedback"][0]["id"]
    client.post(f"/v1/feedback/{done}/events", {"type": "ditanggapi"})
    deadline = time.monotonic() + 20
    while client.get("/v1/statistics/agencies").json()["units"][0]["n_answered"] != 1:
        assert time.monotonic() < deadline
    found = [card for path in ("/ringkasan", "/kinerja/dinas-pupr") for card in list_cards(person.get(path).text)]
    assert len(found) >= 5
    assert {figure for _, figure in found} >= {2, 5, 6}
    for address, figure in found:
        listed = set(re.findall(r'href="/laporan/([0-9a-f-]{36})', person.get(address).text))
        assert len(listed) == figure, address
