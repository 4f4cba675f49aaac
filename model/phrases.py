"""Patterns of words as the lexicons write them, and one index that finds all of them in one pass over a text.

``a b`` words in a row; ``a|b`` either word; ``a_b`` two words where one could stand; ``stem*`` any ending; ``word~``
also with "-nya" and the like; ``<name>`` any phrase of a named cue; ``x + y`` both cues near each other, in any order.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product, zip_longest

from model.errors import DatasetError
from model.spelling import Spelling
from model.tokens import find_forms

SHORTEST_STEM = 4
# "rumahnya", "anakku", Minangkabau "rumahnyo".
OWNERS = ("", "nya", "nyo", "ku", "mu")
Phrase = tuple[str, ...]
Cue = frozenset[Phrase]


@dataclass(slots=True)
class PhraseIndex:
    """Phrases by their first words, so that a common word costs no look at all the phrases it begins."""

    _by_word: dict[str, list[tuple[Phrase, int]]] = field(default_factory=dict)
    _by_pair: dict[tuple[str, str], list[tuple[Phrase, int]]] = field(default_factory=dict)
    _by_stem: dict[str, list[tuple[Phrase, int]]] = field(default_factory=dict)

    def add(self, phrase: Phrase, number: int) -> None:
        """Remember a phrase under a number of the caller; a word that ends in ``*`` stands for all that begin so."""
        first, *rest = phrase
        if first.endswith("*"):
            self._by_stem.setdefault(first[:SHORTEST_STEM], []).append((phrase, number))
        elif rest and not rest[0].endswith("*"):
            self._by_pair.setdefault((first, rest[0]), []).append((phrase, number))
        else:
            self._by_word.setdefault(first, []).append((phrase, number))

    def find(self, forms: list[str]) -> Iterator[tuple[int, int, int]]:
        """Start, stop and number of every phrase in ``forms``, by their start; phrases may overlap."""
        by_word, by_pair, by_stem = self._by_word, self._by_pair, self._by_stem
        for start, (form, following) in enumerate(zip_longest(forms, forms[1:], fillvalue="")):
            for phrase, number in by_word.get(form, ()):
                if len(phrase) == 1 or _continues(phrase, forms, start):
                    yield start, start + len(phrase), number
            for phrase, number in by_pair.get((form, following), ()):
                if _continues(phrase, forms, start):
                    yield start, start + len(phrase), number
            for phrase, number in by_stem.get(form[:SHORTEST_STEM], ()):
                if form.startswith(phrase[0][:-1]) and _continues(phrase, forms, start):
                    yield start, start + len(phrase), number


def _continues(phrase: Phrase, forms: list[str], start: int) -> bool:
    """Whether all words after the first stand there."""
    if start + len(phrase) > len(forms):
        return False
    for offset in range(1, len(phrase)):
        word, form = phrase[offset], forms[start + offset]
        if form != word and not (word[-1] == "*" and form.startswith(word[:-1])):
            return False
    return True


def parse_pattern(pattern: str, named: Mapping[str, Cue], spelling: Spelling) -> tuple[Cue, ...]:
    """The cues of a pattern; its words are put into standard spelling, as those of a text are.

    Raises
    ------
    DatasetError
        A named cue is unknown, a cue has no word, or a stem is shorter than ``SHORTEST_STEM``.
    """
    return tuple(_parse_cue(cue.strip(), named, spelling) for cue in pattern.split(" + "))


def _parse_cue(written: str, named: Mapping[str, Cue], spelling: Spelling) -> Cue:
    places = [_parse_place(place, named, spelling) for place in written.split()]
    # Most cues have one place, and nothing to multiply out.
    phrases = places[0] if len(places) == 1 else (tuple(chain.from_iterable(parts)) for parts in product(*places))
    cue = frozenset(phrases)
    if not written or () in cue:
        raise DatasetError(f"The pattern {written!r} has no word; give one or take it out.")
    return cue


def _parse_place(place: str, named: Mapping[str, Cue], spelling: Spelling) -> list[Phrase]:
    phrases: list[Phrase] = []
    for alternative in place.split("|"):
        if alternative.startswith("<"):
            if alternative[1:-1] not in named:
                raise DatasetError(f"The cue {alternative} is not in cues.csv; there are {', '.join(sorted(named))}.")
            phrases.extend(sorted(named[alternative[1:-1]]))
        elif alternative.endswith("~"):
            phrases.extend(_parse_words(alternative[:-1] + owner, spelling) for owner in OWNERS)
        else:
            phrases.append(_parse_words(alternative, spelling))
    return phrases


def _parse_words(alternative: str, spelling: Spelling) -> Phrase:
    is_stem = alternative.endswith("*")
    words = find_forms(alternative.replace("_", " "))
    if is_stem:
        if not words or len(words[-1]) < SHORTEST_STEM:
            raise DatasetError(f"The stem {alternative} is shorter than {SHORTEST_STEM} letters; write it longer.")
        return (*spelling.spell(words[:-1]).forms, f"{words[-1]}*")
    return tuple(spelling.spell(words).forms)


def parse_cues(content: str, name: str, spelling: Spelling) -> dict[str, Cue]:
    """Read the content of ``cues.csv``: cues that patterns call by name; one may call another.

    Raises
    ------
    DatasetError
        A column is missing, or a cue cannot be read or calls itself.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in ("name", "words") if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    waiting = {row["name"]: row["words"] for row in reader}
    named: dict[str, Cue] = {}
    while waiting:
        ready = [cue for cue, words in waiting.items() if not any(f"<{other}>" in words for other in waiting)]
        if not ready:
            raise DatasetError(f"{name}: {', '.join(sorted(waiting))} call each other; let one call none.")
        for cue in ready:
            phrases = (_parse_cue(phrase, named, spelling) for phrase in waiting[cue].split(";"))
            named[cue] = frozenset().union(*phrases)
            del waiting[cue]
    return named
