"""What the mix of a unit's cases lets expect of it, from how such cases go with all other units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from service.figures.counts import Flags, Floats, check_hits, read_counts
from service.figures.errors import FigureError

RELEVANT = 0.05  # a smaller difference of rates is not worth a word, however sure it is
PRIOR_CASES = 20.0  # cases of the coarser grouping that stand behind a stratum few others have
_FAR = 3.0  # standard errors a unit is off when it leaves the yardstick of the others
_MOST_FAR = 1 / 3  # where more units are off, it is the yardstick that is, and all stay in


@dataclass(frozen=True, slots=True)
class Expected:
    """What a unit's mix lets expect: of shape (n_units,) each.

    ``hits`` is the expected number, ``rate`` the same over n (nan where n is 0) and ``error`` its standard error,
    ``comparable`` the share of a unit's cases that lie in strata where other units have at least `PRIOR_CASES`. A low
    ``comparable`` says that nobody else does this work, and the expectation rests on work of another kind.
    ``is_far`` are units that left the yardstick of the others.
    """

    hits: Floats
    rate: Floats
    error: Floats
    comparable: Floats
    is_far: Flags


def expect_by_mix(hits: ArrayLike, cases: ArrayLike, coarser: Sequence[Sequence[int]] = ()) -> Expected:
    """The number of hits of each unit if each of its strata went as it does for all other units.

    Indirect standardisation. The rate of a stratum is that of the *other* units, so that a big unit is not its own
    yardstick; where they have few cases in it, it leans on the coarser grouping with the weight of `PRIOR_CASES`
    cases, that on the next coarser, and the coarsest on all cases of the others (without others: on all). A unit far
    off (by `RELEVANT` and three standard errors) is then left out of the yardstick, so that one slow unit does not
    make its fellows look quick.

    Source: Breslow & Day (1987), Statistical Methods in Cancer Research II, ch. 2; shrinkage of strata as in
    Spiegelhalter, Abrams & Myles (2004); leaving out what is far off: Ohlssen, Sharples & Spiegelhalter (2007),
    J. R. Stat. Soc. A 170, 865-890.

    Parameters
    ----------
    hits, cases : array_like, shape (n_units, n_strata)
        For each unit and stratum (kind x topic x urgency): cases, and hits among them.
    coarser : sequence of int sequences, each of shape (n_strata,)
        The group of each stratum, the coarsest grouping first: say by kind, then by kind and urgency.

    Raises
    ------
    FigureError
        More hits than cases, or a grouping of another length.
    """
    found, tries = read_counts(hits, "hits", 2), read_counts(cases, "cases", 2)
    check_hits(found, tries, "hits by unit and stratum")
    groupings = [np.asarray(grouping, dtype=np.int64) for grouping in coarser]
    if any(groups.shape != (tries.shape[1],) for groups in groupings):
        raise FigureError(f"A grouping does not give one group for each of {tries.shape[1]} strata.")
    nobody = np.zeros(tries.shape[0], dtype=bool)
    expected = _expect(found, tries, groupings, nobody)
    is_far = _find_far(found.sum(axis=1), tries.sum(axis=1), expected)
    if not is_far.any() or is_far.mean() > _MOST_FAR:
        return expected
    return _expect(found, tries, groupings, is_far)


def _expect(found: Floats, tries: Floats, groupings: Sequence[np.typing.NDArray[np.int64]], is_far: Flags) -> Expected:
    near_found, near = np.where(is_far[:, None], 0.0, found), np.where(is_far[:, None], 0.0, tries)
    others_found, others = near_found.sum(axis=0) - near_found, near.sum(axis=0) - near
    total = float(found.sum() / tries.sum()) if tries.sum() else 0.0
    everywhere = _shrink(others_found.sum(axis=1), others.sum(axis=1), np.full(tries.shape[0], total))
    rate = np.broadcast_to(everywhere[:, None], tries.shape)
    for groups in groupings:
        rate = _shrink(_sum_groups(others_found, groups), _sum_groups(others, groups), rate)
    rate = _shrink(others_found, others, rate)
    n = tries.sum(axis=1)
    expected = (tries * rate).sum(axis=1)
    variance = (tries**2 * rate * (1 - rate) / (others + PRIOR_CASES)).sum(axis=1)
    comparable = (tries * (others >= PRIOR_CASES)).sum(axis=1)
    return Expected(expected, _divide(expected, n), _divide(np.sqrt(variance), n), _divide(comparable, n), is_far)


def _sum_groups(values: Floats, groups: np.typing.NDArray[np.int64]) -> Floats:
    """For each unit and stratum the sum over its group."""
    if not groups.size:
        return values
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=groups[order[0]] - 1))
    place = np.empty_like(groups)
    place[order] = np.repeat(np.arange(starts.size), np.diff(starts, append=groups.size))
    return np.asarray(np.add.reduceat(values[:, order], starts, axis=1)[:, place], dtype=np.float64)


def _find_far(found: Floats, n: Floats, expected: Expected) -> Flags:
    rate = np.nan_to_num(expected.rate)
    error = np.sqrt(rate * (1 - rate) / np.maximum(n, 1) + np.nan_to_num(expected.error) ** 2)
    off = np.abs(found / np.maximum(n, 1) - rate)
    return np.asarray((n > 0) & (off >= RELEVANT) & (off > _FAR * error), dtype=np.bool_)


def _divide(one: Floats, other: Floats) -> Floats:
    return np.divide(one, other, out=np.full_like(other, np.nan), where=other > 0)


def _shrink(hits: Floats, cases: Floats, towards: Floats) -> Floats:
    return np.asarray((hits + PRIOR_CASES * towards) / (cases + PRIOR_CASES), dtype=np.float64)
