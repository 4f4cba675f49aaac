"""Turns what arrives (web pages, mojibake, written-out line breaks, invisible characters) into plain text.

Owns how a report reads before anything looks at it: masking works on this text, so no spelling trick may survive
it. Knows nothing of personal data, words or labels.
"""

import re
import unicodedata

from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad
from ftfy.chardata import UTF8_DETECTOR_RE

from model.markup import strip_markup

# Undoing one disguise may bring the next to light (an entity that spells a tag). Real texts need three rounds.
MAX_ROUNDS = 6

_WORK_TO_DO = re.compile(r"[^\n -%'-;=-\[\]-~]|  | \n|\n |\n\n\n")
_SPACES = re.compile(r"[^\S\n]+")
_SPACED_BREAK = re.compile(r" ?\n ?")
_MANY_BREAKS = re.compile(r"\n{3,}")
# Looked at from the first backslash of a run only, else a long run would cost its square.
_WRITTEN_BREAK = re.compile(r"(?<!\\)\\+(?:r\\+n|[nr])")
_WRITTEN_TAB = re.compile(r"(?<!\\)\\+t")
_BREAK = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Zero-width, directional and format characters, soft hyphens, variation selectors, combining marks that found no
# letter to join (strike-through digits, keycaps), and U+FFFD.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffd\U000e0000-\U000e0fff\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Normalising sorts each run of marks, at a cost that grows with its square; no writing stacks so many.
_STACKED_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
# "Peace be upon him" in one character: eighteen letters when normalised.
_PHRASE = re.compile("[\ufdfa\ufdfb]")
_DASH = re.compile("[\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58]")
_FOREIGN_DIGIT = re.compile("(?![0-9])[\\d\u2776-\u277e\u2780-\u2788\u278a-\u2792\u24f5-\u24fd\u24ff]")
# UTF-8 read as another encoding leaves a letter of these blocks; quotes, dashes and emoji alone need no look.
_MAYBE_MOJIBAKE = re.compile("[\u0080-\u04ff]")
# Embedded sequences are decoded below: ftfy takes them one by one through every encoding, 80 ms at 64 KiB.
_FTFY = TextFixerConfig(decode_inconsistent_utf8=False, explain=False)
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9\n .,:;!?()\[\]@/+-]+")


def clean(text: str) -> str:
    r"""Plain text that says the same: ``clean(clean(text)) == clean(text)`` for any ``text``.

    HTML becomes text, ``\n`` in two characters becomes a line break, mojibake is undone, characters are NFKC with
    ASCII digits and hyphens, nothing invisible is left, runs of spaces are one and of line breaks at most two.
    Time is linear in the length. A text that still changes after ``MAX_ROUNDS`` rounds was built to deceive; only
    its ASCII letters, digits and sentence marks are kept.
    """
    for _ in range(MAX_ROUNDS):
        if _is_clean(text):
            return text
        cleaned = _clean_once(text)
        if cleaned == text:
            return text
        text = cleaned
    return _fold(_NOT_PLAIN.sub(" ", text))


def _is_clean(text: str) -> bool:
    """Whether a plain ASCII text has nothing to do; the common case, so it must cost next to nothing."""
    return text.isascii() and _WORK_TO_DO.search(text) is None and text == text.strip()


def _clean_once(text: str) -> str:
    if not text.isascii():
        text = _mend_encoding(text)
    text = _CONTROL.sub(" ", _BREAK.sub("\n", text))
    if "\\" in text:
        text = _WRITTEN_TAB.sub(" ", _WRITTEN_BREAK.sub("\n", text))
    if "<" in text or "&" in text:
        text = strip_markup(text)
    if not text.isascii():
        text = _unify_characters(text)
    return _fold(text)


def _mend_encoding(text: str) -> str:
    """Pairs of surrogates joined, lone ones made U+FFFD, UTF-8 that was read as another encoding read again."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if _MAYBE_MOJIBAKE.search(text) is None:
        return text
    text = fix_encoding(text, _FTFY)
    return UTF8_DETECTOR_RE.sub(_decode_again, text) if is_bad(text) else text


def _decode_again(match: re.Match[str]) -> str:
    try:
        return match.group().encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return match.group()


def _unify_characters(text: str) -> str:
    text = _STACKED_MARKS.sub(_drop_marks, _PHRASE.sub(" ", text))
    text = unicodedata.normalize("NFKC", text)
    text = _DASH.sub("-", _INVISIBLE.sub("", text))
    return _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.digit(match.group())), text)


def _drop_marks(match: re.Match[str]) -> str:
    return "".join(character for character in match.group() if not unicodedata.combining(character))


def _fold(text: str) -> str:
    text = _SPACED_BREAK.sub("\n", _SPACES.sub(" ", text))
    return _MANY_BREAKS.sub("\n\n", text).strip()
