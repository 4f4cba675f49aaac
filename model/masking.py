"""Replaces personal data in a cleaned text by masks: telephone, e-mail, identity, account and plate numbers, names.

Owns the order of the rules. The masked text is the only text that is classified, stored and explained.
"""

import re
from dataclasses import dataclass

from model.masking_patterns import (
    ACCOUNTS_AFTER_NAME,
    IDENTITIES,
    MAIL,
    NUMBERS_AFTER_CUE,
    PHONES,
    PHONES_AFTER_CUE,
    PLATES,
    PLATES_AFTER_CUE,
)
from model.names import mask_names

_HOLDS_DIGIT = re.compile("[0-9]")
# The shortest personal number is a telephone of one's own town; most reports hold house numbers only.
_HOLDS_NUMBER = re.compile(r"[0-9](?:[^0-9\n]{0,3}[0-9]){4}")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and how many stretches of each kind were masked in it just now."""

    text: str
    counts: dict[str, int]


def mask(text: str) -> Masked:
    """``text`` with each personal number and name replaced by the mask of its kind, as in ``[TELEPON]``.

    Works on what `model.cleaning.clean` returns. Masking the result again changes nothing: the rules are applied
    until they find nothing more, and each time they do, less unmasked text is left.
    """
    counts: dict[str, int] = {}
    while True:
        masked = _mask_once(text, counts)
        if masked == text:
            return Masked(text, counts)
        text = masked


def _mask_once(text: str, counts: dict[str, int]) -> str:
    if "@" in text:
        text = MAIL.replace(text, counts)
    if _HOLDS_DIGIT.search(text):
        if _HOLDS_NUMBER.search(text):
            # Identities before telephones: a number masked as one cannot be cut in two as the other.
            for scanner in (NUMBERS_AFTER_CUE, IDENTITIES, PHONES_AFTER_CUE, PHONES):
                text = scanner.replace(text, counts)
        text = PLATES.replace(PLATES_AFTER_CUE.replace(text, counts), counts)
    text = mask_names(text, counts)
    return ACCOUNTS_AFTER_NAME.replace(text, counts) if _HOLDS_NUMBER.search(text) else text
