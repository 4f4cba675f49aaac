"""The SP4N-LAPOR! export *Laporan Ringkas* as it comes: its preamble, its columns, and what its words mean to us.

The classification decides the kind only where it can be trusted: agencies leave "Pengaduan Berkadar Pengawasan" on
nearly every complaint, so it says nothing and such rows stay without a kind. The state of a report and the reason
for archiving it label nothing and are not read; ``source`` is ``sp4n-lapor`` throughout.
"""

from collections import Counter
from collections.abc import Sequence

from training.columns import Column, Layout, Pick, pick_place
from training.findings import Finding

SOURCE = "sp4n-lapor"

_TRACKING = "Tracking ID"
_TEXTS = ("Isi Laporan Akhir", "Isi Laporan Awal")
_TIMES = ("Tanggal Laporan Masuk", "Waktu Laporan Masuk")
_KIND = "Klasifikasi Laporan"
_PLAIN = {
    "id": _TRACKING,
    "title": "Judul Laporan",
    "channel": "Sumber Laporan",
    "district": "Kecamatan",
    "village": "Kelurahan",
    "agency": "Instansi Terdisposisi",
    "topic": "Kategori",
}
_UNSURE_KIND = "pengaduan berkadar pengawasan"
_KINDS = {
    "pengaduan tidak berkadar pengawasan": "pengaduan",
    "permintaan informasi": "permintaan-informasi",
    "aspirasi": "aspirasi",
    "apresiasi": "apresiasi",
}


def is_lapor_preamble(cells: Sequence[str]) -> bool:
    """Whether a first row opens the preamble of an export."""
    filled = [cell.strip().lower() for cell in cells if cell.strip()]
    return filled == ["judul laporan", "laporan ringkas"]


def is_lapor_header(cells: Sequence[str]) -> bool:
    """Whether a row is the header of an export."""
    names = {cell.strip() for cell in cells}
    return _TRACKING in names and bool(names.intersection(_TEXTS))


def lay_out_lapor(header: Sequence[str]) -> Layout:
    """Our columns as an export has them; a column that an export lacks is left out.

    The text is *Isi Laporan Akhir*, or *Isi Laporan Awal* where that is empty. The time joins the columns of day and
    time of day; without the latter it is the start of the day.
    """
    places = {name: place for place, name in enumerate(header)}
    columns = {ours: Column(pick_place(places[name]), (name,)) for ours, name in _PLAIN.items() if name in places}
    texts = [name for name in _TEXTS if name in places]
    columns["text"] = Column(_pick_first([places[name] for name in texts]), tuple(texts))
    times = [name for name in _TIMES if name in places]
    if times:
        columns["received_at"] = Column(_pick_time([places[name] for name in times]), tuple(times))
    unsure: Counter[str] = Counter()
    if _KIND in places:
        columns["kind"] = Column(_pick_kind(places[_KIND], unsure), (_KIND,))
    columns["source"] = Column(lambda _: SOURCE, ())
    return Layout(columns, lambda: _report_unsure(unsure))


def _pick_first(places: Sequence[int]) -> Pick:
    return lambda cells: next((cells[place] for place in places if cells[place].strip()), "")


def _pick_time(places: Sequence[int]) -> Pick:
    def join(cells: Sequence[str]) -> str:
        written = [cells[place].strip() for place in places]
        if len(written) == 1 or not written[-1]:
            return written[0]
        # A spreadsheet's own date carries a midnight that the time of day replaces.
        return f"{written[0].removesuffix('T00:00:00')} {written[-1]}"

    return join


def _pick_kind(place: int, unsure: Counter[str]) -> Pick:
    def translate(cells: Sequence[str]) -> str:
        written = cells[place].strip()
        folded = " ".join(written.lower().split())
        if folded == _UNSURE_KIND:
            unsure[written] += 1
            return ""
        return _KINDS.get(folded, written)

    return translate


def _report_unsure(unsure: Counter[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "warning",
            None,
            "kind",
            f"{written} ({n_rows:,} rows)",
            "is the default of the export and says no kind; the rows stay without one. Where it can be trusted, map "
            f'the column (kind = "{_KIND}") and merge its words into kinds',
        )
        for written, n_rows in sorted(unsure.items())
    )
