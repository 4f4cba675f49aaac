"""Which signs of drift there are, and how sums of reports become what each of them compares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from service.figures.drift import (
    MINIMUM_REPORTS,
    RELEVANT_CONFIDENCE,
    RELEVANT_LABELS,
    RELEVANT_MIX,
    RELEVANT_WORDS,
    ByLabel,
    Contradicted,
    Sign,
    find_lower_confidence,
    find_mix_change,
    find_other_labels,
    find_unknown_words,
)
from service.statistics.drift_sums import Sums
from service.watching.counting import SCALE

What = Literal["mix", "confidence", "words", "labels"]
# Another bundle gives other labels to the same reports: such a change is told and alarms nobody.
ACROSS: Final = ("mix",)
# A label is told from so many reports on, as every rate is.
_LEAST_TOLD: Final = 20
_N_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Watched:
    """A sign of a head."""

    what: What
    head: str


# Words are those of the report, whatever the head.
SIGNS: Final = (
    Watched("mix", "agency"),
    Watched("mix", "topic"),
    Watched("confidence", "agency"),
    Watched("confidence", "topic"),
    Watched("words", "agency"),
    Watched("labels", "agency"),
    Watched("labels", "topic"),
)
_RELEVANT: Final = {
    "mix": RELEVANT_MIX,
    "confidence": RELEVANT_CONFIDENCE,
    "words": RELEVANT_WORDS,
    "labels": RELEVANT_LABELS,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A label: in the sign of mix its share of reports, in that of labels the share contradicted; now and before."""

    label: str
    n: int
    share: float
    reference: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A sign with what it was told from; ``bundle`` is None where answers of several bundles were compared."""

    head: str
    sign: Sign
    relevant: float
    bundle: str | None
    labels: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Groups of answers, the same on both sides, as columns of sums; shape (n_groups,) each."""

    names: tuple[str, ...]
    now: np.ndarray
    reference: np.ndarray


def compare(found: Sequence[Sums], bundle: str | None, threshold: float, *, is_known: bool) -> Iterator[Compared]:
    """All signs, by the bundle that answered most reports lately where only one can be compared with itself."""
    for watched in SIGNS:
        rows = [one for one in found if one.head == watched.head]
        own = [one for one in rows if one.bundle == bundle]
        if watched.what == "labels":
            yield _compare_labels(watched, rows, threshold, is_known=is_known)
        elif watched.what == "mix":
            yield _compare_mix(watched, rows, own, threshold, is_known=is_known)
        else:
            yield _compare_measure(watched, own, threshold, is_known=is_known)


def _compare_mix(
    watched: Watched, rows: Sequence[Sums], own: Sequence[Sums], threshold: float, *, is_known: bool
) -> Compared:
    """The mix as one bundle saw it on both sides, or, where it saw too little, as it was told by all."""
    is_own = min(sum(one.n for one in own if one.is_now is side) for side in (True, False)) >= MINIMUM_REPORTS
    chosen = own if is_own else rows
    sides = _lay_out(chosen, ("n",), by_way=False)
    now, reference = sides.now[:, 0], sides.reference[:, 0]
    sign = find_mix_change(now, reference, threshold, is_known=is_known)
    moved = _list_moved(sides.names, now, now / max(now.sum(), 1), reference / max(reference.sum(), 1))
    return Compared(watched.head, sign, RELEVANT_MIX, _find_one_bundle(chosen), moved if sign.enough else ())


def _compare_measure(watched: Watched, own: Sequence[Sums], threshold: float, *, is_known: bool) -> Compared:
    """Confidence or unknown words: they say something about one bundle alone."""
    is_words = watched.what == "words"
    names = ("n_read", "unknown", "unknown_squares") if is_words else ("n", "confidence", "confidence_squares")
    sides = _lay_out(own, names, by_way=False)
    find = find_unknown_words if is_words else find_lower_confidence
    sign = find(_measure(sides.now), _measure(sides.reference), threshold, is_known=is_known)
    return Compared(watched.head, sign, _RELEVANT[watched.what], _find_one_bundle(own), ())


def _compare_labels(watched: Watched, rows: Sequence[Sums], threshold: float, *, is_known: bool) -> Compared:
    """How often people contradict: of all bundles, since the one in force may be no worse than those before it.

    What was decided alone is looked at for other reasons than what waited for a person: they are groups apart.
    """
    sides = _lay_out(rows, ("n_labelled", "n_contradicted"), by_way=True)
    now, reference = sides.now, sides.reference
    sign = find_other_labels(Contradicted(*now.T), Contradicted(*reference.T), threshold, is_known=is_known)
    by_label = _lay_out(rows, ("n_labelled", "n_contradicted"), by_way=False)
    n, n_before = by_label.now[:, 0], by_label.reference[:, 0]
    share, before = by_label.now[:, 1] / np.maximum(n, 1), by_label.reference[:, 1] / np.maximum(n_before, 1)
    n_told = np.where(n_before >= _LEAST_TOLD, n, 0)
    moved = tuple(one for one in _list_moved(by_label.names, n_told, share, before) if one.share > one.reference)
    return Compared(watched.head, sign, RELEVANT_LABELS, _find_one_bundle(rows), moved if sign.enough else ())


def _find_one_bundle(rows: Iterable[Sums]) -> str | None:
    bundles = {one.bundle for one in rows}
    return bundles.pop() if len(bundles) == 1 else None


def _lay_out(rows: Iterable[Sums], names: Sequence[str], *, by_way: bool) -> _Sides:
    """Sums of both sides by label, or by label and the way it was decided."""
    places: dict[tuple[str, bool], int] = {}
    sums: dict[tuple[bool, int], list[float]] = {}
    for one in rows:
        place = places.setdefault((one.label, by_way and one.is_auto), len(places))
        column = sums.setdefault((one.is_now, place), [0.0] * len(names))
        for number, name in enumerate(names):
            column[number] += getattr(one, name)
    empty = [0.0] * len(names)
    now, reference = (
        np.array([sums.get((side, place), empty) for place in range(len(places))], dtype=float).reshape(-1, len(names))
        for side in (True, False)
    )
    return _Sides(tuple(label for label, _ in places), now, reference)


def _measure(columns: np.ndarray) -> ByLabel:
    """Number, mean and variance from numbers, sums and sums of squares in ten-thousandths."""
    n = columns[:, 0]
    mean = columns[:, 1] / SCALE / np.maximum(n, 1)
    spread = np.maximum(columns[:, 2] / SCALE**2 - n * mean**2, 0)
    return ByLabel(n, mean, spread / np.maximum(n - 1, 1))


def _list_moved(names: Sequence[str], n: np.ndarray, now: np.ndarray, before: np.ndarray) -> tuple[Moved, ...]:
    """The labels that moved most, of those with enough reports to be told."""
    order = np.argsort(-np.abs(now - before), kind="stable")
    told = [place for place in order.tolist() if n[place] >= _LEAST_TOLD][:_N_TOLD]
    return tuple(Moved(names[place], int(n[place]), float(now[place]), float(before[place])) for place in told)
