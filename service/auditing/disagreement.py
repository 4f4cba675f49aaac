"""Where two bundles part on the reports that came last: how many, and from which label to which.

Reads masked texts that are open to all who may read, and asks both bundles anew; stores nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, select

from model.classifier import Classifier
from model.many import ManyClassifier
from service import tables
from service.auditing.drawing import AUDITED_HEADS
from service.figures.intervals import Rate, estimate_rate

MAX_COMPARED: Final = 2_000
# Fewer of a pair are told only in sum, as everywhere where few could be recognised.
LEAST_TOLD: Final = 5
_N_TOLD: Final = 10
_AUTO: Final = "auto"
# Label and whether it was decided alone, by head.
Answer = dict[str, tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Recent:
    """A report: when it came, and its masked text."""

    received_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Reports to which the champion gives one label and the challenger another one."""

    champion: str
    challenger: str
    n: int


@dataclass(frozen=True, slots=True)
class HeadDisagreement:
    """One head: the share of reports labelled otherwise, the most frequent pairs, ``n_other`` reports in other pairs.

    ``n_auto`` are those each bundle would decide alone, the champion first; ``n_auto_differ`` those that both would,
    with another label.
    """

    head: str
    rate: Rate
    pairs: tuple[Pair, ...]
    n_other: int
    n_auto: tuple[int, int]
    n_auto_differ: int


def list_recent(connection: Connection, visible: ColumnElement[bool], limit: int) -> list[Recent]:
    """The reports that came last, the latest first, without what is erased or shut away."""
    columns = tables.feedback.c
    query = (
        select(columns.received_at, columns.text)
        .where(visible, columns.erased_at.is_(None), columns.restriction.is_(None))
        .order_by(columns.received_at.desc(), columns.id.desc())
        .limit(limit)
    )
    return [Recent(row.received_at, row.text) for row in connection.execute(query)]


def answer_texts(classifier: Classifier, texts: Sequence[str]) -> list[Answer]:
    """What a bundle says of texts, in their order."""
    predictions = ManyClassifier(classifier).classify([classifier.read(text) for text in texts])
    return [
        {
            head: (answer.label, answer.decision == _AUTO)
            for head, answer in prediction.heads.items()
            if head in AUDITED_HEADS
        }
        for prediction in predictions
    ]


def find_disagreement(champion: Sequence[Answer], challenger: Sequence[Answer]) -> list[HeadDisagreement]:
    """Where two bundles part on the same texts, for each head that both have."""
    heads = [head for head in AUDITED_HEADS if all(head in one for one in (*champion, *challenger))]
    return [
        _compare(head, [one[head] for one in champion], [one[head] for one in challenger]) for head in heads if champion
    ]


def _compare(head: str, before: Sequence[tuple[str, bool]], after: Sequence[tuple[str, bool]]) -> HeadDisagreement:
    both = list(zip(before, after, strict=True))
    pairs = Counter((one, other) for (one, _), (other, _) in both if one != other)
    told = [Pair(*labels, n) for labels, n in sorted(pairs.items(), key=_by_number) if n >= LEAST_TOLD][:_N_TOLD]
    n_differ = pairs.total()
    return HeadDisagreement(
        head=head,
        rate=estimate_rate(n_differ, len(both)),
        pairs=tuple(told),
        n_other=n_differ - sum(pair.n for pair in told),
        n_auto=(sum(is_auto for _, is_auto in before), sum(is_auto for _, is_auto in after)),
        n_auto_differ=sum(one[1] and other[1] and one[0] != other[0] for one, other in both),
    )


def _by_number(item: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -item[1], item[0]
