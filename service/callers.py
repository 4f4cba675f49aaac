"""Who calls: a key of a program or an account of a person, with what it may do.

Scopes are given to keys one by one and to people by their role. Which reports a caller sees is `service.visibility`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Scope = Literal["classify", "ingest", "triage", "oversight", "analyse", "audit", "admin"]
SCOPES: Final = ("classify", "ingest", "triage", "oversight", "analyse", "audit", "admin")
# A liaison is a triage officer of one agency: it reads and moves that agency's reports only.
SCOPES_OF_ROLE: Final[Mapping[str, tuple[str, ...]]] = {
    "admin": ("admin",),
    "triage": ("classify", "triage"),
    "liaison": ("triage",),
    "analyst": ("classify", "analyse"),
    "auditor": ("audit",),
}
LIAISON: Final = "liaison"
LOGIN_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]$"
MAX_RATE: Final = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A key or an account that is valid now; ``agency`` is the only one whose reports it works on, None for all."""

    id: str
    type: Literal["key", "account"]
    name: str
    scopes: frozenset[str]
    agency: str | None = None

    @property
    def actor(self) -> str:
        """How the ledger names it."""
        return f"{self.type}:{self.id}"

    def allows(self, *scopes: str) -> bool:
        """Whether it has one of the scopes; ``admin`` has all."""
        return "admin" in self.scopes or not self.scopes.isdisjoint(scopes)
