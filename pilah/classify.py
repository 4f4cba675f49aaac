"""``pilah classify``: tags for one text, or for a file of any size."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model.classifier import Classifier, load_classifier
from model.errors import TextError
from model.shipped import taxonomy_in_force
from pilah import options

if TYPE_CHECKING:
    from model.prediction import Prediction
    from training.bulk import BulkResult

_CALLED = {"urgent": "alarm", "watch": "look first"}


def classify(
    text: Annotated[str | None, typer.Argument(help="One report, in quotes; - reads it from standard input.")] = None,
    source: Annotated[Path | None, typer.Option("--input", help="CSV, TSV, JSONL or Parquet with id and text.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where the tags go: .csv, .jsonl or .parquet.")
    ] = None,
    bundle: options.Bundle = None,
    mapped: options.Mapped = None,
    home: options.Home = options.DEFAULT_HOME,
    scheduler: options.Scheduler = "",
    as_json: options.AsJson = False,
) -> None:
    """Tag one text, or every row of a file; rows that cannot be read go to OUTPUT.rejects.csv (exit code 1)."""
    if (text is None) == (source is None) or (source is None) != (output is None):
        raise typer.BadParameter("give one TEXT, or --input together with --output.")
    report = _read_input() if text == "-" else text
    if report is not None and not report.strip():
        raise typer.BadParameter("TEXT is empty; write a report, in quotes.")
    folder = options.find_bundle(bundle, home)
    classifier = load_classifier(folder, taxonomy_in_force())
    if source is not None and output is not None:
        mapping = options.parse_mapping(mapped)
        done = _classify_file(classifier, folder, source, output, mapping, scheduler, is_quiet=as_json)
        _report(done, output, as_json=as_json)
    prediction = classifier.classify(str(report))
    typer.echo(json.dumps(prediction.to_json(), ensure_ascii=False) if as_json else describe(classifier, prediction))


def _read_input() -> str:
    try:
        return typer.get_binary_stream("stdin").read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(f"Byte {error.start + 1:,} of standard input is not UTF-8; save the text as UTF-8.") from error


def _classify_file(
    classifier: Classifier,
    folder: Path,
    source: Path,
    output: Path,
    mapping: Mapping[str, str],
    scheduler: str,
    *,
    is_quiet: bool,
) -> "BulkResult":
    from training.bulk import classify_file
    from training.progress import choose_progress

    progress = choose_progress(is_quiet=is_quiet)
    if not scheduler:
        return classify_file(classifier, source, output, mapping, progress)
    from training.clusters import connected, tag_on_cluster

    with connected(scheduler) as client:
        return classify_file(classifier, source, output, mapping, progress, partial(tag_on_cluster, client, folder))


def _report(done: "BulkResult", output: Path, *, as_json: bool) -> None:
    """Say what was tagged; exit code 1 where rows could not be read."""
    if as_json:
        typer.echo(json.dumps({"rows": done.n_rows, "rejected": done.n_rejected, "rejects": str(done.rejects)}))
    else:
        typer.echo(f"{done.n_rows:,} rows tagged in {output}.")
        if done.n_rejected:
            typer.echo(f"{done.n_rejected:,} rows could not be read: {done.rejects}", err=True)
    raise typer.Exit(options.FINDINGS if done.n_rejected else 0)


def describe(classifier: Classifier, prediction: "Prediction") -> str:
    """A prediction as lines for a person: label, confidence, decision and the words that decided."""
    lines = [prediction.text, ""]
    for head, answer in prediction.heads.items():
        words = ", ".join(repr(stretch.text) for stretch in prediction.explanation.get(head, ())[:3])
        name = classifier.name_label(head, answer.label)
        lines.append(
            f"{head:8} {answer.confidence:6.1%}  {answer.decision:8} {name}" + (f"  ← {words}" if words else "")
        )
        if answer.why:
            lines.append(f"{'':17}{answer.why}")
    lines += list(_describe_findings(classifier, prediction))
    if prediction.places:
        lines += ["", "places: " + ", ".join(f"{place.name} ({place.code})" for place in prediction.places)]
    if prediction.cut_chars:
        lines += [
            "",
            f"The last {prediction.cut_chars:,} characters were not read: the text is longer than Pilah scores.",
        ]
    return "\n".join(lines)


def _describe_findings(classifier: Classifier, prediction: "Prediction") -> Iterator[str]:
    """Lines for what stands beside the heads, in the order of their weight."""
    for alarm in prediction.alarms:
        because = f"rule {alarm.rule}" if alarm.rule else f"probability {alarm.confidence:.1%}"
        yield f"{_CALLED[alarm.level]}: {alarm.label}, by {because if alarm.cause != 'label' else 'its label'}"
    for hit in prediction.rules:
        yield f"rule: {hit.name}, {hit.effect} (label unchanged)  ← {prediction.text[slice(*hit.span)]!r}"
    for need in prediction.also:
        name = classifier.name_label("agency", need.agency)
        yield f"also: {name} ({need.confidence:.1%})  ← {prediction.text[slice(*need.span)]!r}"
    if prediction.about:
        yield f"about: {_name_unit(classifier, prediction.about.unit)}"
    if prediction.gates and prediction.gates.authority:
        owner = classifier.name_label("agency", prediction.gates.authority)
        yield f"authority: likelier {owner} than the city ({1 - prediction.gates.in_authority:.1%})"
    if prediction.gates and prediction.gates.ask:
        yield f"ask: {prediction.gates.ask}"


def _name_unit(classifier: Classifier, unit: str) -> str:
    """The name of an agency, or of the place whose office is meant."""
    place = classifier.gazetteer.entries.get(unit)
    return f"{place.kind} {place.name} ({unit})" if place else classifier.name_label("agency", unit)
