"""How a report stood at an instant, told from its entries in the ledger alone: what was known then, and who said so."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping

from model.prediction import JsonValue
from service.feedback import FIRST_STATE
from service.handling.incidents import ERASED
from service.handling.labels import RESTRICTED
from service.ledger.asking import Question, list_entries
from service.ledger.entries import SYSTEM
from service.upkeep.exporting import AUTOMATIC

# What an entry says of these is what holds from then on.
VALUES: Final = ("state", "agency", "unit", "route", "alarm", "restriction", "due_at")
_LABELLED = "label."


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a report: what it rests on (``automatic``, ``correction``, …), who or which bundle gave it, when."""

    value: str
    basis: str
    actor: str
    bundle: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stood: what its entries said last of each thing, its labels by head, whether it was erased."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    is_erased: bool = False


def find_standing(
    connection: Connection, feedback_id: str, visible: ColumnElement[bool], until: datetime
) -> Standing | None:
    """How a report stood at an instant; None when there was none then that may be seen."""
    entries = list_entries(connection, Question(feedback_id, until=until), visible, None, None)
    return add_up(entries) if entries else None


def add_up(entries: Iterable[RowMapping]) -> Standing:
    """What the entries of one report, earliest first, come to."""
    values: dict[str, JsonValue] = {"state": FIRST_STATE}
    labels: dict[str, Label] = {}
    is_erased = False
    for entry in entries:
        content: dict[str, JsonValue] = json.loads(entry["content"])
        if entry["type"].startswith(_LABELLED) and content.get("is_blind"):
            # What is said blind moves nothing.
            continue
        values.update({name: content[name] for name in VALUES if name in content})
        labels.update(_read_labels(entry, content))
        if entry["type"].startswith(_LABELLED) and content.get("head") == "agency":
            values["agency"] = content["value"]
        elif entry["type"] == RESTRICTED:
            values["restriction"] = content["after"]
        is_erased = is_erased or entry["type"] == ERASED
    return Standing(values, labels, is_erased)


def _read_labels(entry: RowMapping, content: Mapping[str, JsonValue]) -> dict[str, Label]:
    """Labels of an entry: predicted ones under ``heads``, those of a file under ``labels``, one that a person gave."""
    found: dict[str, Label] = {}
    heads, labels = content.get("heads"), content.get("labels")
    if isinstance(heads, dict):
        for head, answer in heads.items():
            if isinstance(answer, list) and answer:
                found[head] = Label(str(answer[0]), AUTOMATIC, SYSTEM, entry["bundle"], entry["at"])
    if isinstance(labels, dict):
        for head, value in labels.items():
            found[head] = Label(str(value), str(content["basis"]), entry["actor"], None, entry["at"])
    if entry["type"].startswith(_LABELLED):
        basis = entry["type"].removeprefix(_LABELLED)
        found[str(content["head"])] = Label(str(content["value"]), basis, entry["actor"], None, entry["at"])
    return found
