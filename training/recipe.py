"""How a training set is gathered: which files, up to when, by which taxonomy, how much each kind of label weighs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from model.errors import PilahError
from model.taxonomy import Taxonomy

Role = Literal["labels", "history", "corpus"]

# Where a text stands in several files, the first of these keeps it: what officers of the city said of their own
# reports, then what was decided before Pilah, then what was written for it.
LABELS: Final = "labels"
CORPUS: Final = "corpus"
ROLES: Final[tuple[Role, ...]] = (LABELS, "history", CORPUS)
CORRECTION: Final = "correction"
CONFIRMATION: Final = "confirmation"
BLIND: Final = "blind"
MOVED: Final = "moved"
AUTOMATIC: Final = "automatic"
IMPORTED: Final = "import"
GIVEN: Final = "given"
_MOST_WEIGHT: Final = 1_000
# A person who sees a suggestion tends to agree with it, so that a confirmation tells less than a correction or a label
# given without one; a report that was handed over has been read by somebody, but was not labelled.
DEFAULT_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {GIVEN: 1.0, CORRECTION: 1.0, BLIND: 1.0, CONFIRMATION: 0.5, MOVED: 0.5}
)


class GatheringError(PilahError):
    """A training set cannot be gathered as asked."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file of labelled rows and what it is: the ``labels`` of an export, ``history``, or a written ``corpus``.

    ``weight`` multiplies that of each of its rows; ``columns`` maps our column to the file's.

    Raises
    ------
    GatheringError
        The weight is not above 0, or too large.
    """

    role: Role
    path: Path
    weight: float = 1.0
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a weight that means nothing."""
        _check_weight(self.role, self.weight)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is taken from the origins.

    Attributes
    ----------
    taxonomy
        Whose labels hold on ``day``; None takes all labels as they are.
    day
        Labels given earlier follow ``merged_into`` up to what is valid on this day.
    until
        Reports received, and labels given, at this instant or later are left out; None takes all.
    weights
        Of each basis of a label: ``given`` (a file that does not say), ``correction``, ``blind``, ``confirmation``,
        ``moved``. What was decided without a person (``automatic``) is never taken: a bundle would learn from itself.

    Raises
    ------
    GatheringError
        A basis is not known or a weight not above 0.
    """

    taxonomy: Taxonomy | None
    day: date
    until: datetime | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)

    def __post_init__(self) -> None:
        """Refuse weights that mean nothing."""
        for basis, weight in self.weights.items():
            if basis not in DEFAULT_WEIGHTS:
                raise GatheringError(
                    f"{basis!r} is no basis that has a weight; known are {', '.join(DEFAULT_WEIGHTS)}."
                )
            _check_weight(basis, weight)

    def weigh(self, basis: str) -> float:
        """The weight of a label with this basis."""
        return self.weights.get(basis, DEFAULT_WEIGHTS[basis])


def _check_weight(of: str, weight: float) -> None:
    if not 0 < weight <= _MOST_WEIGHT:
        raise GatheringError(f"The weight of {of} is {weight}; expected more than 0 and at most {_MOST_WEIGHT}.")
