"""Numbers, shares, days and times as people here write them: 1.234,5; 24 Nov 2026; 13.40 WIB.

Every function takes the language last; templates call them as filters of the same names without it.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from service.page_words import Language

ZONE: Final = ZoneInfo("Asia/Jakarta")
NONE: Final = "–"
_LOCALES: Final = {"id": "id_ID", "en": "en_GB"}
_NO_BREAK_SPACE: Final = "\u00a0"
# In Indonesian points part thousands and a comma the decimals.
_POINTS: Final = str.maketrans(",.", ".,")


def number(value: float | None, decimals: int = 0, *, language: Language) -> str:
    """A number with its thousands apart: ``1.234,5``."""
    if value is None:
        return NONE
    # As babel writes them, which takes a quarter of a millisecond for each: a table has a thousand.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    written = f"{rounded:,f}"
    return written if language == "en" else written.translate(_POINTS)


def change(value: float | None, decimals: int = 0, *, language: Language) -> str:
    """A difference with its sign: ``+12`` or ``−3``."""
    if value is None:
        return NONE
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + number(abs(value), decimals, language=language)


def share(value: float | None, decimals: int = 0, *, language: Language) -> str:
    """A share in [0, 1] as per cent."""
    if value is None:
        return NONE
    return number(100 * value, decimals, language=language) + ("%" if language == "en" else f"{_NO_BREAK_SPACE}%")


def day(value: date | datetime | None, *, language: Language) -> str:
    """A day: ``24 Nov 2026``; of an instant, the day here."""
    return str(format_date(_local(value), "d MMM y", locale=_LOCALES[language])) if value else NONE


def long_day(value: date | datetime | None, *, language: Language) -> str:
    """A day with its name: ``Selasa, 24 November 2026``."""
    return str(format_date(_local(value), "EEEE, d MMMM y", locale=_LOCALES[language])) if value else NONE


def month(value: date | datetime | None, *, language: Language) -> str:
    """A month: ``November 2026``."""
    return str(format_skeleton("yMMMM", _local(value), locale=_LOCALES[language])) if value else NONE


def moment(value: datetime | None, *, language: Language) -> str:
    """An instant in local time: ``24 Nov 2026 13.40 WIB``."""
    if value is None:
        return NONE
    pattern = "d MMM y HH:mm" if language == "en" else "d MMM y HH.mm"
    written = format_datetime(value.astimezone(ZONE), pattern, locale=_LOCALES[language])
    return f"{written}{_NO_BREAK_SPACE}WIB"


def clock_time(value: datetime | None, *, language: Language) -> str:
    """The time of day here: ``13.40 WIB``."""
    if value is None:
        return NONE
    separator = ":" if language == "en" else "."
    return f"{value.astimezone(ZONE):%H{separator}%M}{_NO_BREAK_SPACE}WIB"


def span(first: date, last: date, *, language: Language) -> str:
    """Two days and what lies between: ``1 Sep – 30 Nov 2026``."""
    if first == last:
        return day(first, language=language)
    pattern = "d MMM" if first.year == last.year else "d MMM y"
    return f"{format_date(first, pattern, locale=_LOCALES[language])} – {day(last, language=language)}"


def fill(sentence: str, **values: str) -> str:
    """A sentence of the words with its gaps filled: ``{n}`` by ``n``."""
    for name, value in values.items():
        sentence = sentence.replace(f"{{{name}}}", str(value))
    return sentence


def today(now: datetime) -> date:
    """The day it is here."""
    return now.astimezone(ZONE).date()


def add_formats(environment: Environment) -> Environment:
    """Let templates write ``{{ value | number }}`` in the language of their page."""
    for written in (number, change, share, day, long_day, month, moment, clock_time, span):
        environment.filters[written.__name__] = _in_language(written)
    environment.filters["fill"] = fill
    return environment


def _in_language(written: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def write(context: Context, value: object, *more: object) -> str:
        return written(value, *more, language=context["language"])

    return write


def _local(value: date | datetime | None) -> date | None:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value
