"""How often a caller may call: at most so many calls in any minute, counted in this process alone.

Written here rather than taken from a library: the store in memory of `limits` starts a thread for nearly every call
and trusts the wall clock, which an operator may set back.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

WINDOW_S: Final = 60.0
# Callers that were quiet for a window are dropped when more than this many are known.
_MAX_QUIET: Final = 1_000


@dataclass(frozen=True, slots=True)
class Excess:
    """A call too many: how many are allowed a minute, and in how many whole seconds the next one is."""

    limit: int
    retry_after_s: int


class Rates:
    """Moving windows of one minute, one for each caller."""

    def __init__(self, read_clock: Callable[[], float] = time.monotonic) -> None:
        self._read_clock = read_clock
        self._calls: dict[str, deque[float]] = {}

    def admit(self, caller: str, limit: int) -> Excess | None:
        """Count a call, unless it is one too many; a ``limit`` of 0 is none."""
        if limit == 0:
            return None
        now = self._read_clock()
        calls = self._calls.get(caller)
        if calls is None:
            calls = self._begin(caller, now)
        while calls and calls[0] <= now - WINDOW_S:
            calls.popleft()
        if len(calls) >= limit:
            # When the limit was lowered, more than one call must leave the window.
            frees_at = calls[len(calls) - limit] + WINDOW_S
            return Excess(limit, max(1, -int(-(frees_at - now) // 1)))
        calls.append(now)
        return None

    def _begin(self, caller: str, now: float) -> deque[float]:
        if len(self._calls) >= _MAX_QUIET:
            self._calls = {name: calls for name, calls in self._calls.items() if calls and calls[-1] > now - WINDOW_S}
        return self._calls.setdefault(caller, deque())
