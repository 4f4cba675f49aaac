"""Words that are new, brought together to proposed topics, whose ids survive the next look.

It reads counts only: in how many reports a word, or two words together, stood lately and before. That a word is of
three reporters or more, and no name, is the business of who counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from service.figures.counts import Floats
from service.figures.emerging import find_cut
from service.figures.errors import FigureError
from service.figures.special import betainc, betaln

MINIMUM_REPORTS = 5  # a new word stands in at least so many reports
MINIMUM_RATIO = 3.0  # and so many times as often as before
WRONG_WORDS = 0.05  # the share of chance finds among the words named
TOGETHER = 0.25  # how much two groups of words must overlap in reports to be one
SAME_TOPIC = 0.3  # how much of the words a proposal shares with an earlier one to be the same


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word with its reports lately, the number its earlier share lets expect, and how sure it is (mid-p)."""

    word: str
    n_reports: int
    expected: float
    mid_p: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed topic: its lasting id and its words, those of most reports first, with their reports lately."""

    id: str
    words: tuple[tuple[str, int], ...]


def find_new_words(
    recent: Mapping[str, int], reference: Mapping[str, int], n_recent: int, n_reference: int
) -> tuple[NewWord, ...]:
    """Words that stand in many more reports lately than before, surest first.

    Of all reports with a word, those lately are binomial with the share n_recent / (n_recent + n_reference) if nothing
    changed; mid-p of as many or more, Benjamini and Hochberg's step-up over all words of `MINIMUM_REPORTS` or more.

    Source: the conditional test of two Poisson rates, Przyborowski & Wilenski (1940), Biometrika 31, 313-323.

    Parameters
    ----------
    recent, reference : mapping of word to number of reports that hold it
    n_recent, n_reference : int
        All reports of both times.

    Raises
    ------
    FigureError
        A word stands in more reports than there are, or there are none to compare with.
    """
    if n_recent <= 0 or n_reference <= 0:
        raise FigureError("There are no reports lately, or none before. Words are new only beside earlier ones.")
    words = [word for word, n in recent.items() if n >= MINIMUM_REPORTS]
    if any(recent[word] > n_recent or reference.get(word, 0) > n_reference for word in words):
        raise FigureError("A word stands in more reports than there are. Count each report once for a word.")
    lately = np.array([recent[word] for word in words], dtype=np.float64)
    both = lately + np.array([reference.get(word, 0) for word in words], dtype=np.float64)
    mid_p = _find_mid_p(lately, both, n_recent / (n_recent + n_reference))
    expected = (both - lately + 0.5) * n_recent / n_reference
    is_new = (mid_p <= find_cut(mid_p, WRONG_WORDS)) & (lately >= MINIMUM_RATIO * expected)
    found = [
        NewWord(words[place], int(lately[place]), float(expected[place]), float(mid_p[place]))
        for place in np.flatnonzero(is_new)
    ]
    return tuple(sorted(found, key=lambda new: (new.mid_p, new.word)))


def group_words(words: Sequence[NewWord], together: Mapping[tuple[str, str], int]) -> tuple[tuple[NewWord, ...], ...]:
    """New words that stand in the same reports, as groups; those of most reports first.

    Average linkage of the share of reports that hold both among those that hold either (Jaccard), down to `TOGETHER`.

    Source: Sokal & Michener (1958), Univ. Kansas Sci. Bull. 38, 1409-1438.

    Parameters
    ----------
    words : sequence of NewWord
    together : mapping of two words, in either order, to the number of reports lately that hold both
    """
    likeness = _find_likeness(words, together)
    np.fill_diagonal(likeness, -1.0)
    groups = [[place] for place in range(len(words))]
    while len(groups) > 1 and likeness.max() >= TOGETHER:
        second, first = sorted(divmod(int(np.argmax(likeness)), len(groups)), reverse=True)
        sizes = len(groups[first]), len(groups[second])
        mean = (sizes[0] * likeness[first] + sizes[1] * likeness[second]) / sum(sizes)
        likeness[first], likeness[:, first], likeness[first, first] = mean, mean, -1.0
        likeness = np.delete(np.delete(likeness, second, axis=0), second, axis=1)
        groups[first] += groups.pop(second)
    ordered = [
        sorted((words[place] for place in group), key=lambda new: (-new.n_reports, new.word)) for group in groups
    ]
    return tuple(tuple(group) for group in sorted(ordered, key=lambda group: (-group[0].n_reports, group[0].word)))


def name_proposals(groups: Sequence[Sequence[NewWord]], earlier: Sequence[Proposal] = ()) -> tuple[Proposal, ...]:
    """Each group as a proposal; one that shares enough words with an earlier proposal has its id.

    Overlap is that of words weighted by their reports lately. The pairs that overlap most are matched first, each id
    to one group: where a topic splits, the greater part keeps the id, where two merge, that of the greater overlap. A
    new id is made of the group's words, so that the same find has the same id everywhere. Give as ``earlier`` also
    proposals that were not seen last time, and one that fades and comes back keeps its id.
    """
    pairs = sorted(
        (
            (-_find_overlap(group, old), place, old.id)
            for place, group in enumerate(groups)
            for old in earlier
            if _find_overlap(group, old) >= SAME_TOPIC
        ),
    )
    ids: dict[int, str] = {}
    for _, place, old_id in pairs:
        if place not in ids and old_id not in ids.values():
            ids[place] = old_id
    taken = {old.id for old in earlier}
    proposals = []
    for place, group in enumerate(groups):
        lasting = ids.get(place) or _make_id([new.word for new in group], taken)
        taken.add(lasting)
        proposals.append(Proposal(lasting, tuple((new.word, new.n_reports) for new in group)))
    return tuple(proposals)


def _find_mid_p(lately: Floats, both: Floats, share: float) -> Floats:
    """P(X > k) + P(X = k) / 2 of a binomial of ``both`` tries."""
    more = np.where(both > lately, betainc(lately + 1, np.maximum(both - lately, 1e-9), share), 0.0)
    log_choose = -betaln(both - lately + 1, lately + 1) - np.log(both + 1)
    exactly = np.exp(log_choose + lately * np.log(share) + (both - lately) * np.log1p(-share))
    return np.asarray(np.minimum(more + exactly / 2, 1.0), dtype=np.float64)


def _find_likeness(words: Sequence[NewWord], together: Mapping[tuple[str, str], int]) -> Floats:
    likeness = np.eye(len(words))
    for one, new in enumerate(words):
        for other in range(one):
            pair = (new.word, words[other].word)
            both = together.get(pair, 0) or together.get((pair[1], pair[0]), 0)
            either = new.n_reports + words[other].n_reports - both
            likeness[one, other] = likeness[other, one] = both / max(either, 1)
    return likeness


def _find_overlap(group: Sequence[NewWord], old: Proposal) -> float:
    """The weighted Jaccard overlap of the shares of words, so that a look at more reports changes nothing."""
    now, before = {new.word: new.n_reports for new in group}, dict(old.words)
    all_now, all_before = max(sum(now.values()), 1), max(sum(before.values()), 1)
    pairs = [(now.get(word, 0) / all_now, before.get(word, 0) / all_before) for word in now.keys() | before.keys()]
    most = sum(max(pair) for pair in pairs)
    return sum(min(pair) for pair in pairs) / most if most else 0.0


def _make_id(words: Sequence[str], taken: set[str]) -> str:
    text = "\n".join(sorted(words))
    number = 0
    while (made := "baru-" + sha256(f"{text}\n{number}".encode()).hexdigest()[:8]) in taken:
        number += 1
    return made
