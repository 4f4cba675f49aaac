"""The examples of docs/open311.md are sent."""

import re
import shlex
from pathlib import Path
from urllib.parse import quote

import pytest

CONTENT = (Path(__file__).resolve().parents[3] / "docs" / "open311.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", CONTENT, re.DOTALL)
    for command in re.split(r"\n(?=curl )", block.strip())
]
FORM = "application/x-www-form-urlencoded"


def run_curl(client, command, stored_id):
    """Send what a curl command would."""
    words = shlex.split(
        command.replace("$PILAH", "").replace("$KEY", client.key).replace("$ID", stored_id).replace("\\\n", " ")
    )
    headers, parts, paths, method = {}, [], [], None
    words.remove("curl")
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, content = words.pop(0).partition(": ")
            headers[name] = content
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            parts.append(words.pop(0))
        elif word == "--data-urlencode":
            name, _, content = words.pop(0).partition("=")
            parts.append(f"{name}={quote(content)}")
        else:
            paths.append(word)
    (path,) = paths
    if parts:
        headers.setdefault("Content-Type", FORM)
    content = "&".join(parts)
    return client.request(method or ("POST" if parts else "GET"), path, key="", headers=headers, content=content)


def test_there_is_an_example_for_every_call():
    text = "\n".join(COMMANDS)
    for call in ("discovery.", "services.", "services/", "requests.", "requests/", "tokens/", "/publish", "-X DELETE"):
        assert call in text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_is_answered(client, command):
    stored = client.post("/v1/feedback", {"text": "lampu mohon"}).json()["id"]
    assert run_curl(client, command, stored).status_code in {200, 201}
