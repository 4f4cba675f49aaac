"""The standard spelling of SMS and slang words, for what matches written words: rules and gates.

The table knows words as they are written and does not come by here.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.errors import DatasetError
from model.tokens import find_forms


@dataclass(frozen=True, slots=True)
class Spelled:
    """Token forms in standard spelling; ``forms[i]`` comes from the token ``origins[i]`` of the text."""

    forms: list[str]
    origins: list[int]


@dataclass(frozen=True, slots=True)
class Spelling:
    """Standard spellings by token form; one token may stand for several words ("tdkada": "tidak ada")."""

    standard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def spell(self, forms: Sequence[str]) -> Spelled:
        """``forms`` in standard spelling; a final 2 is a word said twice and is dropped ("muntah2")."""
        spelled: list[str] = []
        origins: list[int] = []
        standard = self.standard
        for origin, form in enumerate(forms):
            words = standard.get(form)
            if words is not None:
                spelled.extend(words)
                origins.extend([origin] * len(words))
            else:
                spelled.append(form[:-1] if form[-1] == "2" and form[:-1].isalpha() else form)
                origins.append(origin)
        return Spelled(spelled, origins)


def parse_spelling(content: str, name: str) -> Spelling:
    """Read the content of ``slang.csv``; ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in ("form", "standard") if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    return Spelling({row["form"]: tuple(find_forms(row["standard"])) for row in reader})
