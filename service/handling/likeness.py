"""What a report is compared by, and the keys under which those are found that belong with it.

Pure: knows no store. Whether two belong together is said by `service.handling.lineup`; two that do have a key in
common, so that none is missed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from math import floor
from typing import Final

import numpy as np

# Two texts that share half of their word triples are copies of each other; see bench/signatures.py.
COPY_FROM: Final = 0.5
COPY_WINDOW: Final = timedelta(days=14)
PLACE_WINDOW: Final = timedelta(hours=24)
# A broken street light and another one on the next day are two; a flood or a dead water main is one.
PASSING_TOPICS: Final = frozenset(
    {"air-minum", "banjir-longsor", "internet-telekomunikasi", "kebakaran-penyelamatan", "listrik"}
)
# Bands of three of the 64 hashes: a pair that shares half of its triples has a band in common in 80 of 100 cases, one
# that shares 70 % in 99. Each band is a row to write for every report, so there are no more of them.
N_BANDS: Final = 12
HASHES_A_BAND: Final = 3
# A key is of a stretch of time, so that what is found under it does not grow with the years. Stretches of four windows:
# what lies within a window of a report is then in one or two of them, mostly in one.
_WINDOWS_A_STRETCH: Final = 4
# Wider than what is near (`service.handling.lineup`), so that it lies in the same cell or in one beside it.
CELL_DEGREES: Final = 0.01
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _hash(name: str) -> int:
    """A whole number of 64 bits with a sign, as a store keeps it."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


_BAND_FACTORS: Final = np.array(
    [[_hash(f"band {band} {place}") | 1 for place in range(HASHES_A_BAND)] for band in range(N_BANDS)], dtype=np.int64
)
_STRETCH_FACTORS: Final = np.array([_hash("stretch") | 1], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is compared by; ``places`` are the villages and landmarks it names without doubt."""

    id: str
    received_at: datetime
    topic: str | None
    signature: bytes
    places: frozenset[str]
    position: tuple[float, float] | None

    @property
    def received_us(self) -> int:
        """Microseconds since 1970, which are compared exactly and fast."""
        return (self.received_at - _EPOCH) // _MICROSECOND

    @property
    def has_place(self) -> bool:
        """Whether it says where; a report that does not is of no passing trouble with others."""
        return bool(self.places) or self.position is not None

    def list_keys(self) -> list[int]:
        """The keys it is kept under."""
        return self._list_keys(around=False)

    def list_keys_around(self) -> list[int]:
        """The keys under which each report is kept that belongs with it."""
        return self._list_keys(around=True)

    def _list_keys(self, *, around: bool) -> list[int]:
        keys: list[int] = []
        if self.signature:
            hashes = np.frombuffer(self.signature, dtype="<u4", count=N_BANDS * HASHES_A_BAND).astype(np.int64)
            # Multiply and shift modulo 2^64: two that are unlike get one key so rarely that a look too many costs less.
            bands = (hashes.reshape(_BAND_FACTORS.shape) * _BAND_FACTORS).sum(axis=1)
            stretches = np.array(self._list_stretches(COPY_WINDOW, around=around))[:, None]
            keys = (bands + stretches * _STRETCH_FACTORS).ravel().tolist()
        if self.topic in PASSING_TOPICS:
            wheres = [*sorted(self.places), *self._list_cells(around=around)]
            for stretch in self._list_stretches(PLACE_WINDOW, around=around) if wheres else ():
                keys += [_hash(f"{self.topic} {where} {stretch}") for where in wheres]
        return keys

    def _list_stretches(self, window: timedelta, *, around: bool) -> range:
        window_us, at = window // _MICROSECOND, self.received_us
        reach = window_us if around else 0
        first, last = ((at + by) // (_WINDOWS_A_STRETCH * window_us) for by in (-reach, reach))
        return range(first, last + 1)

    def _list_cells(self, *, around: bool) -> list[str]:
        if self.position is None:
            return []
        north, east = (floor(degrees / CELL_DEGREES) for degrees in self.position)
        beside = range(-1, 2) if around else range(1)
        return [f"{north + up} {east + right}" for up in beside for right in beside]
