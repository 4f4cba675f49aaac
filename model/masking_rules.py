"""How number rules are applied: many rules in one pass over a text, the first that fits at a place winning.

Owns matching and replacing; which shapes are personal is `masking_patterns`' business.
"""

import re
from dataclasses import dataclass

_CHARS_BEFORE = 40


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of writing one kind of personal data.

    All of a match is masked, or the first group of ``pattern`` where it ``has_cue``. A match right after what
    ``unless_after`` finds is something harmless and stays.
    """

    kind: str
    pattern: str
    has_cue: bool = False
    unless_after: re.Pattern[str] | None = None

    def is_harmless(self, match: re.Match[str]) -> bool:
        """Whether the words before the match say that it is nothing personal."""
        if self.unless_after is None:
            return False
        return self.unless_after.search(match.string, max(0, match.start() - _CHARS_BEFORE), match.start()) is not None


class Scanner:
    """Several rules compiled into one pattern, since a pass over the text costs more than the choice at a place.

    Parameters
    ----------
    rules
        In order of preference at the same place; at different places the leftmost match wins.
    opening
        What must hold where any of them begins.
    reads_capitals
        Whether the rules tell capitals from small letters; others are written in, and read, small letters.
    """

    def __init__(self, rules: tuple[Rule, ...], *, opening: str = "", reads_capitals: bool = False) -> None:
        self._rules = {f"rule{i}": rule for i, rule in enumerate(rules)}
        alternatives = "|".join(f"(?P<{name}>{rule.pattern})" for name, rule in self._rules.items())
        self._pattern = re.compile(f"{opening}(?:{alternatives})", re.ASCII)
        self._reads_capitals = reads_capitals

    def replace(self, text: str, counts: dict[str, int]) -> str:
        """``text`` with every match masked; ``counts`` grows by the number of masks of each kind."""
        kept: list[str] = []
        position = 0
        for match in self._pattern.finditer(text if self._reads_capitals else lower_each(text)):
            if match.lastgroup is None or match.lastindex is None:
                continue
            rule = self._rules[match.lastgroup]
            if rule.is_harmless(match):
                continue
            kept += (text[position : match.start(match.lastindex + rule.has_cue)], f"[{rule.kind}]")
            position = match.end()
            counts[rule.kind] = counts.get(rule.kind, 0) + 1
        return "".join([*kept, text[position:]]) if kept else text


def lower_each(text: str) -> str:
    """``text`` in small letters, every character at its place: the capital dotted I would become two."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)
