"""How often a caller may call: at most so many calls in any minute, counted in this process alone.

Written here rather than taken from a library: the store in memory of `limits` starts a thread for nearly every call
and trusts the wall clock, which an operator may set back.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

WINDOW_S: Final = 60.0
# Far more than there are keys and officers, and than a city has visitors in a minute; some megabytes at worst.
MAX_CALLERS: Final = 10_000
# Whoever has one IPv6 address has all of its network.
_NETWORK_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Excess:
    """A call too many: how many are allowed a minute, and in how many whole seconds the next one is."""

    limit: int
    retry_after_s: int


class Rates:
    """Moving windows of one minute, one for each caller.

    Those that are quiet for a window are forgotten, and when ``max_callers`` are known the one that called least
    recently, so that a flood from many addresses takes no memory.
    """

    def __init__(self, read_clock: Callable[[], float] = time.monotonic, max_callers: int = MAX_CALLERS) -> None:
        self._read_clock = read_clock
        self._max_callers = max_callers
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """How many callers are known."""
        return len(self._calls)

    def admit(self, caller: str, limit: int) -> Excess | None:
        """Count a call, unless it is one too many; a ``limit`` of 0 is none."""
        if limit == 0:
            return None
        now = self._read_clock()
        calls = self._calls.get(caller)
        if calls is None:
            calls = self._begin(caller, now)
        self._calls.move_to_end(caller)
        while calls and calls[0] <= now - WINDOW_S:
            calls.popleft()
        if len(calls) >= limit:
            # When the limit was lowered, more than one call must leave the window.
            frees_at = calls[len(calls) - limit] + WINDOW_S
            return Excess(limit, max(1, -int(-(frees_at - now) // 1)))
        calls.append(now)
        return None

    def _begin(self, caller: str, now: float) -> deque[float]:
        while self._calls and (len(self._calls) >= self._max_callers or self._is_quiet(now)):
            self._calls.popitem(last=False)
        return self._calls.setdefault(caller, deque())

    def _is_quiet(self, now: float) -> bool:
        """Whether the caller that called least recently has not for a window."""
        calls = next(iter(self._calls.values()))
        return not calls or calls[-1] <= now - WINDOW_S


def name_address(host: str | None) -> str:
    """What calls without a key are counted by: an IPv4 address, the network of an IPv6 one; all unknown together."""
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> _NETWORK_BITS << _NETWORK_BITS))
