"""``pilah check``: what is wrong with a file of labelled rows."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from model.shipped import taxonomy_in_force
from pilah import options


def check(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet, XLSX or a SP4N-LAPOR! export.")],
    mapped: options.Mapped = None,
    config: options.Config = None,
    open_labels: options.OpenLabels = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Write the rows that cannot be used here (CSV).")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Read a file of labelled rows and list what is wrong with it; exit code 1 where something is."""
    from training.checking import check_rows, format_findings
    from training.reading import read_rows
    from training.rejects import write_rejects

    settings = options.read_settings(config, open_labels=open_labels, mapping=options.parse_mapping(mapped))
    rows = read_rows(file, settings.columns)
    taxonomy = taxonomy_in_force()
    findings = check_rows(rows, taxonomy, settings, today=datetime.now(UTC).date())
    if rejects is not None:
        write_rejects(rows.rejects, rejects)
    n_rejected = options.count_rejected(rows)
    is_clean = all(finding.severity == "note" for finding in findings)
    if as_json:
        typer.echo(
            json.dumps({"rows": len(rows.frame), "rejected": n_rejected, "findings": [f.to_json() for f in findings]})
        )
    else:
        typer.echo(f"{len(rows.frame):,} rows read, {n_rejected:,} rejected.")
        typer.echo(format_findings(findings, limit=20) if findings else "No findings.")
    raise typer.Exit(0 if is_clean else options.FINDINGS)
