"""What two reports have in common: when they tell of the same thing, and the keys under which such pairs are found.

Pure: knows no store. A pair that belongs together shares a key, or nearly always does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, hypot, radians

from model.signature import N_BYTES, estimate_jaccard

# Two texts that share half of their word triples are copies of each other; see bench/signatures.py.
COPY_FROM = 0.5
COPY_WINDOW = timedelta(days=14)
PLACE_WINDOW = timedelta(hours=24)
# A broken street light and another one on the next day are two; a flood or a dead water main is one.
PASSING_TOPICS = frozenset(
    {"air-minum", "banjir-longsor", "internet-telekomunikasi", "kebakaran-penyelamatan", "listrik"}
)
# Bands of three of the 64 hashes: a pair that shares half of its triples has a band in common in 80 of 100 cases, one
# that shares 70 % in 99. Each band is a row to write for every report, so there are no more of them.
N_BANDS = 12
NEAR_M = 500
_METRES_A_DEGREE = 111_195
# Wider than `NEAR_M`, so that what is near lies in the same cell or in one beside it.
_CELL_DEGREES = 0.01
_BAND_BYTES = 3 * 4


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is compared by."""

    id: str
    received_at: datetime
    topic: str | None
    signature: bytes
    places: frozenset[str]
    position: tuple[float, float] | None

    def list_keys(self, reach: int = 0) -> list[str]:
        """What it has in common with each report that belongs with it, looking ``reach`` cells around its position."""
        keys = []
        if len(self.signature) == N_BYTES:
            bands = (self.signature[n * _BAND_BYTES : (n + 1) * _BAND_BYTES].hex() for n in range(N_BANDS))
            keys = [f"{number}:{band}" for number, band in enumerate(bands)]
        if self.topic in PASSING_TOPICS:
            keys += [f"{self.topic}:{place}" for place in sorted(self.places)]
            keys += [f"{self.topic}:{north}:{east}" for north, east in self._cells(reach)]
        return keys

    def belongs_with(self, other: "Report") -> bool:
        """Whether both tell of the same thing."""
        apart = abs(self.received_at - other.received_at)
        is_same = self.topic == other.topic and self.topic in PASSING_TOPICS and apart <= PLACE_WINDOW
        if is_same and (self.places & other.places or self._is_near(other)):
            return True
        return apart <= COPY_WINDOW and estimate_jaccard(self.signature, other.signature) >= COPY_FROM

    def _cells(self, reach: int) -> list[tuple[int, int]]:
        if self.position is None:
            return []
        north, east = (floor(degrees / _CELL_DEGREES) for degrees in self.position)
        around = range(-reach, reach + 1)
        return [(north + up, east + right) for up in around for right in around]

    def _is_near(self, other: "Report") -> bool:
        if self.position is None or other.position is None:
            return False
        (north, east), (other_north, other_east) = self.position, other.position
        # On so few metres the earth is flat; a degree is 111.2 km, east and west less with latitude.
        across = (east - other_east) * cos(radians(north))
        return hypot(north - other_north, across) * _METRES_A_DEGREE <= NEAR_M
