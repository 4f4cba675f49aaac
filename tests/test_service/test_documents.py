"""The examples of docs/api.md are sent, and its table of problems is the one of the code."""

import json
import re
import shlex
from pathlib import Path

import pytest

from service import answers
from service.answers import Prediction
from service.problems import PROBLEM_TYPES

CONTENT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", CONTENT, re.DOTALL)
    for command in re.split(r"\n(?=curl )", block.strip())
]


def run_curl(client, command, stored_id):
    """Send what a curl command would."""
    replaced = command.replace("$PILAH", "").replace("$KEY", client.key).replace("$ID", stored_id)
    words = shlex.split(replaced.replace("\\\n", " "))
    assert words.pop(0) == "curl"
    path, headers, body, method = words.pop(0), {}, None, None
    while words:
        option, value = words.pop(0), words.pop(0)
        if option == "-H":
            name, _, content = value.partition(": ")
            headers[name] = content
        elif option == "-X":
            method = value
        else:
            assert option in {"-d", "--data-binary"}
            body = value
    return client.request(method or ("POST" if body else "GET"), path, key="", headers=headers, content=body)


def test_there_is_an_example_for_nearly_every_call():
    paths = {
        shlex.split(command.replace("\\\n", " "))[1].removeprefix("$PILAH").partition("?")[0] for command in COMMANDS
    }
    assert paths >= {"/v1/classify", "/v1/feedback", "/v1/feedback/batch", "/v1/feedback/$ID", "/v1/incidents"}
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_is_answered(client, command):
    stored = client.post("/v1/feedback", {"text": "lampu"}).json()["id"]
    if "$WEBHOOK" in command:
        webhook = client.post("/v1/webhooks", {"url": "https://lain.example.id/"}).json()["id"]
        command = command.replace("$WEBHOOK", webhook)
    assert run_curl(client, command, stored).status_code in {200, 201, 202}


def test_the_table_lists_every_type_of_problem():
    listed = re.findall(r"^\| `(/problems/[a-z0-9-]+)` \| (\d+) \| (.+) \|$", CONTENT, re.MULTILINE)
    assert listed == [(kind.uri, str(kind.status), kind.title) for kind in PROBLEM_TYPES]


def test_the_shown_answer_fits_the_description():
    shown = re.search(r"```json\n\{\"text\": [^\n]*\n```\n```json\n(.*?)\n```", CONTENT, re.DOTALL)
    answer = json.loads(shown[1])
    Prediction.model_validate(answer)
    assert {alarm["level"] for alarm in answer["alarms"]} == {"urgent", "watch"}
    for place in answer["places"]:
        assert "Saringan" in answer["text"][slice(*place["span"])]


def list_fields(described):
    """Names of the fields of an answer and of all that is in it."""
    names = set(described.model_fields)
    for field in described.model_fields.values():
        for inner in re.findall(r"service\.answers\.(\w+)", str(field.annotation)):
            names |= list_fields(getattr(answers, inner))
    return names


def test_every_field_of_an_answer_is_explained():
    section = CONTENT[CONTENT.index("## What an answer says") : CONTENT.index("## Store a report")]
    assert "alternatives" in list_fields(Prediction)
    assert not {name for name in list_fields(Prediction) if f"`{name}`" not in section}
