"""``pilah doctor``: what is well with an installation and what is not."""

import json
import os
from typing import TYPE_CHECKING

import typer

from model.shipped import datasets_folder
from pilah import options

if TYPE_CHECKING:
    from service.upkeep.findings import Finding

_SIGNS = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}


def doctor(as_json: options.AsJson = False) -> None:
    """Look over settings, home, store, record, keys, bundle and taxonomy; exit code 1 where there is a problem."""
    from service.checkup import examine
    from service.settings import read_settings

    findings = []
    for finding in examine(read_settings(), datasets_folder() / "taxonomy", os.environ):
        findings.append(finding)
        if not as_json:
            typer.echo(_describe(finding))
    if as_json:
        typer.echo(json.dumps([finding.to_json() for finding in findings], ensure_ascii=False))
    has_problem = any(finding.verdict == "problem" for finding in findings)
    raise typer.Exit(options.FINDINGS if has_problem else 0)


def _describe(finding: "Finding") -> str:
    line = f"{_SIGNS[finding.verdict]}{finding.name:9} {finding.found}"
    return f"{line}\n{'':17} → {finding.advice}" if finding.advice else line
