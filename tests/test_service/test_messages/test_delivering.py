import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook as Verifier

from service import tables
from service.messages import delivering
from service.messages.delivering import Deliverer
from service.messages.leasing import KEPT, LEASE_S, MAX_PER_TARGET, SCHEDULE_S, forget_old, plan_next
from service.messages.sending import Outcome, Sender

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def verify(request, secret):
    _, headers, body = request
    return Verifier(secret).verify(body, headers)


def test_a_delivery_is_verified_by_the_library_of_the_specification(desk, receiver, texts):
    webhook = desk.subscribe(receiver.url)
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    (request,) = receiver.requests
    assert verify(request, webhook["secret"])["type"] == "feedback.routed"
    with pytest.raises(Exception, match="No matching signature"):
        verify((request[0], request[1], request[2] + " "), webhook["secret"])
    (row,) = desk.rows(tables.delivery)
    assert (row["state"], row["status"], row["n_tries"], row["fault"]) == ("sent", 204, 1, None)


def test_a_receiver_that_fails_is_tried_again_under_the_same_id(desk, receiver, texts):
    desk.subscribe(receiver.url)
    receiver.answers = [(500, {}), (302, {"Location": "/elsewhere"}), (503, {"Retry-After": "7200"})]
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    waits = []
    for _ in range(3):
        desk.work_off()
        (row,) = desk.rows(tables.delivery)
        waits.append((row["next_at"] - datetime.now(UTC)).total_seconds())
        desk.make_due()
    assert 3 < waits[0] < 6.1
    assert 47 < waits[1] < 72.1
    assert 7100 < waits[2] <= 7200
    desk.work_off()
    (row,) = desk.rows(tables.delivery)
    assert (row["state"], row["n_tries"]) == ("sent", 4)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1
    assert {path for path, _, _ in receiver.requests} == {"/pilah?token=rahasia-alamat"}


def test_the_waits_grow_with_chance_in_them_and_end():
    waits = [plan_next(n, Outcome(500, "status 500"), NOW) for n in range(1, len(SCHEDULE_S) + 1)]
    for wait_s, then in zip(SCHEDULE_S, waits, strict=True):
        assert 0.8 * wait_s <= (then - NOW).total_seconds() <= 1.2 * wait_s
    assert plan_next(len(SCHEDULE_S) + 1, Outcome(500, "status 500"), NOW) is None
    assert plan_next(1, Outcome(204), NOW) is None
    assert plan_next(1, Outcome(410, "status 410"), NOW) is None
    # Nobody can ask us to wait for ever.
    asked = plan_next(1, Outcome(503, "status 503", wait_s=1e9), NOW)
    assert asked <= NOW + timedelta(days=1.2)


def test_after_its_last_try_a_delivery_is_dead_listed_and_replayed(desk, receiver, texts):
    webhook = desk.subscribe(receiver.url)
    receiver.answers = [(500, {})] * 9
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    for _ in range(9):
        desk.work_off()
        desk.make_due()
    desk.work_off()
    assert len(receiver.requests) == 9
    path = f"/v1/webhooks/{webhook['id']}"
    (dead,) = desk.client.get(f"{path}/deliveries?state=dead").json()["deliveries"]
    assert (dead["n_tries"], dead["status"], dead["fault"]) == (9, 500, "status 500")
    assert desk.client.post(f"{path}/replay?message=another").json() == {"n_replayed": 0}
    assert desk.client.post(f"{path}/replay?message={dead['message_id']}").json() == {"n_replayed": 1}
    assert desk.client.post(f"{path}/replay").json() == {"n_replayed": 0}
    desk.work_off()
    assert receiver.requests[-1][1]["webhook-id"] == dead["message_id"]
    assert desk.client.get(path).json()["deliveries"] == {"sent": 1}


def test_410_disables_the_webhook_until_somebody_resumes_it(desk, receiver, texts):
    webhook = desk.subscribe(receiver.url)
    path = f"/v1/webhooks/{webhook['id']}"
    receiver.answers = [(410, {})]
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    shown = desk.client.get(path).json()
    assert "410" in shown["disabled_why"]
    assert shown["deliveries"] == {"dead": 1}
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    assert len(receiver.requests) == 1
    refused = desk.client.post(f"{path}/replay")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-disabled")
    assert desk.client.request("PATCH", path, json={"disabled": False}).json()["disabled_at"] is None
    assert desk.client.post(f"{path}/replay").json() == {"n_replayed": 1}
    desk.work_off()
    assert len(receiver.requests) == 2


