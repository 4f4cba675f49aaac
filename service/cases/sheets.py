"""Packs the sums of a month into one row: a sheet, whose lines are a code and counts, in the order of their codes.

Of thousands of sums that a question adds up, each row of a table would cost more than its numbers. Pure; owns codes.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.handling.holding import ANSWERED, ARCHIVED, ERASED, OPEN, REJECTED, RETURNED, TRANSFERRED

STINT: Final = "stint"
ANSWER: Final = "answer"
VERIFICATION: Final = "verification"
MISROUTED: Final = "misrouted"
REPORTER: Final = "reporter"
HANDLING: Final = "handling"
# Codes stand in stores: a new part or end comes last.
PARTS: Final = (STINT, ANSWER, VERIFICATION, MISROUTED, REPORTER, HANDLING)
ENDS: Final = ("", OPEN, ANSWERED, TRANSFERRED, RETURNED, REJECTED, ARCHIVED, ERASED)
# Up to here days are counted one by one, longer ones in tens, so that sheets stay short.
_EXACT_DAYS: Final = 65
_LONG_STEP: Final = 10
_MOST_DAYS: Final = 995
N_BINS: Final = 160
# The days under which a bin is told: the middle of its ten.
DAYS_OF_BIN: Final[NDArray[np.int64]] = np.minimum(
    np.concatenate([np.arange(_EXACT_DAYS + 1), np.arange(N_BINS - _EXACT_DAYS - 1) * _LONG_STEP + 70]), _MOST_DAYS
)
LENGTHS: Final = np.dtype([("code", "<i2"), ("n", "<i4")])
MIXES: Final = np.dtype(
    [("code", "<i8"), ("n", "<i4"), ("n_given_back", "<i4"), ("n_judged", "<i4"), ("n_kept", "<i4")]
)

Lines = Mapping[int, tuple[int, ...]]


def code_length(part: str, end: str, n_days: int) -> int:
    """The code of so many working days of a part of the time that ended so."""
    return find_first_code(part) + ENDS.index(end) * N_BINS + find_bin(n_days)


def find_first_code(part: str) -> int:
    """The first of the ``len(ENDS) * N_BINS`` codes of a part."""
    return PARTS.index(part) * len(ENDS) * N_BINS


def find_bin(n_days: int) -> int:
    """The bin in which so many working days are counted."""
    if n_days <= _EXACT_DAYS:
        return n_days
    return min(_EXACT_DAYS + 1 + (n_days - _EXACT_DAYS - 1) // _LONG_STEP, N_BINS - 1)


def code_stratum(kind: str, topic: str, urgency: str) -> int:
    """The code of a stratum, made from its words: the same in every store, whatever was counted first."""
    digest = blake2b(f"{kind}\t{topic}\t{urgency}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def add_lines(packed: bytes, lines: Lines, shape: np.dtype[np.void]) -> bytes:
    """A sheet with lines added to it; a line that counts nothing is left out, and so a sheet of none is empty."""
    before = np.frombuffer(packed, shape)
    names = (shape.names or ())[1:]
    counts = np.concatenate(
        [np.column_stack([before[name] for name in names]), np.array(list(lines.values()), dtype=np.int64)]
    )
    codes, places = np.unique(
        np.concatenate([before["code"], np.fromiter(lines, dtype=np.int64)]).astype(np.int64), return_inverse=True
    )
    sums = np.zeros((codes.size, len(names)), dtype=np.int64)
    np.add.at(sums, places, counts)
    counts_any = sums.any(axis=1)
    sheet = np.zeros(int(counts_any.sum()), dtype=shape)
    sheet["code"] = codes[counts_any]
    for column, name in enumerate(names):
        sheet[name] = sums[counts_any, column]
    return sheet.tobytes()


def read_sheets(sheets: Iterable[bytes], shape: np.dtype[np.void]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """The lines of all sheets behind each other, and for each line the place of its sheet."""
    packed = list(sheets)
    sizes = [len(sheet) // shape.itemsize for sheet in packed]
    return np.frombuffer(b"".join(packed), shape), np.repeat(np.arange(len(packed)), sizes)
