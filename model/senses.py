"""Whether words found in a text are meant: not negated, not a danger only thought of, no harmless word near."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from model.prediction import Span
from model.spelling import Spelling
from model.tokens import Tokens

# How far a harmless word reaches, and how far "jika" or "mencegah" does; counted in words.
HARMLESS_REACH = 9
UNREAL_REACH = 5
_SENTENCE_ENDS = frozenset(".!?;\n")


@dataclass(frozen=True, slots=True)
class SenseWords:
    """Single words: those that negate, those that may stand between them and what they negate, and "jika"-like ones."""

    negations: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    unreal: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reading:
    """One text as rules and gates read it: ``forms`` are its words in standard spelling.

    ``text`` is the masked text, ``tokens`` its tokens; positions are places in ``forms``.
    """

    text: str
    tokens: Tokens
    words: SenseWords
    forms: list[str] = field(default_factory=list)
    _origins: list[int] = field(default_factory=list)
    # Found once: on a long text of capitals alone, asking anew at each word would take half a second.
    _is_all_capitals: bool = False

    @classmethod
    def of(cls, text: str, tokens: Tokens, spelling: Spelling, words: SenseWords) -> "Reading":
        """The reading of a text in the standard spelling."""
        spelled = spelling.spell(tokens.forms)
        return cls(text, tokens, words, spelled.forms, spelled.origins, text.isupper())

    def span(self, start: int, stop: int) -> Span:
        """Code points of the words from ``start`` up to ``stop``."""
        return self.tokens.starts[self._origins[start]], self.tokens.ends[self._origins[stop - 1]]

    def is_capitalised(self, place: int) -> bool:
        """Whether the writer gave a word a capital letter, in a text that is not all capitals."""
        return not self._is_all_capitals and self.text[self.tokens.starts[self._origins[place]]].isupper()

    def is_meant(self, start: int, stop: int, harmless: Sequence[str]) -> bool:
        """Whether the words from ``start`` up to ``stop`` stand in their plain sense.

        They do not when a negation stands right before them, a word such as "jika" or "mencegah" among them or before
        them in the same sentence, or one of the phrases ``harmless`` (" with spaces around ") near on either side.
        """
        return not (self._is_near(start, stop, harmless) or self._is_negated(start) or self._is_unreal(start, stop))

    def _is_near(self, start: int, stop: int, phrases: Sequence[str]) -> bool:
        window = f" {' '.join(self.forms[max(start - HARMLESS_REACH, 0) : stop + HARMLESS_REACH])} "
        return any(phrase in window for phrase in phrases)

    def _is_negated(self, start: int) -> bool:
        before = start - 1
        if before > 0 and self.forms[before] in self.words.links:
            before -= 1
        return before >= 0 and self.forms[before] in self.words.negations and self.is_one_sentence(before, start)

    def _is_unreal(self, start: int, stop: int) -> bool:
        unreal = self.words.unreal
        for place in range(max(start - UNREAL_REACH, 0), stop):
            if self.forms[place] in unreal and (place >= start or self.is_one_sentence(place, start)):
                return True
        return False

    def is_one_sentence(self, before: int, start: int) -> bool:
        """Whether no sentence ends between two words."""
        between = self.text[self.tokens.ends[self._origins[before]] : self.tokens.starts[self._origins[start]]]
        return _SENTENCE_ENDS.isdisjoint(between)
