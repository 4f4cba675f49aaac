"""Checks of texts: garbled characters, personal data, nothing but markup."""

from collections.abc import Iterator

import pandas as pd
from ftfy.badness import is_bad

from model.cleaning import clean
from model.masking import mask
from training.findings import Finding, show_value
from training.preparing import join_titles

_REPLACEMENT = "\ufffd"


def find_doubtful_texts(frame: pd.DataFrame) -> Iterator[Finding]:
    """Texts (with their titles) that were garbled on their way, hold personal data, or say nothing once cleaned.

    Of personal data only the kind is told.
    """
    for text, row in zip(join_titles(frame), frame["row"], strict=True):
        cleaned = clean(text)
        if _REPLACEMENT in text or is_bad(text):
            reason = "looks garbled; the file was read or saved in a wrong encoding"
            yield Finding("warning", int(row), "text", show_value(text), reason)
        if not cleaned:
            yield Finding("warning", int(row), "text", "", "holds nothing but markup or invisible characters")
            continue
        kinds = mask(cleaned).counts
        if kinds:
            reason = "holds personal data, which is masked before anything is learnt"
            yield Finding("warning", int(row), "text", ", ".join(sorted(kinds)), reason)
