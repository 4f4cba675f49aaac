import re
from html import unescape

import pytest

from service.page_words import SAMPLES

FORM = "application/x-www-form-urlencoded"
LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."


def send(client, fields=None, *, content=None, lang="id", **headers):
    named = {"Content-Type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = {"content": content} if content is not None else {"data": fields}
    return client.request("POST", f"/?lang={lang}", key="", headers=named, **sent)


def words_of(answer):
    return unescape(re.sub(r"<[^>]*>", "", answer.text))


def test_the_page_needs_no_key_and_is_indonesian_first(client):
    answer = client.get("/", key="")
    assert answer.status_code == 200
    assert '<html lang="id"' in answer.text
    assert "Pilah bukan layanan darurat." in answer.text


def test_the_page_speaks_english_when_asked(client):
    answer = client.get("/?lang=en", key="")
    assert '<html lang="en"' in answer.text
    assert "Pilah is no emergency line." in answer.text


def test_a_report_is_answered_without_a_key_or_script(client):
    answer = send(client, {"text": LAMP})
    assert answer.status_code == 200
    assert "Dinas Perhubungan" in words_of(answer)
    assert "<mark>" in answer.text
    assert "Talawi" in words_of(answer)


def test_confidence_is_written_in_words_and_in_the_numbers_of_the_language(client):
    assert re.search(r"(sangat|cukup|agak|belum) yakin \d+,\d\u00a0%", words_of(send(client, {"text": LAMP})))
    assert re.search(r"(very|fairly|somewhat|not) sure \d+\.\d%", words_of(send(client, {"text": LAMP}, lang="en")))


def test_the_result_says_that_personal_data_were_masked(client):
    result = send(client, {"text": LAMP}).text.partition('class="result"')[2]
    assert "nomor telepon" in result
    assert "3456" not in result


def test_what_was_typed_stays_in_the_form(client):
    assert "0812-3456-7890" in send(client, {"text": LAMP}).text.partition("</textarea>")[0]


def test_an_emergency_is_answered_with_numbers_to_call(client):
    answer = send(client, {"text": "kebakaran"})
    assert "terbaca sebagai keadaan darurat" in words_of(answer)
    assert 'href="tel:112"' in answer.text


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_each_sample_is_answered(client, number):
    answer = send(client, {"text": "", "sample": str(number)})
    assert answer.status_code == 200
    assert SAMPLES[number][2] in words_of(answer)


def test_markup_of_a_report_is_text_on_the_page(client):
    answer = send(client, {"text": "</textarea><script>alert(1)</script> lampu <img src=x onerror=y>"})
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("", 422),
        ("text=", 422),
        ("text=%20%0A", 422),
        ("text=%E2%80%8B", 422),
        ("text=%FF%FE", 422),
        ("text=" + "a" * 70_000, 413),
        ("text=" + "a" * 1_100_000, 413),
        ("sample=9", 422),
        ("sample=-1", 422),
        ("sample=x", 422),
        ("&".join(f"f{n}=1" for n in range(50)), 422),
        ("text=a%00b%ED%A0%80", 422),
    ],
)
def test_a_form_that_cannot_be_used_gets_the_page_with_a_reason(client, content, status):
    answer = send(client, content=content)
    assert answer.status_code == status
    assert re.search(r'role="alert">[^<]+</p>', answer.text)


def test_a_form_of_another_type_is_415(client):
    assert client.request("POST", "/", key="", json={"text": "lampu"}).status_code == 415


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://["}],
)
def test_a_form_of_another_site_is_refused(client, headers):
    assert send(client, {"text": "lampu"}, **headers).status_code == 403


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "same-origin"}, {"Origin": "http://pilah.test"}])
def test_a_form_of_this_page_is_taken(client, headers):
    assert send(client, {"text": "lampu"}, **headers).status_code == 200


def test_a_closed_page_asks_for_a_key(run_service, settings):
    with run_service(settings.changed(open_page=False)) as client:
        assert 'name="key"' in client.get("/", key="").text
        refused = send(client, {"text": "lampu"})
        assert refused.status_code == 403
        assert re.search(r'name="key"[^>]*aria-invalid="true"', refused.text)
        assert send(client, {"text": "lampu", "key": "pilah_wrong"}).status_code == 403
        assert send(client, {"text": "lampu", "key": client.make_key("ingest")}).status_code == 403
        answer = send(client, {"text": "lampu", "key": client.key})
        assert answer.status_code == 200
        assert client.key not in answer.text


def test_the_policy_lets_nothing_foreign_or_inline_run(client):
    answer = client.get("/", key="")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:", answer.text)
    assert {
        re.sub(r"\?v=\w+", "", found) for found in re.findall(r'(?:src|href|action)="(?!tel:)([^"]*)"', answer.text)
    } == {
        "/static/icon.svg",
        "/static/page.css",
        "/static/page.js",
        "/static/frame.css",
        "/static/frame.js",
        "/static/theme.js",
        "/static/htmx.js",
        "#main",
        "/",
        "/?lang=en",
        "/?lang=id",
        "/masuk?lang=id",
        "/openapi.json",
    }


@pytest.mark.parametrize("name", ["page.css", "page.js", "icon.svg"])
def test_static_files_need_no_key(client, name):
    assert client.get(f"/static/{name}", key="").status_code == 200


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing"])
def test_nothing_else_is_served_as_static(client, path):
    assert client.get(path, key="").status_code == 404


def test_nothing_typed_reaches_the_log_or_the_store(client):
    send(client, {"text": LAMP})
    assert "lampu" not in client.log_stream.getvalue().lower()
    assert client.get("/v1/feedback").json()["feedback"] == []
