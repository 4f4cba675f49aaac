"""Written rules: words that demand at least an urgency, or a person, whatever the table thinks.

A rule holds where one of its patterns stands and no harmless word stands near. It never changes a label or a
probability. Its words are in ``hazards.csv`` and ``accusations.csv``; `model.phrases` reads how a pattern is written.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, product

from model.errors import DatasetError
from model.phrases import Cue, Phrase, PhraseIndex, parse_pattern
from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI, RuleHit
from model.senses import Reading
from model.spelling import Spelling
from model.tokens import find_forms

# Words that may stand between two cues of a pattern.
MAX_GAP = 5
# Keeps the time of a text that names a danger again and again and denies it each time.
MAX_TRIES = 64
# Places of a cue that are kept while the other cues are waited for. The last alone would not do: in "ibu dan balita
# terkunci" the word "balita" is a person too, and would take the place of "ibu" beside itself.
N_KEPT = 2
Stretch = tuple[int, int]
_EFFECT_OF_URGENCY = {"darurat": EFFECT_DARURAT, "tinggi": EFFECT_TINGGI}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is written.

    Each pattern is one or more cues, which stand in any order within ``MAX_GAP`` words of each other. ``harmless``
    are phrases, with a space at either end, that stop the rule when they stand near.
    """

    name: str
    effect: str
    patterns: tuple[tuple[Cue, ...], ...]
    harmless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Goal:
    """A pattern of the rule at place ``rule``; ``mask`` has the bits of its cues."""

    rule: int
    cues: tuple[Cue, ...]
    mask: int


class Rules:
    """All rules of a bundle, tried together in one pass over the words of a text.

    A pattern is looked at only where its rarest cue stands and all its cues are in the text: few, in ordinary texts.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.rules = tuple(rules)
        bits: dict[Cue, int] = {}
        goals = []
        for place, rule in enumerate(self.rules):
            for pattern in rule.patterns:
                numbers = [bits.setdefault(cue, len(bits)) for cue in pattern]
                goals.append(_Goal(place, pattern, sum(1 << number for number in set(numbers))))
        self._index = PhraseIndex()
        self._phrases = tuple(dict.fromkeys(chain.from_iterable(bits)))
        number_of = {phrase: number for number, phrase in enumerate(self._phrases)}
        self._masks = [0] * len(self._phrases)
        self._goals: list[list[_Goal]] = [[] for _ in self._phrases]
        for phrase, number in number_of.items():
            self._index.add(phrase, number)
        for cue, bit in bits.items():
            for phrase in cue:
                self._masks[number_of[phrase]] |= 1 << bit
        weights = _weigh(goals)
        for goal in goals:
            for phrase in min(goal.cues, key=weights.__getitem__):
                self._goals[number_of[phrase]].append(goal)

    def find(self, reading: Reading) -> tuple[RuleHit, ...]:
        """The rules that hold, in reading order, each at the first place where it does; time linear in the words."""
        found: dict[int, list[Stretch]] = {}
        present = 0
        for start, stop, number in self._index.find(reading.forms):
            found.setdefault(number, []).append((start, stop))
            present |= self._masks[number]
        held: dict[int, Stretch] = {}
        goals = {id(goal): goal for number in found for goal in self._goals[number] if goal.mask & present == goal.mask}
        for goal in goals.values():
            stretch = self._try(goal, found, reading)
            if stretch is not None:
                held[goal.rule] = min(stretch, held.get(goal.rule, stretch))
        hits = [
            RuleHit(self.rules[place].name, self.rules[place].effect, reading.span(*stretch))
            for place, stretch in held.items()
        ]
        return tuple(sorted(hits, key=lambda hit: (hit.span, hit.name)))

    def _try(self, goal: _Goal, found: Mapping[int, list[Stretch]], reading: Reading) -> Stretch | None:
        """The first stretch where the pattern stands and is meant; given up after ``MAX_TRIES`` that are not."""
        places = sorted(
            (start, stop, number)
            for number, cue in enumerate(goal.cues)
            for phrase, stretches in ((self._phrases[key], stretches) for key, stretches in found.items())
            if phrase in cue
            for start, stop in stretches
        )
        harmless = self.rules[goal.rule].harmless
        tries = islice(_join(places, len(goal.cues)), MAX_TRIES)
        return next((stretch for stretch in tries if reading.is_meant(*stretch, harmless)), None)


def _weigh(goals: Iterable[_Goal]) -> dict[Cue, int]:
    """How often the phrases of each cue stand in patterns, all together: the least is the rarest."""
    n_uses: Counter[Phrase] = Counter()
    n_goals = Counter(cue for goal in goals for cue in goal.cues)
    for cue, n_times in n_goals.items():
        for phrase in cue:
            n_uses[phrase] += n_times
    return {cue: sum(n_uses[phrase] for phrase in cue) for cue in n_goals}


def _join(places: Iterable[tuple[int, int, int]], n_cues: int) -> Iterator[Stretch]:
    """Stretches in which all cues of a pattern stand near each other; ``places`` are start, stop and cue number."""
    seen: dict[int, list[Stretch]] = {}
    for start, stop, number in places:
        kept = [(start, stop), *seen.get(number, ())][:N_KEPT]
        seen[number] = kept[:1]  # every stretch holds the place just come
        if len(seen) == n_cues:
            for chosen in product(*seen.values()):
                stretches = sorted(chosen)
                if all(0 <= later[0] - earlier[1] <= MAX_GAP for earlier, later in pairwise(stretches)):
                    yield stretches[0][0], stretches[-1][1]
        seen[number] = kept


def urgency_floor(hits: Iterable[RuleHit]) -> str | None:
    """The highest urgency that a rule demands; None where none does."""
    effects = {hit.effect for hit in hits}
    return next((urgency for urgency, effect in _EFFECT_OF_URGENCY.items() if effect in effects), None)


def parse_hazards(content: str, name: str, named: Mapping[str, Cue], spelling: Spelling) -> tuple[Rule, ...]:
    """Read the content of ``hazards.csv``; ``named`` are the cues of ``cues.csv``, ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing, an effect is unknown, or a pattern cannot be read.
    """
    rules = []
    for row in _read_rows(content, name, ("name", "pattern_words", "effect", "harmless_sense")):
        if row["effect"] not in _EFFECT_OF_URGENCY:
            raise DatasetError(f"{name}, {row['name']}: the effect {row['effect']!r} is none of darurat, tinggi.")
        rules.append(_parse_rule(row, _EFFECT_OF_URGENCY[row["effect"]], named, spelling))
    return tuple(rules)


def parse_accusations(content: str, name: str, named: Mapping[str, Cue], spelling: Spelling) -> tuple[Rule, ...]:
    """Read the content of ``accusations.csv``, as `parse_hazards`."""
    rows = _read_rows(content, name, ("name", "pattern_words", "harmless_sense"))
    return tuple(_parse_rule(row, EFFECT_ACCUSATION, named, spelling) for row in rows)


def _read_rows(content: str, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    return list(reader)


def _parse_rule(row: Mapping[str, str], effect: str, named: Mapping[str, Cue], spelling: Spelling) -> Rule:
    harmless = [spelling.spell(find_forms(phrase)).forms for phrase in row["harmless_sense"].split(";")]
    return Rule(
        name=row["name"],
        effect=effect,
        patterns=tuple(parse_pattern(pattern, named, spelling) for pattern in row["pattern_words"].split(";")),
        harmless=tuple(f" {' '.join(phrase)} " for phrase in harmless if phrase),
    )
