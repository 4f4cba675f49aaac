"""Writes the examples of README.md and docs/api.md anew: what is answered, with a bundle of the shipped reports.

A test compares labels and words of both with what is answered then.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from model.classifier import load_classifier
from model.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
API = ROOT / "docs" / "api.md"
_ANSWER = re.compile(r'```json\n(?P<question>\{"text": [^\n]*\})\n```\n```json\n.*?\n```', re.DOTALL)
_EXAMPLE = re.compile(r"(?<=```console\n\$ )(?P<command>[^\n]*)\n.*?(?=```)", re.DOTALL)


def render_readme(home: Path) -> str:
    """The README with the output of its example, by the bundle in force in ``home``."""
    return _EXAMPLE.sub(lambda match: f"{match['command']}\n{_run(match['command'], home)}", README.read_text("utf-8"))


def render_api(home: Path) -> str:
    """The guide to the interface with the answer of its example, by the bundle in force in ``home``."""
    classifier = load_classifier(Registry(home / "bundles").champion_path())

    def answer(match: re.Match[str]) -> str:
        prediction = classifier.classify(json.loads(match["question"])["text"], with_explanation=False)
        return f"```json\n{match['question']}\n```\n```json\n{_lay_out(prediction.to_json())}\n```"

    return _ANSWER.sub(answer, API.read_text("utf-8"))


def _lay_out(answer: dict[str, object]) -> str:
    """JSON with a line for each field, and for each entry of those that have several."""
    lines = []
    for name, content in answer.items():
        if isinstance(content, dict) and name in {"heads", "gates"}:
            inner = [f"  {_write(key)}: {_write(entry)}" for key, entry in content.items()]
            lines.append(f"{_write(name)}: {{\n" + ",\n".join(inner) + "}")
        elif isinstance(content, list) and len(content) > 1:
            lines.append(f"{_write(name)}: [\n" + ",\n".join(f"  {_write(entry)}" for entry in content) + "]")
        else:
            lines.append(f"{_write(name)}: {_write(content)}")
    return "{" + ",\n ".join(lines) + "}"


def _write(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def train_shipped(home: Path) -> None:
    """Train on the shipped reports and put the bundle in force in ``home``."""
    _run("pilah train --promote", home)


def _run(command: str, home: Path) -> str:
    program, *arguments = shlex.split(command)
    result = subprocess.run(  # noqa: S603  # our own command
        [Path(sys.executable).with_name(Path(program).name), *arguments],
        cwd=ROOT,
        env={**os.environ, "PILAH_HOME": str(home), "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return result.stdout


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        train_shipped(Path(folder))
        README.write_text(render_readme(Path(folder)), encoding="utf-8")
        API.write_text(render_api(Path(folder)), encoding="utf-8")