def test_a_receiver_that_stalls_holds_up_no_other(desk, receiver, start_receiver, texts, monkeypatch):
    monkeypatch.setattr(delivering, "GRACE_S", 0.0)
    other = start_receiver()
    receiver.answers = [("stall", {})] * 100
    stalled = desk.subscribe(receiver.url)["id"]
    desk.subscribe(other.url)
    for number in range(12):
        desk.client.post("/v1/feedback", {"text": f"{texts['lamp']} nomor {number}"})
    desk.derive()

    async def deliver():
        deliverer = Deliverer(desk.context, Sender(desk.context.settings.listed_hosts), desk.postman)
        for _ in range(2_000):
            await deliverer.run()
            if len(other.requests) == 12:
                break
            await asyncio.sleep(0.005)
        n_stalled = len(receiver.requests)
        await deliverer.close()
        return n_stalled

    # The other one heard everything while a few tries of the first were waiting for an answer.
    assert desk.do(deliver()) == MAX_PER_TARGET
    assert len(other.requests) == 12
    assert {row["state"] for row in desk.rows(tables.delivery, tables.delivery.c.target == stalled)} == {"waiting"}


def test_a_process_that_dies_between_sending_and_recording_sends_the_same_id_again(desk, receiver, texts):
    desk.subscribe(receiver.url)
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.derive()

    async def send_and_die():
        deliverer = Deliverer(desk.context, desk.sender, desk.postman)
        receiver.answers = [("stall", {})]
        await deliverer.run()
        await asyncio.to_thread(receiver.arrived.wait, 10)
        for task in deliverer._running:
            task.cancel()

    desk.do(send_and_die())
    desk.work_off()
    assert len(receiver.requests) == 1, "the lease holds"
    (row,) = desk.rows(tables.delivery)
    assert timedelta(0) < row["next_at"] - datetime.now(UTC) <= timedelta(seconds=LEASE_S)
    desk.make_due()
    desk.work_off()
    first, second = receiver.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert desk.rows(tables.delivery)[0]["state"] == "sent"


def test_what_a_late_process_records_changes_nothing(desk, receiver, texts):
    desk.subscribe(receiver.url)
    receiver.answers = [(500, {})]
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.derive()

    async def send_late():
        deliverer = Deliverer(desk.context, desk.sender, desk.postman)
        await deliverer.run()
        # Another process took the delivery over meanwhile.
        await desk.context.writer.write(_execute, update(tables.delivery).values(n_tries=2, next_at=NOW))
        await deliverer.wait()

    desk.do(send_late())
    (row,) = desk.rows(tables.delivery)
    assert (row["n_tries"], row["next_at"], row["fault"]) == (2, NOW, None)


def test_what_arrived_long_ago_is_forgotten_and_dead_letters_stay(desk, receiver, texts):
    desk.subscribe(receiver.url)
    receiver.answers = [(410, {})]
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    desk.write(update(tables.webhook).values(disabled_at=None))
    for _ in range(2):
        desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    forget = partial(desk.context.writer.write, forget_old)
    assert desk.do(forget(datetime.now(UTC))) is False
    assert len(desk.rows(tables.delivery)) == 3
    desk.do(forget(datetime.now(UTC) + KEPT))
    assert [row["state"] for row in desk.rows(tables.delivery)] == ["dead"]


def test_neither_secret_nor_address_reaches_log_or_ledger(desk, receiver, texts):
    webhook = desk.subscribe(receiver.url)
    path = f"/v1/webhooks/{webhook['id']}"
    receiver.answers = [(410, {})]
    desk.client.post("/v1/feedback", {"text": texts["lamp"]})
    desk.work_off()
    rotated = desk.client.post(f"{path}/rotate").json()
    shown = "".join(desk.client.get(p).text for p in ("/v1/webhooks", path, f"{path}/deliveries", "/metrics"))
    kept = str(desk.rows(tables.webhook)) + str(desk.rows(tables.ledger)) + desk.client.log_stream.getvalue()
    for secret in (webhook["secret"], rotated["secret"]):
        assert secret not in shown + kept
    assert "rahasia-alamat" not in str(desk.rows(tables.ledger)) + desk.client.log_stream.getvalue()
    assert 'pilah_deliveries_total{state="dead",target="webhook"} 1.0' in desk.client.get("/metrics").text


def _execute(transaction, statements):
    return [transaction.connection.execute(statement).rowcount for statement in statements]
