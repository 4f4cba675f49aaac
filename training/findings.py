"""What there is to say about a file of rows: findings, their order, their JSON and a compact summary.

Owns that no message carries personal data or characters that a terminal obeys. Finds nothing itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
SHOWN_CHARS = 40
SHOWN_ROWS = 5
# Masked before it is cut to what is shown, so that no number loses the digits it is known by.
_MASKED_CHARS = 1_000
_BROKEN_NUMBER = re.compile(r"[\d\s().+-]+$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a row, a column or the whole file.

    Attributes
    ----------
    severity
        ``error``: a row is not used or a label cannot be learnt; ``warning``: probably a mistake; ``note``: good to
        know.
    row
        Row number in the file as `training.reading.read_rows` counts it; None for the whole file.
    column
        Our name of the column; None for the whole row.
    value
        What was found, fit to be shown (see `show_value`); may be empty.
    reason
        What is wrong and what was expected. The same words for the same fault, so that findings can be counted.
    """

    severity: Severity
    row: int | None
    column: str | None
    value: str
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        """The finding as a JSON object."""
        return {
            "severity": self.severity,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one severity, column and reason: how many, the first rows and values, the number of values."""

    severity: Severity
    column: str | None
    reason: str
    n_findings: int
    rows: tuple[int, ...]
    values: tuple[str, ...]
    n_values: int


def show_value(text: str) -> str:
    """At most 40 characters of a cell on one line, personal data masked, control characters spelt out."""
    spelt = spell_bytes(text[:_MASKED_CHARS])
    if len(text) > _MASKED_CHARS:
        spelt = _BROKEN_NUMBER.sub("", spelt)
    shown = " ".join(mask(clean(spelt)).text.split())
    printable = "".join(character if character.isprintable() else _spell(character) for character in shown)
    return printable if len(printable) <= SHOWN_CHARS else printable[: SHOWN_CHARS - 1] + "…"


def spell_bytes(text: str) -> str:
    r"""The text with every lone surrogate spelt out: ``\x92`` for an undecodable byte, else ``\ud800``."""
    if text.isascii():
        return text
    return "".join(_spell(character) if is_surrogate(character) else character for character in text)


def is_surrogate(character: str) -> bool:
    """Whether a character is half of a pair, which no encoding can write."""
    return "\ud800" <= character <= "\udfff"


def report_rows(severity: Severity, column: str, value: str, reason: str, rows: Sequence[int]) -> tuple[Finding, ...]:
    """The same fault in several rows: a finding for each, or one for all with their number when more than five."""
    shown = show_value(value)
    if len(rows) <= SHOWN_ROWS:
        return tuple(Finding(severity, row, column, shown, reason) for row in rows)
    return (Finding(severity, rows[0], column, shown, f"{reason} ({len(rows):,} rows: {list_rows(rows)})"),)


def list_rows(rows: Sequence[int]) -> str:
    """The first row numbers, and a sign that more follow."""
    return ", ".join(map(str, rows[:SHOWN_ROWS])) + (", …" if len(rows) > SHOWN_ROWS else "")


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Gravest first, then by row (the whole file before its rows), column, reason and value."""
    return tuple(sorted(findings, key=_order))


def group_findings(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Findings counted by severity, column and reason, in the order of `sort_findings`."""
    groups: dict[tuple[Severity, str | None, str], list[Finding]] = {}
    for finding in sort_findings(findings):
        groups.setdefault((finding.severity, finding.column, finding.reason), []).append(finding)
    return tuple(_summarise(*key, members) for key, members in groups.items())


def _summarise(severity: Severity, column: str | None, reason: str, members: Sequence[Finding]) -> FindingGroup:
    rows = [finding.row for finding in members if finding.row is not None]
    values = list(dict.fromkeys(finding.value for finding in members if finding.value))
    shown_rows, shown_values = tuple(rows[:SHOWN_ROWS]), tuple(values[:SHOWN_ROWS])
    return FindingGroup(severity, column, reason, len(members), shown_rows, shown_values, len(values))


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    rank = SEVERITIES.index(finding.severity)
    return (rank, finding.row or 0, finding.column or "", finding.reason, finding.value)


def _spell(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  # where Python keeps undecodable bytes (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"  # noqa: PLR2004  # two hex digits hold no more
