"""One look at whether the service works, shared by all who ask within a second; what is looked at is given.

A look that went well writes to the disk, so that whoever may ask must not make it happen as often as they like.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

MAX_AGE_S: Final = 1.0
OK: Final = "ok"

Checks = Mapping[str, str]


class Probe:
    """The last look, and whether it still counts."""

    def __init__(self, read_clock: Callable[[], float] = time.monotonic) -> None:
        self._read_clock = read_clock
        self._found: Checks = {}
        self._ended_at = float("-inf")
        self._looking = asyncio.Lock()

    async def look(self, find: Callable[[], Awaitable[Checks]]) -> Checks:
        """What each check found, at most a second ago; who waits together looks once.

        What failed is looked at anew by the next who asks, so that a service that works again is known at once.
        """
        asked_at = self._read_clock()
        async with self._looking:
            if self._ended_at < asked_at and not self._is_recent(asked_at):
                self._found = await find()
                self._ended_at = self._read_clock()
            return self._found

    def _is_recent(self, now: float) -> bool:
        return set(self._found.values()) == {OK} and self._ended_at > now - MAX_AGE_S
