"""Numbers, days and names of heads as an Indonesian reader writes them."""

from datetime import date

from training.judging import Figure

HEAD_NAMES = {
    "kind": "Jenis",
    "agency": "Instansi",
    "topic": "Topik",
    "urgency": "Kegentingan",
    "aspect": "Unsur layanan",
}
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
_SWAPPED = str.maketrans(",.-", ".,−")


def write_count(count: int) -> str:
    """``1234`` as "1.234"."""
    return f"{count:,}".translate(_SWAPPED)


def write_decimal(value: float, n_digits: int = 3) -> str:
    """``0.5`` as "0,500"."""
    return f"{value:.{n_digits}f}".translate(_SWAPPED)


def write_share(share: float) -> str:
    """``0.781`` as "78,1%"."""
    return f"{write_decimal(100 * share, 1)}%"


def write_share_figure(figure: Figure) -> str:
    """A share with its interval: "78,1% (76,0–80,2%)"."""
    return f"{write_share(figure.value)} ({write_decimal(100 * figure.low, 1)}–{write_share(figure.high)})"


def write_decimal_figure(figure: Figure) -> str:
    """A figure with its interval: "0,564 (0,540–0,588)"."""
    return f"{write_decimal(figure.value)} ({write_decimal(figure.low)}–{write_decimal(figure.high)})"


def write_day(day: date) -> str:
    """``date(2023, 1, 5)`` as "5 Januari 2023"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def write_span(days: tuple[date, date]) -> str:
    """First and last day: "5 Januari 2023 sampai 31 Mei 2024"."""
    return f"{write_day(days[0])} sampai {write_day(days[1])}"
