"""Tells by its first bytes what a file is, and refuses with advice what is no table of rows."""

import mmap
import re
from pathlib import Path
from typing import Literal

from training.readers.encoding import name_mark
from training.readers.table import ReadingError

Format = Literal["delimited", "jsonl", "parquet", "xlsx"]

_HEAD_BYTES = 1 << 14
_OLD_OFFICE = bytes.fromhex("D0CF11E0A1B11AE1")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_MARKUP = re.compile(rb"\s*<(?:!doctype|!--|html|head|meta|body|table|style|script|div|\?xml)", re.IGNORECASE)
_ADVICE_SAVE = "open it in a spreadsheet program and save it as XLSX or CSV (UTF-8)"
# Tab, line feed, form feed, carriage return and the end-of-file mark of DOS are no signs of a binary file.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_BINARY_SHARE = 0.08
_FEWEST_BINARY = 8


def detect_format(path: Path) -> Format:
    """What the content says, whatever the name; the name decides only between kinds of text.

    Raises
    ------
    ReadingError
        The file is missing, no file, unreadable, empty, or of a format that is not read; with what to do.
    """
    head = _read_head(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    _refuse_known(path, head)
    return _name_text_format(path, head)


def _read_head(path: Path) -> bytes:
    if path.is_dir():
        raise ReadingError(f"{path} is a folder; name the file in it.")
    if not path.exists():
        raise ReadingError(f"{path} is missing; check the name.")
    if not path.is_file():
        raise ReadingError(f"{path} is no regular file; copy its content into a file first.")
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise ReadingError(f"{path} cannot be opened ({error.strerror}); check its permissions.") from error
    if not head:
        raise ReadingError(f"{path} is empty; a header and at least one row are needed.")
    return head


def _refuse_known(path: Path, head: bytes) -> None:
    if head.startswith(_OLD_OFFICE):
        raise ReadingError(_explain_old_office(path))
    if head.startswith(_PACKED):
        raise ReadingError(f"{path} is a packed archive; unpack it and name the file inside.")
    if head.startswith(b"%PDF"):
        raise ReadingError(f"{path} is a PDF; ask for the rows as XLSX or CSV.")
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise ReadingError(f"{path} is an HTML or XML page, whatever its name says; {_ADVICE_SAVE}.")


def _explain_old_office(path: Path) -> str:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        is_encrypted = content.find("EncryptedPackage".encode("utf-16-le")) >= 0
    if is_encrypted:
        return f"{path} is protected by a password; {_ADVICE_SAVE} without one."
    return f"{path} is an old Excel file (.xls); {_ADVICE_SAVE}."


def _name_text_format(path: Path, head: bytes) -> Format:
    encoding = name_mark(head)
    if not encoding and len(_BINARY.findall(head)) > max(_FEWEST_BINARY, _BINARY_SHARE * len(head)):
        raise ReadingError(
            f"{path} is a binary file or UTF-16 without a byte order mark; "
            "expected CSV, TSV, JSONL, Parquet or XLSX, text in UTF-8."
        )
    start = head.decode(encoding or "utf-8", "replace").lstrip()
    if not start and len(head) < _HEAD_BYTES:
        raise ReadingError(f"{path} holds only blank lines; a header and at least one row are needed.")
    suffix = path.suffix.lower()
    if suffix == ".json" and start.startswith("["):
        raise ReadingError(f"{path} is one JSON array; write one object on each line (JSONL).")
    if suffix in {".jsonl", ".ndjson", ".json"} or start.startswith("{"):
        return "jsonl"
    return "delimited"
