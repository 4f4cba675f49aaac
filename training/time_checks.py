"""Checks of times: an answer before its report, a report from the future."""

from collections.abc import Iterator
from datetime import date, datetime

import pandas as pd

from training.findings import Finding
from training.instants import WIB, is_local_midnight, to_local_day

_LATER_COLUMNS = {"responded_at": "answered", "closed_at": "closed"}


def find_disordered_times(frame: pd.DataFrame, today: date | None) -> Iterator[Finding]:
    """Reports answered or closed before they were received, or received after ``today``.

    Where only the day of the later time is known, the same day is in order. Without ``today`` no report is from the
    future.
    """
    if "received_at" not in frame:
        return
    for name, verb in _LATER_COLUMNS.items():
        if name in frame:
            yield from _find_earlier(frame, name, f"was {verb} before it was received")
    if today is not None:
        reason = f"was received after today ({today})"
        for row, received in zip(frame["row"], frame["received_at"], strict=True):
            if not pd.isna(received) and to_local_day(received) > today:
                yield Finding("warning", int(row), "received_at", _show(received), reason)


def _find_earlier(frame: pd.DataFrame, name: str, reason: str) -> Iterator[Finding]:
    early = frame[frame[name] < frame["received_at"]]
    for row, received, later in zip(early["row"], early["received_at"], early[name], strict=True):
        if is_local_midnight(later) and to_local_day(later) == to_local_day(received):
            continue
        yield Finding("warning", int(row), name, f"{_show(later)} < {_show(received)}", reason)


def _show(instant: datetime) -> str:
    return instant.astimezone(WIB).strftime("%Y-%m-%d %H:%M")
