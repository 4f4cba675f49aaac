"""The written words of a bundle, read once: rules, and what rules and gates look for in a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from model.phrases import Cue, parse_cues
from model.prediction import RuleHit
from model.rules import Rules, parse_accusations, parse_hazards
from model.senses import Reading, SenseWords
from model.spelling import Spelling, parse_spelling
from model.tokens import Tokens

ACCUSATIONS_FILE = "lexicons/accusations.csv"
CUES_FILE = "lexicons/cues.csv"
HAZARDS_FILE = "lexicons/hazards.csv"
NEEDS_FILE = "lexicons/completeness.csv"
SPELLING_FILE = "lexicons/slang.csv"
RULEBOOK_FILES = (ACCUSATIONS_FILE, CUES_FILE, HAZARDS_FILE, NEEDS_FILE, SPELLING_FILE)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules and named cues, in the spelling they were read in; empty for a bundle of before there were any."""

    rules: Rules = field(default_factory=Rules)
    named: Mapping[str, Cue] = field(default_factory=dict)
    spelling: Spelling = field(default_factory=Spelling)
    words: SenseWords = field(default_factory=SenseWords)

    def read(self, text: str, tokens: Tokens) -> Reading:
        """The text as rules and gates read it; ``tokens`` are those of ``text``."""
        return Reading.of(text, tokens, self.spelling, self.words)

    def find(self, text: str, tokens: Tokens) -> tuple[RuleHit, ...]:
        """The rules that hold for a text."""
        return self.rules.find(self.read(text, tokens))


def parse_rulebook(contents: Mapping[str, str]) -> Rulebook:
    """Read a rulebook from the contents of ``RULEBOOK_FILES`` by name.

    Raises
    ------
    DatasetError
        A file has a fault.
    KeyError
        A file is missing.
    """
    spelling = parse_spelling(contents[SPELLING_FILE], SPELLING_FILE)
    named = parse_cues(contents[CUES_FILE], CUES_FILE, spelling)
    hazards = parse_hazards(contents[HAZARDS_FILE], HAZARDS_FILE, named, spelling)
    accusations = parse_accusations(contents[ACCUSATIONS_FILE], ACCUSATIONS_FILE, named, spelling)
    words = SenseWords(_words(named, "tidak"), _words(named, "sisipan"), _words(named, "andaian"))
    return Rulebook(Rules((*hazards, *accusations)), named, spelling, words)


def _words(named: Mapping[str, Cue], name: str) -> frozenset[str]:
    return frozenset(phrase[0] for phrase in named.get(name, ()) if len(phrase) == 1)
