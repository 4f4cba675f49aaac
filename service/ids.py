"""Ids that grow with time: UUID version 7 (RFC 9562), 48 bits of milliseconds and 74 bits of chance."""

import secrets
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(now: datetime) -> str:
    """A new id for something made at ``now`` (aware)."""
    milliseconds = int(now.timestamp() * 1000) << 80
    chance = secrets.randbits(12) << 64 | secrets.randbits(62)
    return str(UUID(int=milliseconds | _VERSION_7 | _VARIANT | chance))
