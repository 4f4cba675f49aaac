"""Writes the example of README.md anew: what the command in it prints, with a bundle of the shipped reports.

A test compares labels and words of the README with what the command prints then.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
_EXAMPLE = re.compile(r"(?<=```console\n\$ )(?P<command>[^\n]*)\n.*?(?=```)", re.DOTALL)


def render_readme(home: Path) -> str:
    """The README with the output of its example, by the bundle in force in ``home``."""
    return _EXAMPLE.sub(lambda match: f"{match['command']}\n{_run(match['command'], home)}", README.read_text("utf-8"))


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
