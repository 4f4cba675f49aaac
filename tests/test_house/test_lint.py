"""The linters find nothing: style, format and types are part of the tests."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
WAIVER = re.compile(r"#\s*(?:noqa|type: ignore)\b[^#]*(?P<reason>#.*)?")


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "mypy"])
def test_the_linter_finds_nothing(root, command):
    name, *options = command.split()
    result = subprocess.run([BIN / name, *options], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_ignored_rule_has_its_reason(root):
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    rules = [line for line in map(str.strip, lines) if re.match(r'"[A-Z]+[0-9]*"', line)]
    assert rules
    assert not [rule for rule in rules if "#" not in rule]


def test_every_waiver_in_the_code_has_its_reason(sources):
    """As in ``# noqa: S603  # our own command``; of several lines in a row the first says it for all."""
    bare = [
        f"{source.path}:{place + 2} {line.strip()}"
        for source in sources
        for place, (above, line) in enumerate(pairwise(source.text.splitlines()))
        if WAIVER.search(line) and not (WAIVER.search(line)["reason"] or WAIVER.search(above))
    ]
    assert not bare
