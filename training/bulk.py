"""Tags files of any size in constant memory: rows stream from the file through the classifier to the output.

Owns that no row is lost: each is tagged, or among the rejects with the reason. Reads rows exactly as training does.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from model.classifier import Classifier, ReadText
from model.errors import PilahError, TextError
from model.many import ManyClassifier
from model.prediction import Prediction
from training.cells import CellError, convert_cell
from training.columns import Layout
from training.findings import Finding, show_value, spell_bytes
from training.layout import choose_layout
from training.preparing import join_title
from training.progress import Progress
from training.readers.opening import open_table
from training.readers.table import RawRow, Table
from training.rejects import neutralise_cell
from training.writers import Record, open_output, open_writer

_STEP_ROWS = 20_000
_REJECT_COLUMNS = ("row", "id", "column", "value", "reason")
_READ_COLUMNS = ("id", "title", "text")
_FINDINGS = ("alarms", "watch", "rules", "also", "about", "missing")
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


@dataclass(frozen=True, slots=True)
class _Reject:
    """Why a row cannot be tagged, and the cell that is to blame (``column`` empty: the whole row)."""

    row_id: str
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class _Tagger:
    """Reads rows one by one, and tags some hundreds of them at once, for a third of the time that each alone takes."""

    classifier: Classifier
    layout: Layout
    names: list[str] = field(init=False)
    _many: ManyClassifier = field(init=False)
    _waiting: list[tuple[str, ReadText]] = field(init=False, default_factory=list)
    _n_chars: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        heads = [head.name for head in self.classifier.heads]
        of_heads = [f"{head}{suffix}" for head in heads for suffix in ("", "_confidence", "_decision")]
        self.names = ["id", *of_heads, *_FINDINGS]
        self._many = ManyClassifier(self.classifier)

    def read(self, row: RawRow) -> _Reject | None:
        """Take a row; the reject where it cannot be tagged."""
        if row.fault:
            return _Reject("", "", row.raw, row.fault)
        values: dict[str, str] = {}
        for name in _READ_COLUMNS:
            column = self.layout.columns.get(name)
            cell = column.pick(row.cells) if column else ""
            try:
                values[name] = str(convert_cell(name, cell)) if column else ""
            except CellError as error:
                return _Reject(values.get("id", ""), name, cell, str(error))
        row_id = values["id"] or f"row-{row.number}"
        try:
            read = self.classifier.read(join_title(values["title"], values["text"]))
        except TextError as error:
            return _Reject(row_id, "text", values["text"], str(error))
        self._waiting.append((row_id, read))
        self._n_chars += len(read.masked)
        return None

    def is_full(self) -> bool:
        """Whether the rows taken are enough to be tagged."""
        return len(self._waiting) == _MOST_ROWS or self._n_chars > _MOST_CHARS

    def tag(self) -> Iterator[Record]:
        """The tags of the rows taken since the last time, in their order."""
        waiting, self._waiting, self._n_chars = self._waiting, [], 0
        predictions = self._many.classify([read for _, read in waiting])
        for (row_id, _), prediction in zip(waiting, predictions, strict=True):
            yield dict(zip(self.names, [row_id, *_flatten(prediction)], strict=True))


def classify_file(
    classifier: Classifier, source: Path, output: Path, columns: Mapping[str, str], progress: Progress
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

    Raises
    ------
    ReadingError, WritingError, BulkError
        The file cannot be read or has no texts, the output cannot be written, or both are the same file.
    """
    rejects = output.with_name(output.name + ".rejects.csv")
    if output.exists() and output.samefile(source):
        raise BulkError(f"{output} is the file of rows itself; name another output.")
    with closing(open_table(source)) as table:
        layout = choose_layout(source, table.header, columns)
        n_rows, n_rejected = _pass_on(_Tagger(classifier, layout), table, output, rejects, progress)
    if not n_rejected:
        rejects.unlink()
    for finding in table.findings:
        progress.step(f"{finding.severity}: {finding.reason}")
    return BulkResult(n_rows, n_rejected, rejects, table.findings)


def _pass_on(tagger: _Tagger, table: Table, output: Path, rejects: Path, progress: Progress) -> tuple[int, int]:
    """Numbers of rows tagged and rejected."""
    n_rows = n_rejected = 0
    with ExitStack() as stack:
        writer = stack.enter_context(open_writer(output, tagger.names))
        rejected = csv.writer(stack.enter_context(open_output(rejects)))
        rejected.writerow(_REJECT_COLUMNS)
        for row in _skip_blank(table):
            reject = tagger.read(row)
            if reject:
                n_rejected += 1
                rejected.writerow(_list_cells(row, reject))
            else:
                n_rows += 1
            if tagger.is_full():
                writer.write_all(tagger.tag())
            if (n_rows + n_rejected) % _STEP_ROWS == 0:
                progress.step(f"{n_rows + n_rejected:,} rows")
        writer.write_all(tagger.tag())
    return n_rows, n_rejected


def _skip_blank(table: Table) -> Iterator[RawRow]:
    return (row for row in table.rows if not row.is_blank)


def _list_cells(row: RawRow, reject: _Reject) -> list[str]:
    cells = (str(row.number), spell_bytes(reject.row_id), reject.column, show_value(reject.value), reject.reason)
    return [neutralise_cell(cell) for cell in cells]


def _flatten(prediction: Prediction) -> Iterator[str | float]:
    for answer in prediction.heads.values():
        yield answer.label
        yield answer.confidence
        yield answer.decision
    urgent = dict.fromkeys(alarm.label for alarm in prediction.alarms if alarm.level == "urgent")
    yield ";".join(urgent)
    yield ";".join(dict.fromkeys(alarm.label for alarm in prediction.alarms if alarm.label not in urgent))
    yield ";".join(hit.name for hit in prediction.rules)
    yield ";".join(need.agency for need in prediction.also)
    yield prediction.about.unit if prediction.about else ""
    yield ";".join(prediction.gates.missing) if prediction.gates else ""
