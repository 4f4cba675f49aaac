"""The words of the pages, both languages in tables of a line for each word: ``words/*.csv``, one file for each page.

A template that uses a word no table holds fails, and a test asks for every word in both languages.
"""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from service import page_words
from service.page_words import Language

FOLDER: Final = Path(__file__).with_name("words")


def read_words() -> Iterator[tuple[str, str, str]]:
    """Name, Indonesian, English of every word of the tables."""
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["name"], row["id"], row["en"]


@cache
def words_of(language: Language) -> dict[str, str]:
    """Every word of the pages in a language, by name; not to be changed."""
    own = {name: english if language == "en" else indonesian for name, indonesian, english in read_words()}
    return page_words.words_of(language) | own
