from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from service import tables
from service.cases.derivation import Cases
from service.figures.newcomers import Proposal
from service.ledger.deriving import count_behind
from service.vocabulary.looking import Found, Outcome
from service.vocabulary.proposals import keep_outcomes

NOW = datetime.now(UTC)


def send(client, text, weeks_ago, n=1):
    at = (NOW - timedelta(weeks=weeks_ago)).isoformat()
    rows = [{"text": text, "received_at": at} for _ in range(n)]
    for row in rows:
        assert client.post("/v1/feedback", row).status_code == 201


def catch_up(client):
    async def count():
        return await client.context.reader.read(lambda connection: count_behind(connection, Cases.name))

    while client.loop.run_until_complete(count()):
        pass


def test_a_series_tells_every_period_and_what_its_numbers_rest_on(client):
    send(client, "lampu mati", 3, 2)
    send(client, "jalan lubang", 1)
    catch_up(client)
    whole = client.get("/v1/trends?grain=week").json()
    assert whole["n"] == 3
    assert [series["topic"] for series in whole["series"]] == [""]
    answer = client.get("/v1/trends?grain=week&topic=penerangan-jalan&topic=jalan-rusak").json()
    assert {series["topic"]: series["n"] for series in answer["series"]} == {"penerangan-jalan": 2, "jalan-rusak": 1}
    points = answer["series"][0]["points"]
    assert len(points) >= 52
    assert sum(point["n_suggest"] + point["n_auto"] + point["n_person"] for point in points) == answer["series"][0]["n"]
    assert all(point["low"] <= point["value"] <= point["high"] for point in points)
    public = client.get("/v1/trends?topic=jalan-rusak&public=true").json()
    assert (public["grain"], public["series"][0]["n"]) == ("month", None)
    for narrow in ("grain=day", "agency=dinas-pupr", "district=Talawi"):
        assert client.get(f"/v1/trends?{narrow}&public=true").status_code == 422
    assert client.get("/v1/trends?grain=day&start=2020-01-01&end=2024-01-01").status_code == 422
    assert client.get("/v1/trends?topic=nothing").status_code == 422
    table = client.get("/v1/trends?grain=month&format=csv").content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("topic,point_day,point_n,")


def test_what_new_words_propose_is_listed_with_its_reports(client):
    report = client.post("/v1/feedback", {"text": "kandang biogas bocor"}).json()["id"]
    empty = client.get("/v1/trends/proposals").json()
    assert (empty["definition"], empty["enough"], empty["topics"]) == ("proposed", False, [])
    proposal = Proposal("baru-12345678", (("biogas", 7), ("kandang biogas", 6)))
    outcome = Outcome(date(2100, 1, 1), 60, 900, (Found(proposal, 8, (report,)),))
    client.loop.run_until_complete(client.context.writer.write(keep_outcomes, outcome))
    answer = client.get("/v1/trends/proposals").json()
    assert (answer["enough"], answer["n"]) == (True, 60)
    (topic,) = answer["topics"]
    assert (topic["id"], topic["n"], topic["since"]) == ("baru-12345678", 8, "2100-01-01")
    assert topic["words"][0] == {"word": "biogas", "n": 7}
    table = client.get("/v1/trends/proposals?format=csv").content.decode("utf-8-sig").splitlines()
    assert table[1].startswith("baru-12345678,2100-01-01,8,biogas,7,kandang biogas,6,proposed")
    client.post("/v1/feedback", {"text": "jalan lubang"})
    listed = client.get("/v1/feedback?proposal=baru-12345678").json()["feedback"]
    assert [one["id"] for one in listed] == [report]
    unit = client.post("/v1/keys", {"name": "u", "scopes": ["triage"], "agency": "dinas-pupr"}).json()["token"]
    assert client.get("/v1/trends/proposals", key=unit).json()["topics"] == []


def test_a_burst_stands_out_of_a_quiet_year(client):
    for week in range(2, 40):
        send(client, "jalan lubang", week, 1 + week % 2)
    send(client, "jalan lubang", 1, 25)
    catch_up(client)
    answer = client.get("/v1/trends/emerging").json()
    (burst,) = answer["topics"]
    assert burst["topic"] == "jalan-rusak"
    assert burst["is_alarm"]
    assert burst["observed"] >= 25 > burst["high"] >= burst["low"]


def test_a_mark_is_in_the_ledger_before_its_effect_and_after_it_is_gone(client):
    day = (NOW - timedelta(weeks=20)).date().isoformat()
    sent = {"day": day, "title": "SOP baru, hubungi 0812-3456-7890", "agency": "dinas-pupr"}
    made = client.post("/v1/marks", sent)
    assert made.status_code == 201, made.text
    mark = made.json()
    assert "[TELEPON]" in mark["title"]
    assert client.post("/v1/marks", sent).json() == mark  # a second click
    send(client, "jalan lubang", 30)
    catch_up(client)
    effect = client.get(f"/v1/trends/effect?mark={mark['id']}").json()
    assert (effect["verdict"], effect["mark"]["id"]) == ("too_short", mark["id"])
    assert effect["points"]
    # Answers of late weeks are still to come: they are no fall.
    answered = client.get(f"/v1/trends/effect?mark={mark['id']}&measure=answered").json()
    assert len(effect["points"]) - len(answered["points"]) == 12
    both = client.post("/v1/marks", {**sent, "topic": "jalan-rusak"}).json()
    wider = {m: client.get(f"/v1/trends/effect?mark={both['id']}&measure={m}").json() for m in ("kept", "reports")}
    assert (wider["kept"]["is_wider"], wider["reports"]["is_wider"], effect["is_wider"]) == (True, False, False)
    assert client.request("DELETE", f"/v1/marks/{both['id']}").status_code == 200
    assert client.get("/v1/marks").json()["marks"] == [mark]
    removed = client.request("DELETE", f"/v1/marks/{mark['id']}")
    assert removed.json() == mark
    assert client.get("/v1/marks").json()["marks"] == []
    assert client.request("DELETE", f"/v1/marks/{mark['id']}").status_code == 404
    assert client.get(f"/v1/trends/effect?mark={mark['id']}").status_code == 404

    def read(connection):
        columns = tables.ledger.c
        return connection.execute(
            select(columns.type, columns.content).where(columns.type.startswith("mark.")).order_by(columns.number)
        ).all()

    entries = client.loop.run_until_complete(client.context.reader.read(read))
    assert [entry.type for entry in entries] == ["mark.entered", "mark.entered", "mark.removed", "mark.removed"]
    assert "SOP" not in entries[0].content


def test_who_may_not_analyse_enters_no_mark(client):
    body = {"day": "2026-01-01", "title": "x"}
    assert client.post("/v1/marks", body, key=client.make_key("triage")).status_code == 403
    assert client.post("/v1/marks", {**body, "until": "2025-01-01"}).status_code == 422
    assert client.post("/v1/marks", {**body, "agency": "nobody"}).status_code == 422
    assert client.post("/v1/marks", {**body, "type": "lain"}).status_code == 422
    assert client.post("/v1/marks", {"day": "2026-01-01"}).status_code == 422
