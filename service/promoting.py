"""Puts bundles in force and back, with an entry of the ledger: who, which, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from model.compared import Compared, require_comparison
from model.errors import BundleCorruptError, BundleError, PromotionRefusedError
from model.prediction import JsonValue
from model.registry import Registry
from service.ledger.entries import Entry
from service.writer import Transaction

PROMOTED: Final = "model.promoted"
ROLLED_BACK: Final = "model.rolled_back"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A person puts a bundle in force in place of the one ``before``; with ``is_rollback``, the one that was before it.

    ``compared`` is the comparison that allows it; None where none is needed, or a person forced it. Made by `plan`.
    """

    registry: Registry
    bundle_id: str
    before: str | None
    actor: str
    at: datetime
    reason: str | None
    is_rollback: bool
    is_forced: bool = False
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a bundle may be put in force: the file of a comparison, None for the one the home keeps, or by force."""

    comparison: Path | None = None
    is_forced: bool = False


def plan(
    registry: Registry,
    bundle_id: str | None,
    actor: str,
    at: datetime,
    reason: str | None,
    grounds: Grounds | None = None,
) -> Promotion:
    """What is to be put in force: a bundle, or with no ``bundle_id`` the one that was in force before.

    Raises
    ------
    BundleError
        There is none to go back to; or the bundle is not allowed by a comparison with the one in force, nor forced
        with a reason.
    """
    grounds = grounds or Grounds()
    if grounds.is_forced and not (reason and reason.strip()):
        raise PromotionRefusedError("A promotion is forced without a reason; say why, it goes to the ledger.")
    before = _find_champion(registry)
    if bundle_id is None:
        return Promotion(registry, registry.previous_id(), before, actor, at, reason, is_rollback=True)
    compared = None if grounds.is_forced else require_comparison(registry, bundle_id, grounds.comparison)
    return Promotion(registry, bundle_id, before, actor, at, reason, False, grounds.is_forced, compared)


def promote_all(transaction: Transaction, promotions: Sequence[Promotion]) -> list[str | BundleError]:
    """The bundle in force after each; the error, which the writer raises, where nothing was changed."""
    return [_promote(transaction, promotion) for promotion in promotions]


def _promote(transaction: Transaction, asked: Promotion) -> str | BundleError:
    try:
        # A writer tries again what was not committed; the pointer has moved then, and must not move once more.
        if _find_champion(asked.registry) != asked.bundle_id:
            if asked.is_rollback:
                asked.registry.rollback()
            else:
                _refuse_overtaken(asked)
                asked.registry.promote(asked.bundle_id)
        bundle_id = asked.registry.champion_id()
    except BundleError as error:
        return error
    kind = ROLLED_BACK if asked.is_rollback else PROMOTED
    transaction.record(Entry(kind, asked.at, asked.actor, bundle=bundle_id, content=_describe(asked)))
    return bundle_id or asked.bundle_id


def _describe(asked: Promotion) -> dict[str, JsonValue]:
    """What the ledger keeps beside the bundle; of a comparison the SHA-256 of the file of rows."""
    content: dict[str, JsonValue] = {"before": asked.before, "reason": asked.reason}
    if asked.is_rollback:
        return content
    rows_digest = None if asked.compared is None else asked.compared.rows_digest
    return {**content, "forced": asked.is_forced, "compared_on": rows_digest}


def _refuse_overtaken(asked: Promotion) -> None:
    """Refuse what was compared with a bundle that is no longer in force."""
    champion = _find_champion(asked.registry)
    if not asked.is_forced and champion != asked.before:
        raise PromotionRefusedError(
            f"{champion} was put in force meanwhile; compare {asked.bundle_id} with it: pilah compare {champion} "
            f"{asked.bundle_id} --data LATER_ROWS.csv"
        )


def _find_champion(registry: Registry) -> str | None:
    """The bundle in force; None too where the pointer cannot be read, which a promotion mends."""
    try:
        return registry.champion_id()
    except BundleCorruptError:
        return None
