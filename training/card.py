"""``MODEL_CARD.md``: what a bundle is, where it comes from, how good it is, and what it must not be used for."""

from collections.abc import Iterator, Mapping

from training.card_decisions import judge_decisions, write_decisions
from training.card_parts import escape, list_points, write_table
from training.describing import BundleFacts
from training.portrait import Portrait
from training.wording import HEAD_NAMES

CARD_FILE = "MODEL_CARD.md"
NOT_JUDGED = "No test rows were given: nothing is known about its quality on later reports."
# The mark in the column ``source`` of the reports that were written for this project.
WRITTEN_SOURCE = "pilah"
_SHOWN_THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)


def render_card(portrait: Portrait) -> str:
    """The whole card; equal portraits give equal text."""
    facts = portrait.facts
    parts = [
        f"# Model card: bundle {facts.bundle_id}",
        *_write_opening(portrait),
        "## Training rows",
        *_write_rows(facts),
        "## Heads and labels",
        *_write_heads(portrait),
        "## How it was fitted and calibrated",
        *_write_fit(facts),
        "## What it decides alone",
        *write_decisions(portrait),
        "## Measured quality",
        *_write_quality(portrait),
        "## Limits",
        list_points(_list_limits(portrait)),
        "## How to make it again",
        *_write_recipe(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _write_opening(portrait: Portrait) -> Iterator[str]:
    heads = ", ".join(HEAD_NAMES[head.name].lower() for head in portrait.facts.heads)
    yield (
        f"*Ringkasan: bundel ini membaca laporan warga dalam bahasa Indonesia dan menyarankan {heads}. Orang yang "
        "memutuskan. Angka dan gambar ada di `report.html`.*"
    )
    yield (
        "A linear classifier over words, word pairs and in-word character n-grams, compiled to a table "
        "of plain numbers. It reads a report that a citizen wrote in Indonesian, masks personal data first, and "
        f"suggests for each of {len(portrait.facts.heads)} heads a label with a calibrated probability. Nothing in "
        "the bundle can execute; `manifest.json` names every file with its SHA-256."
    )


def _write_rows(facts: BundleFacts) -> Iterator[str]:
    span = f"{facts.days[0]} to {facts.days[1]}" if facts.days else "not recorded; the order of the file was taken"
    yield list_points(
        [
            f"Rows: {facts.n_rows:,}",
            f"Days of arrival (WIB): {span}",
            f"SHA-256 of ids, masked texts and labels: `{facts.digest}`",
            *(f"Source {escape(source)}: {n_rows:,} rows" for source, n_rows in facts.sources.items()),
            f"Licence: {_name_licence(facts)}",
        ]
    )


def _name_licence(facts: BundleFacts) -> str:
    n_written = facts.sources.get(WRITTEN_SOURCE, 0)
    written = "the reference corpus of Pilah is CC BY 4.0 (`datasets/LICENSE`)"
    if n_written == facts.n_rows:
        return written
    unknown = "not stated in the file; ask whoever gave the rows before the bundle is passed on"
    return f"{written}; of the other rows {unknown}" if n_written else unknown


def _write_heads(portrait: Portrait) -> Iterator[str]:
    for head in portrait.facts.heads:
        rows = [(portrait.name(head.name, label), label, f"{n_rows:,}") for label, n_rows in head.n_rows.items()]
        yield f"### {HEAD_NAMES[head.name]} (`{head.name}`)"
        yield write_table(("Name", "Label", "Rows"), rows)
        if head.left_out:
            left = ", ".join(f"{escape(label)} ({n_rows:,})" for label, n_rows in head.left_out.items())
            least = portrait.facts.config.minimum_rows
            yield f"Not learnt, fewer than {least} rows: {left}."


def _list_exceptions(values: Mapping[str, float]) -> str:
    listed = ", ".join(f"{head} {value}" for head, value in values.items())
    return f" ({listed})" if listed else ""


def _write_fit(facts: BundleFacts) -> Iterator[str]:
    config = facts.config
    yield (
        "One one-against-rest linear support vector machine for each head over tf-idf rows; each block (words with "
        "pairs, character n-grams) is divided by its token-orthogonal norm. "
        f"C = {config.penalty}{_list_exceptions(config.penalty_of)}, class weights to the power "
        f"{config.class_weight_power}{_list_exceptions(config.class_weight_power_of)}, seed {config.seed}. "
        f"A token enters the vocabulary from {config.minimum_token_rows} rows (or reporters, where known), a pair "
        f"from {config.minimum_pair_rows}, an n-gram from {config.minimum_ngram_rows}."
    )
    yield (
        f"Confidence: the last {config.calibration_share:.0%} of the rows, in {config.calibration_folds} slices of "
        "time, are each answered by a fit on all rows before them; a temperature and the mean of an isotonic and a "
        "beta curve, in which later slices weigh more, are fitted on these answers and kept for the fit on all rows, "
        "which has seen more and errs on the low side."
    )
    yield write_table(
        ("Head", "Labels", "Labelled rows", "Rows of calibration"),
        [
            (
                head.name,
                str(len(head.n_rows)),
                f"{sum(head.n_rows.values()):,}",
                _describe_calibration(head.n_calibrated),
            )
            for head in facts.heads
        ],
    )


def _describe_calibration(n_rows: int) -> str:
    return f"{n_rows:,}" if n_rows else "0: its confidence is not calibrated"


def _write_quality(portrait: Portrait) -> Iterator[str]:
    evaluation = portrait.evaluation
    if evaluation is None or not evaluation.heads:
        yield NOT_JUDGED
    else:
        days = f", received {evaluation.days[0]} to {evaluation.days[1]}" if evaluation.days else ""
        yield f"On test rows that it was not trained on{days}; 95 % intervals in brackets."
        if not portrait.is_tested_later:
            yield "**Some test rows arrived before the last training row, so these figures may flatter.**"
        yield from _write_figures(portrait)
    if portrait.rehearsal is not None and portrait.rehearsal.heads:
        yield (
            "Rehearsal: the slices of the calibration, each answered by a fit on the rows before it. Accuracy and "
            "macro-F1 only, since the confidence was fitted on these rows."
        )
        header = ("Head", "Rows", "Accuracy", "Macro-F1")
        yield write_table(
            header,
            [
                (head, f"{judged.n_rows:,}", str(judged.accuracy), str(judged.macro_f1))
                for head, judged in portrait.rehearsal.heads.items()
            ],
        )


def _write_figures(portrait: Portrait) -> Iterator[str]:
    if portrait.evaluation is None:
        return
    heads = portrait.evaluation.heads
    yield write_table(
        ("Head", "Rows", "Accuracy", "Macro-F1", "Excess calibration error", "Brier", "Log-loss"),
        [
            (
                head,
                f"{judged.n_rows:,}",
                str(judged.accuracy),
                str(judged.macro_f1),
                f"{judged.excess_calibration_error:.3f}",
                str(judged.brier),
                str(judged.log_loss),
            )
            for head, judged in heads.items()
        ],
    )
    yield write_table(
        ("Head", "From confidence", "Decided", "Wrong among them", "Not decided"),
        [
            (head, f"{point.threshold:.2f}", f"{point.coverage:.1%}", f"{point.error:.1%}", f"{1 - point.coverage:.1%}")
            for head, judged in heads.items()
            for point in judged.coverage
            if point.error is not None and point.threshold in _SHOWN_THRESHOLDS
        ],
    )
    yield from judge_decisions(portrait.evaluation)
    for head, labels in portrait.evaluation.unknown_labels.items():
        if labels:
            named = ", ".join(f"{escape(label)} ({n_rows:,})" for label, n_rows in sorted(labels.items()))
            yield f"Labels of the test rows that `{head}` never learnt, counted as errors: {named}."


def _list_limits(portrait: Portrait) -> Iterator[str]:
    facts = portrait.facts
    yield "It advises; people decide. Nothing is rejected, archived or closed without a person."
    yield "It is not an emergency line."
    yield "It must not be used to score persons: figures describe reports and units, never a civil servant."
    yield "Its figures hold for reports like those it was judged on; quality falls as words and services change."
    if WRITTEN_SOURCE in facts.sources:
        n_written = facts.sources[WRITTEN_SOURCE]
        yield f"{n_written:,} of its {facts.n_rows:,} rows were written for the project and are no texts of citizens."
    if facts.unverified:
        units = ", ".join(portrait.name("agency", slug) for slug in facts.unverified)
        yield f"Units that the city has not confirmed yet: {escape(units)}."


def _write_recipe(facts: BundleFacts) -> Iterator[str]:
    taxonomy = f"{facts.taxonomy[0]}, SHA-256 `{facts.taxonomy[1]}`" if facts.taxonomy else "none: labels of the rows"
    yield (
        "The same rows, settings, code and lock file give the same bytes on the same machine, and the same labels with "
        "probabilities within 1e-6 elsewhere. The settings are in `config.json`; they go into a TOML file for "
        "`pilah train --data FILE --config FILE`."
    )
    yield list_points(
        [
            f"Taxonomy: {taxonomy}",
            f"Code, SHA-256: `{facts.code}`",
            f"Lock file, SHA-256: `{facts.lock}`",
            "Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(facts.packages.items())),
        ]
    )
