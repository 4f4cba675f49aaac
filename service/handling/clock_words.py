"""How a deadline came about, in Indonesian words for whoever has to keep it or waits for it."""

from datetime import date, datetime

from service.handling.clock import VERIFICATION, Deadline, local_day

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


def explain(deadline: Deadline, purpose: str, *, is_confirmed: bool, is_at_agency: bool = False) -> str:
    """One sentence: how many days for what since when, what was passed over, and when it is due.

    What was routed alone (``is_at_agency`` before anybody verified it) waits for its agency, not for triage.
    """
    start = name_day(local_day(deadline.started_at))
    if deadline.n_days is None:
        return f"tanpa batas waktu untuk jenis laporan ini; mulai {start}"
    aim = _word_aim(purpose, is_at_agency=is_at_agency)
    parts = [f"{deadline.n_days} hari kerja{aim} sejak {start}"]
    if deadline.skipped:
        parts.append("dilewati: " + ", ".join(f"{name_day(day)} ({name})" for day, name in deadline.skipped))
    if deadline.n_paused_days:
        parts.append(f"jeda {deadline.n_paused_days} hari kerja karena menunggu pelapor")
    parts.append(_word_end(deadline))
    if not is_confirmed:
        parts.append("lama waktu ini belum dipastikan oleh pemerintah kota")
    return "; ".join(parts)


def name_day(day: date) -> str:
    """A day as people write it: "Senin, 3 Agustus 2026"."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _word_aim(purpose: str, *, is_at_agency: bool) -> str:
    if purpose != VERIFICATION:
        return ""
    if is_at_agency:
        return " bagi unit yang langsung menerimanya untuk memproses atau mengembalikan"
    return " untuk verifikasi"


def _word_end(deadline: Deadline) -> str:
    if deadline.due_at is not None:
        return f"jatuh tempo {name_day(local_day(deadline.due_at))}"
    return f"berhenti sejak {name_day(local_day(_asked_at(deadline)))} sampai pelapor melengkapi"


def _asked_at(deadline: Deadline) -> datetime:
    return deadline.pauses[-1].asked_at
