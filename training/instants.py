"""Reads the times people and programs write, Indonesian and English, as instants. Never guesses day from month."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

# Western Indonesian Time has no daylight saving and has been UTC+7 since 1964.
WIB = timezone(timedelta(hours=7), "WIB")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february peb pebruari",
            "mar maret march mrt",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags agustus aug august",
            "sep sept september",
            "okt oktober oct october",
            "nov nov november nop nopember",
            "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONE_HOURS = {"wib": 7, "wita": 8, "wit": 9, "z": 0, "utc": 0, "gmt": 0}
_YEARS = range(1900, 2200)
_INSTANT = re.compile(
    r"""
    (?:[a-z']{3,10}\.?,\s*)?                                            # Senin,
    (?:(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})        # 2024-01-18
      |(?P<day2>\d{1,2})[-/.](?P<month2>\d{1,2})[-/.](?P<year2>\d{4})   # 18/01/2024, day first as in Indonesia
      |(?P<day3>\d{1,2})[ -](?P<name>[a-z]{3,9})\.?[ -](?P<year3>\d{4}) # 18 Jan 2024
    )
    (?:(?:t|,?\s+(?:(?:pukul|jam)\s+)?)
       (?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?
       \s*(?P<zone>z|utc|gmt|wib|wita|wit|[+-]\d{2}(?::?\d{2})?)?
    )?
    """,
    re.VERBOSE | re.ASCII,
)


@lru_cache(maxsize=1 << 16)
def parse_instant(text: str) -> datetime:
    """The instant in UTC; a time without a zone is WIB (Asia/Jakarta: UTC+7, no daylight saving), a day is its start.

    Understood are ISO 8601 (``2024-01-18``, ``2024-01-18 13:45``, ``2024-01-18T06:45:00Z``), ``18 Jan 2024`` with
    Indonesian or English names of months, and ``18/01/2024`` or ``18-01-2024``, always day first; a time of day may
    have a dot, and ``WIB``, ``WITA``, ``WIT`` or an offset behind it.

    Raises
    ------
    ValueError
        The text is none of these, or no day of the years 1900 to 2199.
    """
    match = _INSTANT.fullmatch(" ".join(text.lower().split()))
    if match is None:
        raise ValueError(f"{text!r} is no time")
    year, month, day = _read_day(match)
    if year not in _YEARS:
        raise ValueError(f"{year} is no year of a report")
    micros = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    clock = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0), micros)
    return datetime(year, month, day, *clock, tzinfo=_read_zone(match["zone"])).astimezone(UTC)


def to_local_day(instant: datetime) -> date:
    """The day in WIB on which an instant falls."""
    return instant.astimezone(WIB).date()


def is_local_midnight(instant: datetime) -> bool:
    """Whether an instant is the start of a day in WIB, as it is when only a day was written."""
    local = instant.astimezone(WIB)
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def _read_day(match: re.Match[str]) -> tuple[int, int, int]:
    if match["name"]:
        month = _MONTHS.get(match["name"])
        if month is None:
            raise ValueError(f"{match['name']!r} is no month")
        return int(match["year3"]), month, int(match["day3"])
    if match["year"]:
        return int(match["year"]), int(match["month"]), int(match["day"])
    return int(match["year2"]), int(match["month2"]), int(match["day2"])


def _read_zone(zone: str | None) -> timezone:
    if not zone:
        return WIB
    if zone in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[zone]))
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)
