"""Cuts a masked text into normalised tokens, and a token into character n-grams.

Owns what the classifier calls a word. Spans are code-point offsets into the text that was given; nothing here
changes that text, so a span always points at what the reader sees.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MASK_KINDS = ("TELEPON", "EMAIL", "NIK", "NIP", "NPWP", "REKENING", "PLAT", "NAMA")
MAX_TOKEN_CHARS = 40
# Ordinary writing comes back to a few thousand words; what is longer is rare, and must not fill the memory.
N_CACHED_WORDS = 32_768
MAX_CACHED_CHARS = 24
# Longer than any real report seen (6,000 characters); keeps the time of the worst text bounded.
MAX_SCORED_CHARS = 16_384
MAX_SCORED_TOKENS = 2_000
SHORTEST_NGRAM, LONGEST_NGRAM = 2, 5

_TOKEN = re.compile(r"\[(?:" + "|".join(MASK_KINDS) + r")\]|[^\W_]+")
_SPACED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))  # noqa: PLR2004  # ASCII
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{2,}")
# A code is the n-gram read as a number in base 38: exact, so two n-grams never share a row.
_DIGIT_OF = {character: i + 1 for i, character in enumerate(" abcdefghijklmnopqrstuvwxyz0123456789")}
NGRAM_BASE = 38


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text in reading order.

    ``forms[i]`` is the normalised form of the code points ``starts[i]:ends[i]``.
    """

    forms: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> Tokens:
    """Normalised tokens of ``text``: lower case, ASCII letters and digits, masks kept whole.

    Letters repeated three times or more are written once ("bangettt" is "banget"), accents are dropped, letters
    of other scripts and emoji are passed over. A token is cut at ``MAX_TOKEN_CHARS`` characters.
    """
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        form = _normalise_short(word) if len(word) <= MAX_CACHED_CHARS else normalise_token(word)
        if form:
            forms.append(form)
            starts.append(match.start())
            ends.append(match.end())
    return Tokens(forms, starts, ends)


def find_words(text: str) -> list[str]:
    """What `tokenize` takes for tokens, before they are normalised; for those who need no spans."""
    if "[" in text or not text.isascii():
        return _TOKEN.findall(text)
    # Twice as fast, and the same: among ASCII characters a word ends where no letter or digit stands.
    return text.encode("ascii").translate(_SPACED).decode("ascii").split()


def find_forms(text: str) -> list[str]:
    """The forms of `tokenize` without their spans, at a fraction of its time."""
    return [
        form
        for word in find_words(text)
        if (form := _normalise_short(word) if len(word) <= MAX_CACHED_CHARS else normalise_token(word))
    ]


def normalise_token(token: str) -> str:
    """The form under which a token is looked up; empty when nothing of it is a Latin letter or a digit."""
    if token[0] == "[":
        return token
    form = token.lower()
    if not form.isascii():
        form = _fold(form)
    return _REPEATED_LETTER.sub(r"\1", form)[:MAX_TOKEN_CHARS]


_normalise_short = lru_cache(maxsize=N_CACHED_WORDS)(normalise_token)


def _fold(form: str) -> str:
    decomposed = unicodedata.normalize("NFKD", form)
    return "".join(character for character in decomposed if character in _DIGIT_OF and character != " ")


def is_mask(form: str) -> bool:
    """Whether a token stands for masked personal data."""
    return form[0] == "["


def ngram_digit(character: str) -> int:
    """What a character counts in the code of an n-gram; 0 for one that no form has."""
    return _DIGIT_OF.get(character, 0)


def ngram_codes(form: str) -> list[int]:
    """Codes of the character n-grams of a token, its ends marked by a space; a mask has none.

    All lengths from ``SHORTEST_NGRAM`` to ``LONGEST_NGRAM``, repeated ones repeated.
    """
    if is_mask(form):
        return []
    digits = [_DIGIT_OF[" "], *(_DIGIT_OF[character] for character in form), _DIGIT_OF[" "]]
    codes = []
    for start in range(len(digits)):
        code = 0
        for length, digit in enumerate(digits[start : start + LONGEST_NGRAM], 1):
            code = code * NGRAM_BASE + digit
            if length >= SHORTEST_NGRAM:
                codes.append(code)
    return codes
