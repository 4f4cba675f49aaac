"""What is planted in the demo, so that pages can be checked against it: docs/demo.md tells the same in words.

Offices and topics are real slugs of the taxonomy; everything said of them here is made up.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

SLOW_OFFICE: Final = "dinas-koperindag"
SLOW_FACTOR: Final = 2.6
# Gets reports that are another's, and gives them back.
MISLED_OFFICE: Final = "dinas-perkimtan-lh"
MISLED_TOPIC: Final = "drainase"
MISLED_SHARE: Final = 0.45
# Other reports that first go to a wrong office of the city.
MISTAKEN_SHARE: Final = 0.04
REFORMED_OFFICE: Final = "dinas-perhubungan"
BEFORE_REFORM: Final = 2.4
AFTER_REFORM: Final = 0.7
# No reform, so the series to compare with.
CONTROL_OFFICE: Final = "dinas-pupr"
# A new procedure was announced, and nothing changed.
HOLLOW_OFFICE: Final = "satpol-pp-damkar"
MOVED_TOPIC: Final = "olahraga-pemuda"
MOVED_FROM: Final = "dinas-pendidikan"
MOVED_TO: Final = "dinas-pariwisata"
BURST_TOPIC: Final = "hewan-liar"
BURST_REPORTS: Final = 26
BURST_DAYS: Final = 21
REOPENED_SHARE: Final = 0.05
# Of the oldest to the newest year: the channel becomes known.
SHARE_OF_YEAR: Final = (0.28, 0.33, 0.39)

_REFORM_AGE: Final = timedelta(weeks=74)
_HOLLOW_AGE: Final = timedelta(weeks=48)
_OLD_ENOUGH: Final = timedelta(days=300)
_FLOOD_AGE: Final = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Planted:
    """The days on which the truths begin, for a history that ends on ``today``."""

    today: date
    reformed_on: date
    announced_on: date
    moved_on: date
    flooded_on: date
    burst_from: date


def plant(today: date) -> Planted:
    """The days of the planted truths; a reform and an announcement begin on a Monday, a reorganisation in January."""
    return Planted(
        today=today,
        reformed_on=_monday(today - _REFORM_AGE),
        announced_on=_monday(today - _HOLLOW_AGE),
        moved_on=_latest(1, 2, today - _OLD_ENOUGH),
        flooded_on=_latest(1, 16, today - _FLOOD_AGE),
        burst_from=today - timedelta(days=BURST_DAYS),
    )


@dataclass(frozen=True, slots=True)
class PlantedMark:
    """A mark that the admin of the demo enters on its day."""

    day: date
    until: date | None
    title: str
    type: Literal["kebijakan", "kejadian", "reorganisasi"]
    agency: str | None = None
    topic: str | None = None
    control_agency: str | None = None


def list_marks(planted: Planted) -> list[PlantedMark]:
    """The marks of the demo, earliest day first."""
    marks = [
        PlantedMark(
            planted.reformed_on,
            None,
            "Regu reaksi cepat lampu jalan dan rambu mulai bekerja",
            "kebijakan",
            REFORMED_OFFICE,
            control_agency=CONTROL_OFFICE,
        ),
        PlantedMark(
            planted.announced_on,
            None,
            "SOP baru penertiban diumumkan",
            "kebijakan",
            HOLLOW_OFFICE,
            control_agency=CONTROL_OFFICE,
        ),
        PlantedMark(
            planted.moved_on,
            None,
            "Urusan pemuda dan olahraga pindah ke Dinas Pariwisata",
            "reorganisasi",
            topic=MOVED_TOPIC,
        ),
        PlantedMark(
            planted.flooded_on,
            planted.flooded_on + timedelta(days=1),
            "Banjir Muaro Kalaban",
            "kejadian",
            topic="banjir-longsor",
        ),
    ]
    return sorted(marks, key=lambda mark: mark.day)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _latest(month: int, day: int, until: date) -> date:
    """The last such day of a year that is not after ``until``."""
    found = date(until.year, month, day)
    return found if found <= until else date(until.year - 1, month, day)
