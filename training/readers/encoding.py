"""Decides how the bytes of a text file are read: UTF-8 if it can be, else what the bytes say, always reported."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from charset_normalizer import from_bytes

from training.findings import Finding, Severity

# The longer mark first: UTF-16 little-endian begins like UTF-32.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE_BYTES = 1 << 16


@dataclass(slots=True)
class _Lines:
    """Lines beyond ASCII: how many are UTF-8, how many are not, and some of the latter."""

    n_good: int = 0
    n_bad: int = 0
    is_cp1252: bool = True
    sample: bytearray = field(default_factory=bytearray)


def choose_encoding(path: Path) -> tuple[str, tuple[Finding, ...]]:
    """Name of the encoding to open the file with (see `open_lines`), and what to say about it.

    A mark at the start decides. Else a file with at least as many lines of good UTF-8 (beyond ASCII) as of other bytes
    is UTF-8, and the others are for the reader to reject. Else it is cp1252, the encoding of old Windows programs,
    unless a byte rules that out; then charset-normalizer judges.
    """
    with path.open("rb") as stream:
        mark = name_mark(stream.read(4))
    if mark:
        return mark, (_report("note", f"the file begins with a byte order mark and is read as {mark}"),)
    lines = _judge_lines(path)
    if not lines.n_bad:
        return "utf-8", ()
    if lines.n_good >= lines.n_bad:
        reason = f"the file is UTF-8, but {lines.n_bad:,} lines hold other bytes"
        return "utf-8", (_report("warning", reason),)
    encoding = "cp1252" if lines.is_cp1252 else _guess(bytes(lines.sample))
    reason = f"the file is no UTF-8 and is read as {encoding}; look whether accents are right, or save it as UTF-8"
    return encoding, (_report("warning", reason),)


def open_lines(path: Path, encoding: str) -> Generator[str, None, None]:
    """Lines with their ends as they are; bytes that are no text become lone surrogates (PEP 383).

    UTF-16 and UTF-32 have no single bytes to keep: what breaks off there becomes U+FFFD.
    """
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as stream:
        yield from stream


def name_mark(head: bytes) -> str:
    """Encoding that a byte order mark announces, ``""`` without one."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


def _judge_lines(path: Path) -> _Lines:
    lines = _Lines()
    for line in _read_lines(path):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            lines.n_good += 1
            continue
        lines.n_bad += 1
        lines.is_cp1252 = lines.is_cp1252 and _decodes(line, "cp1252")
        if len(lines.sample) < _SAMPLE_BYTES:
            lines.sample += line[:_SAMPLE_BYTES]
    return lines


def _read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    best = from_bytes(sample).best()
    return best.encoding if best is not None else "utf-8"


def _report(severity: Severity, reason: str) -> Finding:
    return Finding(severity, None, None, "", reason)
