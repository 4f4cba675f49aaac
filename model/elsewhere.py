"""Finds another regency or city that a text names as the place where a public thing is broken.

Owns a narrow reading, since most reports that name another city tell of who works, studies or lives there: the name
stands after "di", or ends an address that begins there; a public thing stands before that in the same sentence, and
nobody who is merely there.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from model.errors import DatasetError
from model.senses import Reading
from model.tokens import find_forms

REGIONS_FILE = "lexicons/regions.csv"
_COLUMNS = ("name", "kind", "reading")
# How a name must be written to be taken for one: as any word, with a capital, or led in by "kota" and the like.
RegionReading = Literal["", "capital", "led"]
_READINGS: Mapping[str, RegionReading] = {"": "", "capital": "capital", "led": "led"}
_AT = frozenset({"di", "d"})
_LEADS = frozenset("kota kabupaten kab wilayah daerah".split())
_REACH = 6
# What begins an address ("di kelurahan Anu Kota Padang"), and what leads in the name that ends it.
_ADDRESS = frozenset("kelurahan kel kecamatan kec desa nagari jorong korong jalan jln jl simpang pasar".split())
_ENDS = frozenset("kota kabupaten kab".split())
_THINGS = frozenset(
    "jalan jln jl jalanan aspal trotoar lubang berlubang lampu pju jembatan sampah selokan got drainase gorong banjir "
    "longsor pohon terminal parkir macet kebakaran taman rambu marka irigasi".split()
)
# Who is there, what is only compared, and where somebody comes from or goes to.
_HARMLESS = frozenset(
    "kerja bekerja kuliah sekolah kos ngekos tinggal menetap domisili berdomisili merantau rantau perantauan anak "
    "anaknya orang urang kantor toko rumah ibu bapak seperti kayak macam sarupo bak sebagaimana dibanding "
    "dibandingkan daripada contoh mencontoh meniru kalau kalo kok dari dr ke ka menuju arah jurusan pernah dulu "
    "lihat liat baca berita".split()
)


@dataclass(frozen=True, slots=True)
class Regions:
    """Names of regencies and cities by their words; empty for a bundle of before there were any."""

    names: Mapping[tuple[str, ...], RegionReading] = field(default_factory=dict)

    def has_happened_elsewhere(self, reading: Reading) -> bool:
        """Whether the text says that a public thing is broken in another regency or city."""
        return any(
            (self._is_named(reading, place + 1) or self._ends_address(reading, place + 1))
            and _tells_of_a_thing(reading, place)
            for place, form in enumerate(reading.forms)
            if form in _AT
        )

    def _ends_address(self, reading: Reading, start: int) -> bool:
        """Whether an address begins here and ends, in the same sentence, with a name that is led in."""
        forms = reading.forms
        if start >= len(forms) or forms[start] not in _ADDRESS:
            return False
        ends = range(start + 2, min(len(forms) - 1, start + 2 + _REACH))
        return any(
            forms[end] in _ENDS
            and reading.is_one_sentence(start + 1, end)  # after "kec."
            and _HARMLESS.isdisjoint(forms[start:end])
            and self._is_named(reading, end)
            for end in ends
        )

    def _is_named(self, reading: Reading, start: int) -> bool:
        forms = reading.forms
        is_led = start < len(forms) and forms[start] in _LEADS
        start += is_led
        for stop in range(min(len(forms), start + self._longest()), start, -1):
            wanted = self.names.get(tuple(forms[start:stop]))
            if wanted is not None:
                is_written = reading.is_capitalised(start) and not (stop < len(forms) and reading.is_capitalised(stop))
                return is_led or wanted == "" or (wanted == "capital" and is_written)
        return False

    def _longest(self) -> int:
        return max(map(len, self.names), default=0)


def _tells_of_a_thing(reading: Reading, at: int) -> bool:
    before = [place for place in range(max(at - _REACH, 0), at) if reading.is_one_sentence(place, at)]
    words = {reading.forms[place] for place in before}
    return not words.isdisjoint(_THINGS) and words.isdisjoint(_HARMLESS)


def parse_regions(content: str, name: str) -> Regions:
    """Read the content of ``regions.csv``; ``name`` is for messages.

    Raises
    ------
    DatasetError
        A column is missing, or a reading is unknown.
    """
    reader = csv.DictReader(content.splitlines())
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{name}: column {', '.join(missing)} is missing from the header.")
    return Regions(dict(_read_names(reader, name)))


def _read_names(rows: Iterable[Mapping[str, str]], name: str) -> Iterable[tuple[tuple[str, ...], RegionReading]]:
    for row in rows:
        if row["reading"] not in _READINGS:
            raise DatasetError(f"{name}, {row['name']}: the reading {row['reading']!r} is none of capital, led, empty.")
        yield tuple(find_forms(row["name"])), _READINGS[row["reading"]]
