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
    """A person puts a bundle in force in place of the one ``before``; with ``is_rollback``, the one that was before it.

    Made by `plan`.
    """

    registry: Registry
    bundle_id: str
    before: str | None
    actor: str
    at: datetime
    reason: str | None
    is_rollback: bool


def plan(registry: Registry, bundle_id: str | None, actor: str, at: datetime, reason: str | None) -> Promotion:
    """What is to be put in force: a bundle, or with no ``bundle_id`` the one that was in force before.

    Raises
    ------
    BundleError
        There is none to go back to.
    """
    before = registry.champion_id()
    if bundle_id is None:
        return Promotion(registry, registry.previous_id(), before, actor, at, reason, is_rollback=True)
    return Promotion(registry, bundle_id, before, actor, at, reason, is_rollback=False)


def promote_all(transaction: Transaction, promotions: Sequence[Promotion]) -> list[str | BundleError]:
    """The bundle in force after each; the error, which the writer raises, where nothing was changed."""
    return [_promote(transaction, promotion) for promotion in promotions]


def _promote(transaction: Transaction, asked: Promotion) -> str | BundleError:
    try:
        # A writer tries again what was not committed; the pointer has moved then, and must not move once more.
        if asked.registry.champion_id() != asked.bundle_id:
            if asked.is_rollback:
                asked.registry.rollback()
            else:
                asked.registry.promote(asked.bundle_id)
        bundle_id = asked.registry.champion_id()
    except BundleError as error:
        return error
    kind = ROLLED_BACK if asked.is_rollback else PROMOTED
    content = {"before": asked.before, "reason": asked.reason}
    transaction.record(Entry(kind, asked.at, asked.actor, bundle=bundle_id, content=content))
    return bundle_id or asked.bundle_id
