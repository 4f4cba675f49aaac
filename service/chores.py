"""The chores of a service: what is derived from the ledger, kept up with it."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from service.background import Chore
from service.context import Context
from service.handling.incidents import Incidents
from service.ledger.deriving import Derivation, derive
from service.writer import Transaction

# A change shows in what is derived within two seconds (DESIGN 4.6).
DERIVING_PAUSE_S: Final = 0.5
# In the order of their tables: a rebuild goes through them one by one.
DERIVATIONS: Final[tuple[Derivation, ...]] = (Incidents(),)


def list_chores(context: Context, derivations: Iterable[Derivation]) -> list[Chore]:
    """All chores of a service."""
    return [
        Chore(f"derive {derivation.name}", DERIVING_PAUSE_S, partial(_derive, context, derivation))
        for derivation in derivations
    ]


async def _derive(context: Context, derivation: Derivation) -> bool:
    return await context.writer.write(_derive_next, derivation) > 0


def _derive_next(transaction: Transaction, derivations: Sequence[Derivation]) -> list[int]:
    return [derive(transaction.connection, derivation) for derivation in derivations]
