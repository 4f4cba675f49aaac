"""Looks at a zip before anything unpacks it, so that no spreadsheet can fill memory or smuggle entities in."""

import re
import zipfile
from pathlib import Path

from training.readers.table import ReadingError

MAX_FILE_BYTES = 200 << 20
MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
MAX_MEMBERS = 10_000
# A member this small does no harm however well it was packed.
_SMALL_BYTES = 1 << 20
_HEAD_BYTES = 1 << 16
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_IS_ENCRYPTED = 0x1


def check_workbook_archive(path: Path) -> None:
    """Refuse what is no workbook or breaks a limit.

    The sizes that the directory of a zip states bind: Python unpacks no more than they say.

    Raises
    ------
    ReadingError
        The file is over 200 MiB, unpacks to over 1 GiB or by a factor over 200, has over 10,000 members, is no XLSX,
        protected by a password, damaged, or declares a DTD or entities.
    """
    n_bytes = path.stat().st_size
    if n_bytes > MAX_FILE_BYTES:
        raise ReadingError(f"{path} has {n_bytes:,} bytes; at most {MAX_FILE_BYTES:,} are read. Save it as CSV.")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist())
            _check_kind(path, set(archive.namelist()))
            _check_markup(path, archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise ReadingError(f"{path} is a damaged or protected zip archive ({error}); save it as XLSX again.") from error


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise ReadingError(f"{path} has {len(members):,} members, a workbook has at most {MAX_MEMBERS:,}.")
    n_unpacked = sum(member.file_size for member in members)
    if n_unpacked > MAX_UNPACKED_BYTES:
        raise ReadingError(
            f"{path} unpacks to {n_unpacked:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read. Save it as CSV."
        )
    for member in members:
        if member.flag_bits & _IS_ENCRYPTED:
            raise ReadingError(f"{path} is protected by a password; save it without one.")
        if member.file_size > max(_SMALL_BYTES, MAX_RATIO * member.compress_size):
            raise ReadingError(
                f"{path} is packed like a zip bomb: {member.filename[:80]!r} unpacks to more than {MAX_RATIO} times "
                "its size. Save it as CSV."
            )


def _check_kind(path: Path, names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise ReadingError(f"{path} is a binary workbook (.xlsb); save it as XLSX.")
    if "mimetype" in names:
        raise ReadingError(f"{path} is an OpenDocument file; save it as XLSX or CSV.")
    if "word/document.xml" in names:
        raise ReadingError(f"{path} is a Word document; save its table as XLSX or CSV.")
    raise ReadingError(f"{path} is a zip archive but no workbook; unpack it and name the file inside.")


def _check_markup(path: Path, archive: zipfile.ZipFile) -> None:
    for member in archive.infolist():
        if not member.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(member) as stream:
            if _DECLARATION.search(stream.read(_HEAD_BYTES)):
                raise ReadingError(f"{path}: {member.filename[:80]!r} declares a DTD; save it as XLSX again.")
