"""Deletes bundles nobody needs any more: never one in force or on the way there, nor one that the record refers to.

Each is first put aside in one step, looked at once more, entered in the ledger and only then deleted. Killed on the way
it is finished, or brought back, by the next one.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, select

from model.bundle import MANIFEST
from model.compared import Compared, kept_path
from model.errors import PromotionRefusedError
from model.registry import Registry
from service import tables
from service.engine import snapshot
from service.ledger.entries import SYSTEM, Entry
from service.promoting import PROMOTED, ROLLED_BACK
from service.settings import Settings
from service.writer import recording

PRUNED: Final = "model.pruned"
CHAMPION: Final = "in force"
BEFORE: Final = "in force before: a rollback goes to it"
NAMED: Final = "named by PILAH_BUNDLE"
CHALLENGER: Final = "allowed to be put in force by a comparison with the one in force"
RECORDED: Final = "the record refers to it: reports it tagged, or that it was in force"
UNDECIDED: Final = "nothing is in force yet, so that any may be"
YOUNG: Final = "younger than {n} days: it may still be compared"


@dataclass(frozen=True, slots=True)
class Looked:
    """A bundle, how much disk it takes, and why it is kept; empty where nothing needs it."""

    bundle_id: str
    n_bytes: int
    why: str


def look(engine: Engine, settings: Settings, registry: Registry, now: datetime, n_days: int) -> list[Looked]:
    """Every bundle of a registry with why it is kept, those that an earlier pruning left aside too.

    Raises
    ------
    BundleCorruptError
        The pointer cannot be read: then nobody knows which one is in force.
    """
    ids = sorted({*registry.list_ids(), *registry.list_aside()})
    with snapshot(engine) as connection:
        recorded = find_recorded(connection, ids)
    return [
        Looked(name, registry.count_bytes(name), _say_why(settings, registry, name, recorded, now, n_days))
        for name in ids
    ]


def prune(engine: Engine, settings: Settings, registry: Registry, now: datetime, n_days: int) -> list[Looked]:
    """Delete what `look` finds no reason to keep; what was deleted.

    Raises
    ------
    BundleCorruptError
        As `look`; nothing was deleted.
    """
    wanted = [one for one in look(engine, settings, registry, now, n_days) if not one.why]
    for one in wanted:
        registry.put_aside(one.bundle_id)
    # A promotion, or a service that began to answer with one, may have come in between.
    still = {one.bundle_id: one.why for one in look(engine, settings, registry, now, n_days)}
    aside = registry.list_aside()
    for name in aside:
        if still[name]:
            registry.bring_back(name)
    gone = [one for one in wanted if one.bundle_id in aside and not still[one.bundle_id]]
    with recording(engine, now) as transaction:
        transaction.record(*(_describe(one, now) for one in gone))
    for one in gone:
        registry.discard(one.bundle_id)
        kept_path(registry, one.bundle_id).unlink(missing_ok=True)
    return gone


def find_recorded(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of some bundles that entries of the ledger or stored predictions name."""
    ledger, prediction = tables.ledger.c, tables.prediction.c
    of_ledger = select(ledger.bundle).where(ledger.bundle.in_(ids), ledger.type != PRUNED).distinct()
    of_reports = select(prediction.bundle).where(prediction.bundle.in_(ids)).distinct()
    found = {*connection.execute(of_ledger).scalars(), *connection.execute(of_reports).scalars()}
    promotions = select(ledger.content).where(ledger.type.in_((PROMOTED, ROLLED_BACK)))
    found |= {json.loads(content).get("before") for content in connection.execute(promotions).scalars()}
    return found & set(ids)


def _say_why(
    settings: Settings, registry: Registry, name: str, recorded: Collection[str], now: datetime, n_days: int
) -> str:
    champion, before = registry.champion_id(), registry.list_before()
    reasons = (
        (name == champion, CHAMPION),
        (champion is None, UNDECIDED),
        (name in before[:1], BEFORE),
        (settings.bundle is not None and settings.bundle.name == name, NAMED),
        (name in recorded, RECORDED),
        (_is_challenger(registry, champion, name), CHALLENGER),
        (_is_young(registry, name, now, n_days), YOUNG.format(n=n_days)),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _is_challenger(registry: Registry, champion: str | None, name: str) -> bool:
    path = kept_path(registry, name)
    if not path.is_file():
        return False
    try:
        compared = Compared.read(path)
    except PromotionRefusedError:
        return False
    return compared.is_allowed and (compared.champion, compared.challenger) == (champion, name)


def _is_young(registry: Registry, name: str, now: datetime, n_days: int) -> bool:
    """Whether it was written lately; what an earlier pruning put aside was old enough then."""
    manifest = registry.path_of(name) / MANIFEST
    if not manifest.is_file():
        return False
    return datetime.fromtimestamp(manifest.stat().st_mtime, UTC) > now - timedelta(days=n_days)


def _describe(one: Looked, now: datetime) -> Entry:
    return Entry(PRUNED, now, SYSTEM, bundle=one.bundle_id, content={"bytes": one.n_bytes})
