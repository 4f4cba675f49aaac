"""Finds the places of the gazetteer in a text. Never guesses: a word that may mean something else is marked so."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import DatasetError
from model.prediction import Place
from model.tokens import Tokens, find_forms

# Words before a name that say it is meant as a place: "di Salak", "desa Rantih", "kantor lurah Saringan".
# Words that lead in a name, not merely a whereabouts: "di pasar" is a market, "kelurahan Pasar" the place.
_PLACE_CUES = frozenset(
    "daerah desa ds kel kelurahan lurah kec kecamatan camat kades nagari dusun wilayah kampung jorong simpang kantor "
    "warga masyarakat puskesmas".split()
)
_COLUMNS = ("code", "name", "kind", "parent", "variants", "ordinary_noun", "verified")


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """A place: official code (or ``lm-…`` for a landmark), kind, the code it lies in, and its written variants."""

    code: str
    name: str
    kind: str
    parent: str
    variants: tuple[str, ...]
    is_ordinary_noun: bool
    is_verified: bool


class Gazetteer:
    """Looks places up by their token sequences, longest first."""

    def __init__(self, entries: Iterable[GazetteerEntry]) -> None:
        self.entries = {entry.code: entry for entry in entries}
        self._by_forms: dict[tuple[str, ...], list[GazetteerEntry]] = {}
        for entry in self.entries.values():
            for variant in sorted({entry.name.lower(), *entry.variants}):
                forms = tuple(find_forms(variant))
                if forms:
                    self._by_forms.setdefault(forms, []).append(entry)
        lengths: dict[str, set[int]] = {}
        for forms in self._by_forms:
            lengths.setdefault(forms[0], set()).add(len(forms))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def find(self, tokens: Tokens) -> tuple[Place, ...]:
        """Places in reading order, without overlaps.

        A place is ambiguous when its words name several places, or are everyday words without a cue such as "desa" or
        "kelurahan", be it before the name or its first word. All places that share the words are given, each marked.
        """
        found: list[Place] = []
        stop = 0
        for start, form in enumerate(tokens.forms):
            # Most words begin no name.
            if start >= stop and form in self._lengths and (length := self._match_length(tokens.forms, start)):
                found.extend(self._describe(tokens, start, length))
                stop = start + length
        return tuple(found)

    def _match_length(self, forms: list[str], start: int) -> int:
        for length in self._lengths[forms[start]]:
            if start + length <= len(forms) and tuple(forms[start : start + length]) in self._by_forms:
                return length
        return 0

    def _describe(self, tokens: Tokens, start: int, length: int) -> Iterable[Place]:
        entries = self._by_forms[tuple(tokens.forms[start : start + length])]
        is_led_in = start > 0 and tokens.forms[start - 1] in _PLACE_CUES
        has_cue = is_led_in or (length > 1 and tokens.forms[start] in _PLACE_CUES)
        span = (tokens.starts[start], tokens.ends[start + length - 1])
        for entry in entries:
            is_ambiguous = len(entries) > 1 or (entry.is_ordinary_noun and not has_cue)
            yield Place(entry.code, entry.name, span, is_ambiguous)


def read_gazetteer(path: Path) -> Gazetteer:
    """Read ``places.csv``.

    Raises
    ------
    DatasetError
        The file or a column is missing, a code stands twice, or a parent is not in the file.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is missing; it lists the places of the city.") from error
    return parse_gazetteer(content, str(path))


def parse_gazetteer(content: str, name: str) -> Gazetteer:
    """As `read_gazetteer`, from the content of the file; ``name`` is for messages."""
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    entries: dict[str, GazetteerEntry] = {}
    for number, row in enumerate(reader, start=2):
        entry = _parse_entry(row)
        if entry.code in entries:
            raise DatasetError(f"{name}, line {number}: the code {entry.code} stands twice; each may stand once.")
        entries[entry.code] = entry
    for entry in entries.values():
        if entry.kind != "kota" and entry.parent not in entries:
            raise DatasetError(f"{name}: {entry.code} lies in {entry.parent}, which is not in the file; add it.")
    return Gazetteer(entries.values())


def _parse_entry(row: Mapping[str, str]) -> GazetteerEntry:
    return GazetteerEntry(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        parent=row["parent"],
        variants=tuple(variant.strip() for variant in row["variants"].split(";") if variant.strip()),
        is_ordinary_noun=row["ordinary_noun"] == "true",
        is_verified=row["verified"] == "true",
    )
