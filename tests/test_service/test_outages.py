"""The store away, full or locked: 503 with `Retry-After`, nothing answered is lost, and it heals by itself."""

import sqlite3

LAMP = "Mohon lampu jalan di Talawi diperbaiki."


def count_stored(client):
    return len(client.get("/v1/feedback").json()["feedback"])


def test_the_store_gone_is_503_with_retry_after_and_heals_by_itself(client):
    client.post("/v1/feedback", {"text": LAMP})
    store = client.settings.home / "pilah.db"
    away = store.rename(store.with_name("away.db"))
    refused = client.post("/v1/feedback", {"text": LAMP})
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["type"] == "/problems/store-unavailable"
    assert client.get("/v1/feedback").status_code == 503
    assert not store.exists()
    away.rename(store)
    assert client.post("/v1/feedback", {"text": LAMP}).status_code == 201
    assert count_stored(client) == 2


def test_a_full_disk_is_503_and_heals_when_there_is_room(client):
    def allow_pages(number):
        """SQLite then answers as on a full disk."""

        def set_limit(transaction, jobs):
            transaction.connection.exec_driver_sql(f"PRAGMA max_page_count = {number}")
            return [None] * len(jobs)

        client.loop.run_until_complete(client.context.writer.write(set_limit, None))

    client.post("/v1/feedback", {"text": LAMP})
    allow_pages(1)
    answers = [client.post("/v1/feedback", {"text": "lampu " * 2_000, "external_id": str(n)}) for n in range(3)]
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    allow_pages(1_000_000)
    again = [client.post("/v1/feedback", {"text": "lampu " * 2_000, "external_id": str(n)}) for n in range(3)]
    assert {answer.status_code for answer in again} == {201}
    assert count_stored(client) == 4


def test_a_store_locked_by_another_program_is_503_and_heals_by_itself(client):
    client.post("/v1/feedback", {"text": LAMP})
    client.context.writer._engine.dispose()
    with sqlite3.connect(client.settings.home / "pilah.db") as other:
        other.execute("BEGIN IMMEDIATE")
        refused = client.post("/v1/feedback", {"text": LAMP})
    other.close()
    assert refused.status_code == 503
    assert client.post("/v1/feedback", {"text": LAMP}).status_code == 201
