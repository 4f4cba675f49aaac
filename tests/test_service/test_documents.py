"""The examples of docs/api.md are sent, and its table of problems is the one of the code."""

import re
import shlex
from pathlib import Path

import pytest

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
    assert run_curl(client, command, stored).status_code in {200, 201}


def test_the_table_lists_every_type_of_problem():
    listed = re.findall(r"^\| `(/problems/[a-z0-9-]+)` \| (\d+) \| (.+) \|$", CONTENT, re.MULTILINE)
    assert listed == [(kind.uri, str(kind.status), kind.title) for kind in PROBLEM_TYPES]
