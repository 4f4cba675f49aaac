from service import tables
from service.ledger.deriving import rebuild
from service.messages.outbox import Outbox


def rebuild_outbox(desk):
    def run(transaction, jobs):
        return [rebuild(transaction.connection, Outbox()) for _ in jobs]

    desk.do(desk.context.writer.write(run, None))


def test_what_happens_to_a_report_is_told_in_order_of_types(desk, receiver, texts, change):
    desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["fire"], "external_id": "HS-7"}).json()
    change(desk, stored["id"], "event.diproses", state="diproses")
    change(desk, stored["id"], "label.correction")
    change(desk, stored["id"], "clock.revised")
    desk.work_off()
    assert sorted(receiver.types) == ["feedback.changed", "feedback.changed", "feedback.routed", "feedback.urgent"]
    told = receiver.bodies[0]["data"]
    assert (told["id"], told["external_id"], told["state"]) == (stored["id"], "HS-7", "diproses")
    assert told["agency"] == "satpol-pp-damkar"
    assert told["alarm"] == "urgent"
    assert told["links"]["self"].endswith(f"/v1/feedback/{stored['id']}")


def test_no_word_of_the_report_is_told(desk, receiver, texts):
    desk.subscribe(receiver.url)
    body = {"text": texts["lamp"], "title": "Lampu padam", "address": "Jl. Lama 5", "reporter_ref": "warga-1"}
    desk.client.post("/v1/feedback", body)
    desk.work_off()
    (told,) = [body for _, _, body in receiver.requests]
    for secret in ("lampu", "Mohon", "padam", "Jl. Lama", "3456", "warga-1"):
        assert secret.lower() not in told.replace("penerangan-jalan", "").lower()


def test_a_rebuild_gives_the_same_messages_and_sends_nothing_again(desk, receiver, texts, change):
    desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["lamp"]}).json()
    desk.work_off()
    change(desk, stored["id"])
    desk.derive()
    before = desk.rows(tables.message)
    deliveries = desk.rows(tables.delivery)
    rebuild_outbox(desk)
    assert desk.rows(tables.message) == before
    assert desk.rows(tables.delivery) == deliveries
    desk.work_off()
    assert receiver.types == ["feedback.routed", "feedback.changed"]
    rebuild_outbox(desk)
    desk.work_off()
    assert len(receiver.requests) == 2


def test_a_new_webhook_hears_of_nothing_that_was(desk, receiver, texts):
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.subscribe(receiver.url)
    desk.work_off()
    assert receiver.requests == []


def test_a_webhook_hears_only_what_it_may(desk, start_receiver, texts):
    of_agency, of_all, of_oversight, of_urgent = (start_receiver() for _ in range(4))
    desk.subscribe(of_agency.url, agency="dinas-perhubungan")
    desk.subscribe(of_all.url)
    desk.subscribe(of_oversight.url, scopes=["oversight"])
    desk.subscribe(of_urgent.url, events=["feedback.urgent"])
    ids = {name: desk.client.post("/v1/feedback", {"text": text}).json()["id"] for name, text in texts.items()}
    desk.work_off()
    # What is only proposed for an agency waits for a person; the agency hears of it when it lies there.
    assert of_agency.bodies == []
    disposed = {"type": "didisposisi", "agency": "dinas-perhubungan"}
    assert desk.client.post(f"/v1/feedback/{ids['lamp']}/events", disposed).status_code == 201
    desk.work_off()

    def heard(receiver):
        return {
            (name, body["type"]) for body in receiver.bodies for name, id_ in ids.items() if id_ == body["data"]["id"]
        }

    routed, urgent = "feedback.routed", "feedback.urgent"
    moved = {("lamp", routed), ("lamp", "feedback.changed")}
    assert heard(of_agency) == moved
    assert heard(of_all) == moved | {("fire", routed), ("fire", urgent)}
    assert heard(of_oversight) == moved | {(name, routed) for name in texts} | {("fire", urgent), ("both", urgent)}
    assert heard(of_urgent) == {("fire", urgent)}


def test_what_moved_or_was_shut_away_before_it_went_out_is_withdrawn(desk, receiver, start_receiver, texts, change):
    other = start_receiver()
    desk.subscribe(receiver.url, agency="dinas-perhubungan")
    desk.subscribe(other.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["lamp"]}).json()
    desk.derive()
    change(desk, stored["id"], agency="inspektorat", restriction="oversight")
    desk.work_off()
    assert receiver.requests == other.requests == []
    assert {row["state"] for row in desk.rows(tables.delivery)} == {"withdrawn"}
