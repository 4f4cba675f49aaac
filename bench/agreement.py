"""Prints how far two independent labellings of the golden set agree, and whose label the third reader kept.

    python bench/agreement.py

Both labels stand in the column ``disputed`` where they differ, such as ``agency: dinas-pupr | bpbd -> bpbd (rule 7)``,
entries apart by ``; ``; where a head is not named there, both gave the label of its column. ``-`` is an empty cell.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from model.shipped import datasets_folder

HEADS = ("kind", "agency", "topic", "urgency", "aspect", "also", "about")
ENTRY = re.compile(r"(?P<head>[a-z]+): (?P<first>\S+) \| (?P<second>\S+) -> (?P<kept>\S+) \((?P<reason>.+)\)")
BY_TOPIC = 300


@dataclass(frozen=True, slots=True)
class Dispute:
    """The two labels of a cell, the one kept, and why; an empty cell is ''."""

    first: str
    second: str
    kept: str
    reason: str


def main() -> None:
    """Print a line for each head."""
    with (datasets_folder() / "sawahlunto" / "golden.csv").open(encoding="utf-8", newline="") as stream:
        records = list(csv.DictReader(stream))
    disputes = [read_disputes(record["disputed"]) for record in records]
    by_topic, shuffled = f"first {BY_TOPIC}", f"last {len(records) - BY_TOPIC}"
    print(f"{len(records)} reports, labelled twice; {sum(not found for found in disputes)} without a dispute")
    print(f"{'':8} {'agree':>6} {'kappa':>6} {'alpha':>6} {by_topic:>10} {shuffled:>10}  kept: first, second, neither")
    for head in HEADS:
        pairs = [pair_labels(record, found, head) for record, found in zip(records, disputes, strict=True)]
        first, second = (np.array(labels) for labels in zip(*pairs, strict=True))
        is_same = first == second
        kept = count_kept([found[head] for found in disputes if head in found])
        print(
            f"{head:8} {is_same.mean():6.3f} {measure_kappa(first, second):6.3f} {measure_alpha(first, second):6.3f} "
            f"{is_same[:BY_TOPIC].mean():10.3f} {is_same[BY_TOPIC:].mean():10.3f}  {', '.join(map(str, kept))}"
        )


def read_disputes(cell: str) -> dict[str, Dispute]:
    """The disputes of a report by head."""
    found = {}
    for part in filter(None, cell.split("; ")):
        entry = ENTRY.fullmatch(part)
        if entry is None:
            raise ValueError(
                f"found {part!r}; expected 'head: first | second -> kept (reason)'; mend the column disputed"
            )
        first, second, kept = ("" if entry[name] == "-" else entry[name] for name in ("first", "second", "kept"))
        found[entry["head"]] = Dispute(first, second, kept, entry["reason"])
    return found


def pair_labels(record: dict[str, str], disputes: dict[str, Dispute], head: str) -> tuple[str, str]:
    """What the first and the second labeller said."""
    dispute = disputes.get(head)
    return (dispute.first, dispute.second) if dispute else (record[head], record[head])


def count_kept(disputes: list[Dispute]) -> tuple[int, int, int]:
    """How often the third reader kept the first label, the second, or neither."""
    first = sum(dispute.kept == dispute.first for dispute in disputes)
    second = sum(dispute.kept == dispute.second for dispute in disputes)
    return first, second, len(disputes) - first - second


def measure_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa: agreement above what the two labellers' own shares of labels give by chance."""
    one, other = (Counter(labels.tolist()) for labels in (first, second))
    chance = sum(one[label] * other[label] for label in one) / len(first) ** 2
    return float(((first == second).mean() - chance) / (1 - chance))


def measure_alpha(first: np.ndarray, second: np.ndarray) -> float:
    """Krippendorff's alpha for unordered labels: disagreement beside that of all labels paired at random."""
    counts = Counter(first.tolist()) + Counter(second.tolist())
    n_labels = counts.total()
    expected = 1 - sum(count * (count - 1) for count in counts.values()) / (n_labels * (n_labels - 1))
    return float(1 - (first != second).mean() / expected)


if __name__ == "__main__":
    main()
