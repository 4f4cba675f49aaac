"""Counts in how many reports terms stand, and of how many reporters, within a bounded number of terms.

Pure. When there are too many, the rarest are forgotten (lossy counting: Manku & Motwani 2002, VLDB), so that a count is
too low by ``forgotten_up_to`` at most and the memory does not grow with the reports.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from service.figures.newcomers import MINIMUM_REPORTS
from service.vocabulary.terms import Terms

MOST_TERMS: Final = 200_000
MINIMUM_REPORTERS: Final = 3


@dataclass(slots=True)
class _Seen:
    """In how many reports a term stood, of whom (up to `MINIMUM_REPORTERS`), and how a word was written."""

    n: int = 0
    reporters: tuple[str, ...] = ()
    n_small: int = 0
    n_capital: int = 0

    def count(self, reporter: str) -> None:
        """Count a report of somebody."""
        self.n += 1
        if len(self.reporters) < MINIMUM_REPORTERS and reporter not in self.reporters:
            self.reporters = (*self.reporters, reporter)

    @property
    def is_of_several(self) -> bool:
        """Whether enough reporters wrote it in enough reports."""
        return self.n >= MINIMUM_REPORTS and len(self.reporters) >= MINIMUM_REPORTERS

    @property
    def is_name(self) -> bool:
        """Whether it is mostly written as names are."""
        return self.n_capital > 0 and self.n_capital >= self.n_small


class Tally:
    """Terms of many reports."""

    def __init__(self, most: int = MOST_TERMS) -> None:
        self._most = most
        self._words: dict[str, _Seen] = {}
        # Most pairs stand in one report alone: then the reporter is all that is kept.
        self._pairs: dict[str, _Seen | str] = {}
        self.n_reports = 0
        self.forgotten_up_to = 0

    def __len__(self) -> int:
        """How many terms are held."""
        return len(self._words) + len(self._pairs)

    def add(self, reporter: str, terms: Terms) -> None:
        """Count the terms of one report; ``reporter`` stands for whoever must not count twice."""
        self.n_reports += 1
        for word in terms.words:
            seen = self._words.setdefault(word, _Seen())
            seen.count(reporter)
            seen.n_small += word in terms.small
            seen.n_capital += word in terms.capital
        for pair in terms.pairs:
            self._count_pair(pair, reporter)
        while len(self) > self._most:
            self._forget()

    def list_candidates(self) -> dict[str, int]:
        """Terms of several reporters that are no names, with their reports."""
        names = {word for word, seen in self._words.items() if seen.is_name}
        found = {word: seen.n for word, seen in self._words.items() if seen.is_of_several and word not in names}
        pairs = {pair: seen.n for pair, seen in self._pairs.items() if isinstance(seen, _Seen) and seen.is_of_several}
        return found | {pair: n for pair, n in pairs.items() if names.isdisjoint(pair.split())}

    def _forget(self) -> None:
        self.forgotten_up_to += 1
        least = self.forgotten_up_to + 1
        # New ones, since a dictionary that loses entries keeps its room.
        self._words = {word: seen for word, seen in self._words.items() if seen.n >= least}
        self._pairs = {pair: seen for pair, seen in self._pairs.items() if isinstance(seen, _Seen) and seen.n >= least}

    def _count_pair(self, pair: str, reporter: str) -> None:
        seen = self._pairs.get(pair)
        if seen is None:
            self._pairs[pair] = reporter
            return
        if isinstance(seen, str):
            seen = self._pairs[pair] = _Seen(1, (seen,))
        seen.count(reporter)


class Count:
    """In how many reports each of some known terms stands."""

    def __init__(self, terms: Iterable[str]) -> None:
        self.counts = dict.fromkeys(terms, 0)
        self.n_reports = 0

    def add(self, terms: Terms) -> list[str]:
        """Count one report; the known terms it holds."""
        self.n_reports += 1
        found = list_known(self.counts, terms)
        for term in found:
            self.counts[term] += 1
        return found


def list_known(known: Collection[str], terms: Terms) -> list[str]:
    """The terms of a report that are known."""
    return sorted(term for term in (*terms.words, *terms.pairs) if term in known)
