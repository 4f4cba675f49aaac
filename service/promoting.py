"""Puts bundles in force and back, with an entry of the ledger: who, which, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from model.errors import BundleError
from model.registry import Registry
from service.ledger.entries import Entry
from service.writer import Transaction

PROMOTED: Final = "model.promoted"
ROLLED_BACK: Final = "model.rolled_back"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A person puts a bundle in force, or with no ``bundle_id`` the one that was in force before."""

    registry: Registry
    bundle_id: str | None
    actor: str
    at: datetime
    reason: str | None


def promote_all(transaction: Transaction, promotions: Sequence[Promotion]) -> list[str | BundleError]:
    """The bundle in force after each; the error, which the writer raises, where nothing was changed."""
    return [_promote(transaction, promotion) for promotion in promotions]


def _promote(transaction: Transaction, asked: Promotion) -> str | BundleError:
    before = asked.registry.champion_id()
    try:
        if asked.bundle_id is None:
            bundle_id = asked.registry.rollback()
        else:
            bundle_id = asked.bundle_id
            asked.registry.promote(bundle_id)
    except BundleError as error:
        return error
    kind = PROMOTED if asked.bundle_id is not None else ROLLED_BACK
    content = {"before": before, "reason": asked.reason}
    transaction.record(Entry(kind, asked.at, asked.actor, bundle=bundle_id, content=content))
    return bundle_id
