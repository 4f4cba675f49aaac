"""What is wrong or doubtful in rows that could be read, and how it is told on a terminal. Changes nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from model.places import Gazetteer
from model.taxonomy import Taxonomy
from training.config import TrainingConfig
from training.duplicate_checks import find_equal_ids, find_equal_texts
from training.findings import SEVERITIES, Finding, FindingGroup, group_findings, list_rows, sort_findings
from training.label_checks import find_outdated_labels, find_rare_labels, find_unknown_labels
from training.reading import RowSet
from training.text_checks import find_doubtful_texts
from training.time_checks import find_disordered_times


def check_rows(
    rows: RowSet,
    taxonomy: Taxonomy | None,
    config: TrainingConfig,
    *,
    gazetteer: Gazetteer | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """The findings of reading and of every check, sorted.

    Parameters
    ----------
    rows
        What `training.reading.read_rows` returned.
    taxonomy
        The labels in force; without it, or with ``config.open_labels``, labels are the file's own and none is
        unknown.
    config
        Its merges are applied before labels are looked at; its ``heads`` and ``minimum_rows`` hold.
    gazetteer
        The places that ``about`` may name; without it anything written like a code of a place passes.
    today
        The day in WIB after which no report can have been received; None to leave that unchecked.
    """
    frame = rows.frame
    findings = [
        *rows.findings,
        *find_equal_ids(frame),
        *find_equal_texts(frame, config),
        *find_disordered_times(frame, today),
        *find_rare_labels(frame, config),
        *find_doubtful_texts(frame),
    ]
    if taxonomy is not None and not config.open_labels:
        findings += find_unknown_labels(frame, taxonomy, config, gazetteer)
        findings += find_outdated_labels(frame, taxonomy, config)
    return sort_findings(findings)


def format_findings(findings: Iterable[Finding], *, limit: int) -> str:
    """Lines for a terminal: how many of each severity, then each fault once with its first rows and values.

    At most ``limit`` faults are shown, the gravest first; a last line tells how many are left.
    """
    listed = tuple(findings)
    if not listed:
        return "No findings."
    groups = group_findings(listed)
    lines = [_count(listed), *map(_format_group, groups[:limit])]
    if len(groups) > limit:
        lines.append(f"… and {len(groups) - limit:,} further kinds of findings")
    return "\n".join(lines)


def _count(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    shown = [
        f"{counts[severity]:,} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in SEVERITIES
        if counts[severity]
    ]
    return ", ".join(shown)


def _format_group(group: FindingGroup) -> str:
    subject = f"{group.column}: " if group.column else ""
    parts = [f"{group.severity:<8} {subject}{group.reason}"]
    if group.rows:
        parts.append(_format_rows(group))
    elif group.n_findings > 1:
        parts.append(f"{group.n_findings:,} times")
    if group.values:
        parts.append("; ".join(group.values) + ("; …" if group.n_values > len(group.values) else ""))
    return " · ".join(parts)


def _format_rows(group: FindingGroup) -> str:
    if group.n_findings == 1:
        return f"row {group.rows[0]}"
    more = ", …" if group.n_findings > len(group.rows) else ""
    return f"{group.n_findings:,} times, rows {list_rows(group.rows)}{more}"
