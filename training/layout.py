"""Decides which column of a file is which of ours: by name, by the caller's map, or as an SP4N-LAPOR! export."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from training.columns import COLUMNS, Column, Layout, pick_place
from training.findings import Finding, show_value
from training.lapor import is_lapor_header, lay_out_lapor
from training.readers.table import ReadingError

_SHOWN_NAMES = 30


def choose_layout(path: Path, header: Sequence[str], names: Mapping[str, str]) -> Layout:
    """Our columns found in ``header``; ``names`` maps ours to the file's and goes before everything else.

    Names are compared without regard to case and to spaces around them.

    Raises
    ------
    ReadingError
        ``names`` maps what is no column of ours or to what the file lacks, a name that is needed stands twice, or
        there is no text.
    """
    places = _find_places(header)
    columns: dict[str, Column] = {}
    layout = lay_out_lapor(header) if is_lapor_header(header) else Layout({})
    if not layout.columns:
        layout = Layout({ours: _take(path, places, header, ours) for ours in COLUMNS if ours in places})
    columns.update(layout.columns)
    for ours, theirs in names.items():
        if ours not in COLUMNS:
            raise ReadingError(f"{ours!r} is no column of labelled rows; known are {', '.join(COLUMNS)}.")
        columns[ours] = _take(path, places, header, theirs)
    if "text" not in columns:
        raise ReadingError(f'{path} has no column "text"; name the right one: text = "…". Found: {_list(header)}.')
    return Layout({ours: columns[ours] for ours in COLUMNS if ours in columns}, layout.conclude)


def report_unread(header: Sequence[str], layout: Layout) -> tuple[Finding, ...]:
    """A note on the columns of the file that nothing uses; no finding where all are used."""
    used = {name for column in layout.columns.values() for name in column.names}
    unread = [name for name in header if name and name not in used]
    return tuple(
        Finding("note", None, None, show_value(name), "a column that is not known and not read") for name in unread
    )


def _find_places(header: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        if name.strip():
            places.setdefault(_fold(name), []).append(place)
    return places


def _take(path: Path, places: Mapping[str, Sequence[int]], header: Sequence[str], name: str) -> Column:
    found = places.get(_fold(name), [])
    if not found:
        raise ReadingError(f"{path} has no column {name!r}. Found: {_list(header)}.")
    if len(found) > 1:
        raise ReadingError(f"{path} has the column {name!r} {len(found)} times; leave one and rename the others.")
    return Column(pick_place(found[0]), (header[found[0]],))


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _list(header: Sequence[str]) -> str:
    names = [show_value(name) for name in header if name.strip()]
    return ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "") if names else "none"
