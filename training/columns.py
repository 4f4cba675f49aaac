"""The columns of labelled rows: their names, their types, and where in a file each is taken from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from model.taxonomy import HEADS
from training.findings import Finding

# What `pilah export --labels` says of each label: what it rests on, when it was given, whether without suggestion.
BASIS_COLUMNS = tuple(f"{head}_basis" for head in HEADS)
GIVEN_COLUMNS = tuple(f"{head}_at" for head in HEADS)
BLIND_COLUMNS = tuple(f"{head}_blind" for head in HEADS)
TIME_COLUMNS = ("received_at", "responded_at", "closed_at", *GIVEN_COLUMNS)
NUMBER_COLUMNS = ("rating", "weight")
LABEL_COLUMNS = (*HEADS, "also", "about")
COLUMNS = (
    "id",
    "title",
    "text",
    "received_at",
    "responded_at",
    "closed_at",
    "channel",
    "district",
    "village",
    "reporter_ref",
    "rating",
    *LABEL_COLUMNS,
    "source",
    "weight",
    *BASIS_COLUMNS,
    *GIVEN_COLUMNS,
    *BLIND_COLUMNS,
)

Pick = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Column:
    """How one of our cells is taken from the cells of a row, and the names in the file that it uses."""

    pick: Pick
    names: tuple[str, ...]


def _find_nothing() -> tuple[Finding, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Our columns that a file has, in our order.

    ``conclude`` is asked after the last row for what there is to say about the picks.
    """

    columns: Mapping[str, Column]
    conclude: Callable[[], tuple[Finding, ...]] = _find_nothing


def pick_place(place: int) -> Pick:
    """The cell at a place of the row."""
    return lambda cells: cells[place]
