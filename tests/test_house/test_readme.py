"""The commands of the README run, and print what it shows."""

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

PILAH = Path(sys.executable).with_name("pilah")
FINDINGS = 1


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example(root):
    return runpy.run_path(str(root / "docs" / "write_example.py"))


@pytest.fixture(scope="module")
def home(example, tmp_path_factory):
    """A home with a bundle of the shipped reports in force."""
    home = tmp_path_factory.mktemp("home")
    example["train_shipped"](home)
    return home


def _shell_lines(readme):
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line]


def test_every_make_command_is_a_target(readme, root):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    prose = re.sub(r"```.*?```", "", readme, flags=re.DOTALL)
    code = re.findall(r"`([^`]+)`", prose) + _shell_lines(readme)
    named = {line.split()[1] for line in code if line.startswith("make ")}
    assert {"run", "test", "setup"} <= named <= targets


def test_the_example_prints_what_it_shows(readme, example, home):
    """The masked text, labels, reasons and places; confidence and deciding words move a little with every retrain."""

    def without_moving_parts(text):
        text = re.sub(r"^ {17}.*", lambda reason: re.sub(r"[\d.]+", "", reason.group()), text, flags=re.MULTILINE)
        return re.sub(r" *\d+\.\d%|  ← .*", "", text)

    assert without_moving_parts(readme) == without_moving_parts(example["render_readme"](home)), "run `make docs`"


def test_the_answer_that_the_interface_guide_shows_is_given(root, example, home):
    """Labels, decisions, rules, alarms, places; numbers move a little with every retrain, and so do the runners-up."""
    written = (root / "docs" / "api.md").read_text(encoding="utf-8")

    def without_moving_parts(text):
        text = re.sub(r'"(?:bundle|why|threshold)": (?:"[^"]*"|null|[\d.]+)|"alternatives": \[\[.*?\]\]', "", text)
        return re.sub(r"\b\d+\.\d+(?!\.)\b", "", text)

    assert without_moving_parts(written) == without_moving_parts(example["render_api"](home)), "run `make docs`"


def test_the_commands_on_own_reports_run(readme, root, tmp_path):
    (tmp_path / "datasets").symlink_to(root / "datasets")
    commands = [shlex.split(line) for line in _shell_lines(readme) if line.startswith(".venv/bin/pilah")]
    assert [command[1] for command in commands] == ["check", "train", "classify"]
    for _, *arguments in commands:
        result = subprocess.run([PILAH, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode in {0, FINDINGS if arguments[0] == "check" else 0}, result.stderr
        assert result.stdout
    assert (tmp_path / "bundle" / "manifest.json").is_file()
    assert (tmp_path / "tags.csv").stat().st_size


def test_the_request_gets_its_tags(readme, home):
    request = next(shlex.split(line) for line in _shell_lines(readme) if line.startswith("curl"))
    path = request[1].removeprefix("http://127.0.0.1:8000")
    body = json.loads(request[request.index("-d") + 1])
    environment = {**os.environ, "PILAH_HOME": str(home), "PILAH_PORT": "0"}
    with subprocess.Popen([PILAH, "serve"], env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = next(line.split()[-1] for line in server.stdout if "http" in line)
            key = (home / "first-admin-key.txt").read_text(encoding="utf-8").strip()
            answer = httpx.post(address + path, json=body, headers={"Authorization": f"Bearer {key}"})
        finally:
            server.terminate()
    assert answer.status_code == httpx.codes.OK, answer.text
    assert set(answer.json()["heads"]) == {"kind", "agency", "topic", "urgency", "aspect"}
