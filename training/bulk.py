"""Tags files of any size in constant memory: rows stream from the file through the classifier to the output.

Owns that no row is lost: each is tagged, or among the rejects with the reason. Reads rows exactly as training does.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from model.classifier import Classifier
from model.errors import PilahError
from training.cells import CellError, convert_cell
from training.columns import Layout
from training.findings import Finding, show_value, spell_bytes
from training.layout import choose_layout
from training.preparing import join_title
from training.progress import Progress
from training.readers.opening import open_table
from training.readers.table import RawRow, Table
from training.rejects import neutralise_cell
from training.tagging import Reject, Row, Tagger, list_names
from training.writers import Record, open_output, open_writer

_STEP_ROWS = 20_000
_REJECT_COLUMNS = ("row", "id", "column", "value", "reason")
_READ_COLUMNS = ("id", "title", "text")
# What waits to be tagged together: enough for full speed, and no more memory than some long texts need.
_MOST_ROWS, _MOST_CHARS = 512, 524_288


class BulkError(PilahError):
    """A file cannot be tagged as a whole."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many rows were tagged and how many rejected, where the latter are listed, and what to say about the file."""

    n_rows: int
    n_rejected: int
    rejects: Path
    findings: tuple[Finding, ...] = ()


Batch = Sequence[Row | Reject]
# Tags of batches in their order, wherever they are made.
Tag = Callable[[Iterator[Batch]], Iterator[list[Record | Reject]]]


def classify_file(
    classifier: Classifier,
    source: Path,
    output: Path,
    columns: Mapping[str, str],
    progress: Progress,
    tag: Tag | None = None,
) -> BulkResult:
    """Tag every row of ``source`` into ``output``, in the same order.

    Output columns are ``id``, for each head ``<head>``, ``<head>_confidence``, ``<head>_decision``, then what stands
    beside the heads, several words of one kind separated by ``;``: ``alarms`` (labels that are urgent), ``watch``
    (labels a person should look for before others), ``rules`` (names), ``also`` (agencies), ``about`` (an agency or the
    code of a place), ``missing`` (what to ask for).

    A row that cannot be tagged goes to ``<output>.rejects.csv`` with its number and the reason; rows in which nothing
    is written are no rows. Both files are there once they are whole, and not before.

    Parameters
    ----------
    columns
        Our name of a column, and its name in the file, where they differ.
    tag
        What tags batches; this process without it. A cluster: `training.clusters.tag_on_cluster`.

    Raises
    ------
    ReadingError, WritingError, BulkError
        The file cannot be read or has no texts, the output cannot be written, or both are the same file.
    """
    rejects = output.with_name(output.name + ".rejects.csv")
    if output.exists() and output.samefile(source):
        raise BulkError(f"{output} is the file of rows itself; name another output.")
    tag = tag or partial(map, Tagger(classifier).tag)
    with closing(open_table(source)) as table:
        batches = _cut(table, choose_layout(source, table.header, columns))
        n_rows, n_rejected = _write(tag(batches), list_names(classifier), output, rejects, progress)
    if not n_rejected:
        rejects.unlink()
    for finding in table.findings:
        progress.step(f"{finding.severity}: {finding.reason}")
    return BulkResult(n_rows, n_rejected, rejects, table.findings)


def _cut(table: Table, layout: Layout) -> Iterator[Batch]:
    """Batches of rows in the order of the file."""
    batch: list[Row | Reject] = []
    n_chars = 0
    for raw in table.rows:
        if raw.is_blank:
            continue
        row = _read(raw, layout)
        batch.append(row)
        n_chars += len(row.text) if isinstance(row, Row) else 0
        if len(batch) == _MOST_ROWS or n_chars > _MOST_CHARS:
            yield batch
            batch, n_chars = [], 0
    yield batch


def _read(row: RawRow, layout: Layout) -> Row | Reject:
    if row.fault:
        return Reject(row.number, "", "", row.raw, row.fault)
    values: dict[str, str] = {}
    for name in _READ_COLUMNS:
        column = layout.columns.get(name)
        cell = column.pick(row.cells) if column else ""
        try:
            values[name] = str(convert_cell(name, cell)) if column else ""
        except CellError as error:
            return Reject(row.number, values.get("id", ""), name, cell, str(error))
    return Row(row.number, values["id"] or f"row-{row.number}", join_title(values["title"], values["text"]))


def _write(
    tagged: Iterable[list[Record | Reject]], names: list[str], output: Path, rejects: Path, progress: Progress
) -> tuple[int, int]:
    """Numbers of rows tagged and rejected."""
    n_rows = n_rejected = told = 0
    with ExitStack() as stack:
        writer = stack.enter_context(open_writer(output, names))
        rejected = csv.writer(stack.enter_context(open_output(rejects)))
        rejected.writerow(_REJECT_COLUMNS)
        for batch in tagged:
            refused = [one for one in batch if isinstance(one, Reject)]
            writer.write_all(one for one in batch if not isinstance(one, Reject))
            rejected.writerows(map(_list_cells, refused))
            n_rows, n_rejected = n_rows + len(batch) - len(refused), n_rejected + len(refused)
            if (n_rows + n_rejected) // _STEP_ROWS > told:
                told = (n_rows + n_rejected) // _STEP_ROWS
                progress.step(f"{n_rows + n_rejected:,} rows")
    return n_rows, n_rejected


def _list_cells(reject: Reject) -> list[str]:
    cells = (str(reject.number), spell_bytes(reject.row_id), reject.column, show_value(reject.value), reject.reason)
    return [neutralise_cell(cell) for cell in cells]
