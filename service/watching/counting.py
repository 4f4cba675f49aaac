"""What a report counts for the signs of drift, told from its entries of the ledger alone.

Shares are whole ten-thousandths, so that a sum is the same in any order and what is taken out leaves nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import RowMapping

from service.feedback import RECEIVED
from service.handling.labels import CONFIRMATION, CORRECTION, RESTRICTED
from service.said import RETRACTION
from service.upkeep.history import IMPORTED

WATCHED_HEADS: Final = ("agency", "topic")
# One is so many.
SCALE: Final = 10_000
_ANSWERED: Final = frozenset({RECEIVED, IMPORTED})
LABELLED: Final = frozenset({f"label.{CORRECTION}", f"label.{CONFIRMATION}"})
TAKEN_BACK: Final = f"label.{RETRACTION}"
COUNTED_TYPES: Final = frozenset({*_ANSWERED, RESTRICTED, *LABELLED, TAKEN_BACK})
_AUTO: Final = "auto"
# Week, head, bundle, label, whether it was decided alone.
Key = tuple[date, str, str, str, bool]
# As the columns of the cell behind its key.
Sums = tuple[int, int, int, int, int, int, int, int]
_IN_ORDER: Final = itemgetter("at", "chain", "number")


def find_week(day: date) -> date:
    """The Monday of a day."""
    return day - timedelta(days=day.weekday())


def count(week: date, entries: Iterable[RowMapping]) -> list[tuple[Key, Sums]]:
    """What a report counts, given all its entries; nothing before it was answered and while it is shut away."""
    ordered = sorted(entries, key=_IN_ORDER)
    received = next((entry for entry in ordered if entry["type"] in _ANSWERED), None)
    if received is None:
        return []
    content = json.loads(received["content"])
    if _find_restriction(content, ordered) is not None:
        return []
    said = _list_said(ordered)
    return [
        (
            (week, head, str(received["bundle"]), answer[0], answer[2] == _AUTO),
            _measure(answer, content.get("unknown"), said.get(head)),
        )
        for head, answer in content["heads"].items()
        if head in WATCHED_HEADS
    ]


def _measure(answer: Sequence[Any], unknown: float | None, said: str | None) -> Sums:
    """The sums of one answer; a report of before words were counted counts for all but them."""
    label, confidence = answer[0], round(answer[1] * SCALE)
    words = 0 if unknown is None else round(unknown * SCALE)
    return (
        1,
        confidence,
        confidence**2,
        int(unknown is not None),
        words,
        words**2,
        int(said is not None),
        int(said is not None and said != label),
    )


def _find_restriction(content: Mapping[str, Any], ordered: Iterable[RowMapping]) -> str | None:
    restriction = content.get("restriction")
    for entry in ordered:
        if entry["type"] == RESTRICTED:
            restriction = json.loads(entry["content"])["after"]
    return restriction


def _list_said(ordered: Iterable[RowMapping]) -> dict[str, str]:
    """What people say each head is: the last word of them, without what was taken back or said blind."""
    said: dict[str, dict[str, str]] = {}
    for entry in ordered:
        if entry["type"] in LABELLED or entry["type"] == TAKEN_BACK:
            content = json.loads(entry["content"])
            of_head = said.setdefault(content["head"], {})
            if content["is_blind"]:
                continue
            # Said anew it is the last word.
            of_head.pop(entry["actor"], None)
            if entry["type"] in LABELLED:
                of_head[entry["actor"]] = content["value"]
    return {head: list(values.values())[-1] for head, values in said.items() if values}
