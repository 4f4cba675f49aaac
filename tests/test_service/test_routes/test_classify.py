import json

import pytest

LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
LIMIT = 64 * 1024


def test_one_text_gives_one_prediction(client):
    answer = client.post("/v1/classify", {"text": LAMP})
    assert answer.status_code == 200
    prediction = answer.json()
    assert prediction["heads"]["agency"]["label"] == "dinas-perhubungan"
    assert prediction["heads"]["kind"]["label"] == "pengaduan"
    assert prediction["places"][0]["name"] == "Talawi"


def test_the_answer_holds_masks_instead_of_personal_numbers(client):
    answer = client.post("/v1/classify", {"text": LAMP})
    assert "[TELEPON]" in answer.json()["text"]
    assert "3456" not in answer.text


def test_spans_point_into_the_text_of_the_answer(client):
    prediction = client.post("/v1/classify", {"text": LAMP}).json()
    for stretches in prediction["explanation"].values():
        for stretch in stretches:
            start, end = stretch["span"]
            assert prediction["text"][start:end] == stretch["text"]


def test_the_explanation_can_be_left_out(client):
    assert client.post("/v1/classify", {"text": LAMP, "explain": False}).json()["explanation"] == {}


def test_the_title_is_read_before_the_text(client):
    prediction = client.post("/v1/classify", {"title": "Lampu mati", "text": "Sudah lama begini."}).json()
    assert prediction["text"] == "Lampu mati\nSudah lama begini."
    assert prediction["heads"]["topic"]["label"] == "penerangan-jalan"


def test_a_list_gives_a_prediction_for_each_text_in_order(client):
    texts = ["sampah menumpuk", "lampu mati", "jalan lubang"]
    predictions = client.post("/v1/classify", {"texts": texts}).json()["predictions"]
    topics = [prediction["heads"]["topic"]["label"] for prediction in predictions]
    assert topics == ["sampah", "penerangan-jalan", "jalan-rusak"]


def test_a_thousand_texts_are_taken_and_one_more_is_refused(client):
    assert len(client.post("/v1/classify", {"texts": ["lampu"] * 1000}).json()["predictions"]) == 1000
    refused = client.post("/v1/classify", {"texts": ["lampu"] * 1001})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/texts"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (7, "invalid-fields"),
        (None, "invalid-fields"),
        ({"text": "lampu"}, "invalid-fields"),
        ("", "invalid-fields"),
        ("a\0b", "invalid-fields"),
        ("\u200b\u200b", "invalid-fields"),
        ("x" * (LIMIT + 1), "text-too-long"),
    ],
)
def test_a_bad_text_in_a_list_gets_a_problem_in_its_place(client, text, slug):
    predictions = client.post("/v1/classify", {"texts": ["lampu", text, "sampah"]}).json()["predictions"]
    assert predictions[0]["heads"]["topic"]["label"] == "penerangan-jalan"
    assert predictions[1]["type"] == f"/problems/{slug}"
    assert predictions[1]["errors"][0]["pointer"] == "#/texts/1"
    assert predictions[2]["heads"]["topic"]["label"] == "sampah"


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u00a0", "<br><br>", "\u200b\ufeff", "\u2003\u2003"])
def test_a_text_without_anything_to_read_is_refused_with_a_pointer(client, text):
    answer = client.post("/v1/classify", {"text": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/text"


def test_emoji_alone_are_left_to_a_person(client):
    answer = client.post("/v1/classify", {"text": "😡😡😡"})
    assert answer.status_code == 200
    assert {head["decision"] for head in answer.json()["heads"].values()} == {"human"}


@pytest.mark.parametrize(
    "text",
    [
        "-" * 20_000,
        "<html><body><p>" + "<b>lampu</b> mati</p>" * 500 + "</body></html>",
        " ".join(f"kata{n * 7919 % 100_003}" for n in range(600)),
        "l" * LIMIT,
        "ﷺ" * 2_000,
    ],
)
def test_strange_texts_are_answered(client, text):
    assert client.post("/v1/classify", {"text": text}).status_code in {200, 422}


def test_a_text_at_the_limit_is_read_and_one_byte_more_is_413(client):
    assert client.post("/v1/classify", {"text": "lampu " + "a" * (LIMIT - 6)}).status_code == 200
    refused = client.post("/v1/classify", {"text": "lampu " + "a" * (LIMIT - 5)})
    assert refused.status_code == 413
    assert refused.json()["type"] == "/problems/text-too-long"
    assert "65,537 bytes" in refused.json()["detail"]
    assert refused.json()["errors"][0]["pointer"] == "#/text"


def test_bytes_count_and_not_characters(client):
    assert client.post("/v1/classify", {"text": "é" * (LIMIT // 2 + 1)}).status_code == 413


def test_a_body_of_a_mebibyte_and_more_is_413(client):
    refused = client.post("/v1/classify", {"text": "a" * (1 << 20)})
    assert refused.status_code == 413
    assert refused.json()["type"] == "/problems/body-too-large"


def test_a_body_that_comes_in_pieces_is_cut_off_while_it_arrives(client):
    sent = 0

    async def pieces():
        nonlocal sent
        for _ in range(1_000):
            sent += 1 << 16
            yield b"a" * (1 << 16)

    refused = client.request("POST", "/v1/classify", content=pieces(), headers={"Content-Type": "application/json"})
    assert refused.status_code == 413
    assert sent <= (1 << 20) + (2 << 16)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, "text or texts"),
        ({"text": "a", "texts": ["b"]}, "text or texts"),
        ({"texts": ["a"], "title": "b"}, "title"),
        ({"texts": []}, "texts"),
        ({"texts": "lampu"}, "texts"),
        ({"text": 5}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": "a", "title": 4}, "title"),
        ({"text": "a", "explain": "yes"}, "explain"),
        ({"text": "a", "teks": "b"}, "teks"),
        ([], ""),
        ("lampu", ""),
        (None, ""),
    ],
)
def test_wrong_bodies_are_422_and_name_the_field(client, body, names):
    answer = client.request(
        "POST", "/v1/classify", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert names in answer.text


def test_nothing_is_stored(client):
    client.post("/v1/classify", {"text": LAMP})
    assert client.get("/v1/feedback").json()["feedback"] == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_405_and_names_the_one_allowed(client, method):
    answer = client.request(method, "/v1/classify")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["type"] == "/problems/method-not-allowed"


def test_a_key_without_the_scope_is_403_and_hears_which_it_needs(client):
    answer = client.post("/v1/classify", {"text": LAMP}, key=client.make_key("ingest"))
    assert answer.status_code == 403
    assert "classify" in answer.json()["detail"]


def test_a_key_with_the_scope_is_enough(client):
    assert client.post("/v1/classify", {"text": LAMP}, key=client.make_key("classify")).status_code == 200
