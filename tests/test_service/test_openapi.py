"""The description of the interface is what `openapi.json` beside this test says.

To renew it after a wanted change: ``python tests/test_service/test_openapi.py``.
"""

import json
from pathlib import Path

import jsonschema
import pytest

from service.app import create_app
from service.callers import SCOPES
from service.examples import CLASSIFY_EXAMPLES, FEEDBACK_EXAMPLES
from service.problems import PROBLEM_TYPES
from service.settings import Settings

SNAPSHOT = Path(__file__).with_name("openapi.json")
NO_KEY = {"/healthz", "/readyz"}


def describe():
    return create_app(Settings()).openapi()


@pytest.fixture(scope="module")
def described():
    return describe()


def list_operations(described):
    return [(path, method, op) for path, item in described["paths"].items() for method, op in item.items()]


def test_the_description_is_the_one_that_was_agreed(described):
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == json.loads(json.dumps(described)), (
        "The interface changed. If that is wanted: python tests/test_service/test_openapi.py"
    )


def test_it_is_openapi_3_1_and_served(client, described):
    answer = client.get("/openapi.json", key="")
    assert answer.json() == json.loads(json.dumps(described))
    assert answer.json()["openapi"].startswith("3.1")


def test_operation_ids_are_stable_and_unlike(described):
    ids = [operation["operationId"] for _, _, operation in list_operations(described)]
    assert len(set(ids)) == len(ids)
    assert set(ids) >= {"addFeedback", "classify", "getFeedback", "getHealth", "getReadiness", "listFeedback"}


def test_every_operation_says_which_scope_it_needs(described):
    for path, _, operation in list_operations(described):
        if path in NO_KEY:
            assert "security" not in operation
        else:
            by_key, by_session = operation["security"]
            assert set(by_key["key"]) <= set(SCOPES)
            assert by_session["session"] == by_key["key"]


def test_every_fault_that_is_declared_is_a_problem(described):
    for _, _, operation in list_operations(described):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"]


def test_every_problem_of_the_interface_is_declared_somewhere(described):
    text = json.dumps(described)
    of_pages = {"page-closed", "cross-site", "bad-request", "method-not-allowed"}
    assert [kind.slug for kind in PROBLEM_TYPES if kind.slug not in of_pages and kind.uri not in text] == []


@pytest.mark.parametrize(
    ("path", "examples"), [("/v1/classify", CLASSIFY_EXAMPLES), ("/v1/feedback", FEEDBACK_EXAMPLES)]
)
def test_examples_fit_the_description_and_are_answered(client, described, path, examples):
    content = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": described["components"]}
    assert content["examples"] == examples
    for example in examples.values():
        jsonschema.validate(example["value"], schema)
        assert client.post(path, example["value"]).status_code in {200, 201}


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(describe(), ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
