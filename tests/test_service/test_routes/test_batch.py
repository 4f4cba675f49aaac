import json

import pytest

LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
KIND = {"Content-Type": "application/x-ndjson"}


def send(client, *rows, headers=KIND, **more):
    content = b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
    return client.request("POST", "/v1/feedback/batch", content=content, headers=headers, **more)


def read(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def list_texts(client):
    return [stored["prediction"]["text"] for stored in client.get("/v1/feedback?limit=200").json()["feedback"]]


def test_every_line_gets_a_result_in_its_place_and_a_bad_one_spoils_none(client):
    rows = read(
        send(
            client,
            {"text": LAMP, "external_id": "A"},
            b"",
            b"{no json",
            {"text": " "},
            {"text": "sampah", "colour": "red"},
            b'{"text": "\xff"}',
            {"text": "x" * 70_000},
            [1],
            {"text": "sampah di pasar"},
        )
    )
    assert [row["line"] for row in rows] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert [row["status"] for row in rows] == [201, 400, 422, 422, 400, 413, 422, 201]
    assert rows[0]["external_id"] == "A"
    assert (rows[1]["problem"]["line"], rows[1]["problem"]["detail"][:7]) == (3, "Line 3,")
    assert rows[3]["problem"]["errors"] == [
        {"pointer": "#/colour", "detail": "unknown field; leave it out or mend its name"}
    ]
    assert client.get(f"/v1/feedback/{rows[-1]['id']}").json()["prediction"]["text"] == "sampah di pasar"


def test_a_batch_sent_again_stores_nothing_twice(client):
    rows = [{"text": LAMP, "external_id": "A"}, {"text": "sampah"}, {"text": LAMP, "external_id": "A"}]
    first = read(send(client, *rows, headers={**KIND, "Idempotency-Key": "monday"}))
    again = read(send(client, *rows, headers={**KIND, "Idempotency-Key": "monday"}))
    assert [row["status"] for row in first] == [201, 201, 200]
    assert [row["status"] for row in again] == [200, 200, 200]
    assert [row["id"] for row in again] == [row["id"] for row in first]
    assert len(list_texts(client)) == 2


def test_another_body_under_the_same_id_is_that_line_s_problem(client):
    rows = read(send(client, {"text": LAMP, "external_id": "A"}, {"text": "sampah", "external_id": "A"}))
    assert [row["status"] for row in rows] == [201, 422]
    assert rows[1]["problem"]["type"] == "/problems/replay-mismatch"


def test_a_hundred_and_twenty_lines_keep_their_order(client):
    rows = read(send(client, *({"text": f"lampu tiang {n}", "external_id": str(n)} for n in range(120))))
    assert [row["external_id"] for row in rows] == [str(n) for n in range(120)]
    assert len(list_texts(client)) == 120


def test_nothing_is_a_batch_of_none(client):
    assert read(send(client)) == []
    assert read(send(client, b"\r\n  \n")) == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{}\n" * 10_001, 413), (b" " * (1 << 24) + b"\n" * 20, 413), (b'{"text": "' + b"x" * (1 << 20), 413)],
    ids=["lines", "bytes", "one line"],
)
def test_too_much_is_refused_whole(client, content, status):
    answer = client.request("POST", "/v1/feedback/batch", content=content, headers=KIND)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert list_texts(client) == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-ndjson; charset=latin-1", ""])
def test_another_content_type_is_refused(client, kind):
    assert send(client, {"text": LAMP}, headers={"Content-Type": kind}).status_code == 415


def test_only_who_may_send_reports_may_send_many(client):
    assert send(client, {"text": LAMP}, key=client.make_key("classify")).status_code == 403
    assert send(client, {"text": LAMP}, key="").status_code == 401
    assert client.request("GET", "/v1/feedback/batch").status_code in {404, 405}
