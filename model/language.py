"""How much of a text is Minangkabau, by the words that only Minangkabau has."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import DatasetError


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """Token forms that are Minangkabau and not Indonesian."""

    minang: frozenset[str]

    def shares(self, forms: Sequence[str]) -> dict[str, float]:
        """The share of tokens in [0, 1] that are Minangkabau; empty for a text without tokens."""
        if not forms:
            return {}
        return {"minang": round(sum(form in self.minang for form in forms) / len(forms), 4)}


def parse_language_words(content: str, name: str) -> LanguageWords:
    """Read the content of ``minang.csv``, leaving out the pairs marked ambiguous; ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in ("minang", "indonesian", "note") if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    return LanguageWords(frozenset(row["minang"] for row in reader if "ambiguous" not in row["note"]))
