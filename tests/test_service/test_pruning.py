import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from model.bundle import MANIFEST
from model.compared import kept_path, write_comparison
from model.errors import BundleCorruptError, BundleMissingError
from model.registry import POINTER, Registry
from service import pruning, tables
from service.engine import open_engine, reading, writing
from service.ledger.entries import Entry
from service.migrating import migrate
from service.pruning import look, prune
from service.settings import Settings
from service.writer import recording

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
OLD = (NOW - timedelta(days=90)).timestamp()
NAMES = (
    "aa-before",
    "bb-champion",
    "cc-challenger",
    "dd-tagged",
    "ee-was-in-force",
    "ff-young",
    "gg-old",
    "hh-refused",
)
DELETED = {"gg-old", "hh-refused"}
DAYS = 30


def write_bundle(registry, name):
    """What a registry takes for a bundle; nothing here reads what is in it."""
    registry.path_of(name).mkdir(parents=True)
    (registry.path_of(name) / MANIFEST).write_text(json.dumps({"bundle": name}))
    (registry.path_of(name) / "table.npy").write_bytes(b"0" * 1_000)


@pytest.fixture
def home(tmp_path):
    """A registry with a bundle for each reason to be kept, and two that nobody needs."""
    registry = Registry(tmp_path / "bundles")
    for name in NAMES:
        write_bundle(registry, name)
        written = NOW.timestamp() if name == "ff-young" else OLD
        os.utime(registry.path_of(name) / MANIFEST, (written, written))
    registry.promote("aa-before")
    registry.promote("bb-champion")
    for name, reasons in (("cc-challenger", []), ("hh-refused", ["agency lost"])):
        verdict = {"champion": "bb-champion", "challenger": name, "rows": {"sha256": "0"}, "format": 1}
        write_comparison(kept_path(registry, name), {**verdict, "allowed": not reasons, "reasons": reasons})
    return registry


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    fill(engine)
    yield engine
    engine.dispose()


def fill(engine):
    """One bundle tagged a report, one was in force before the promotion of another."""
    with recording(engine, NOW) as transaction:
        transaction.record(Entry("feedback.received", NOW, "key:1", bundle="dd-tagged"))
        promoted = {"before": "ee-was-in-force", "reason": None}
        transaction.record(Entry("model.promoted", NOW, "system", bundle="bb-champion", content=promoted))


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path, port=0)


def read_pruned(engine):
    with reading(engine) as connection:
        ledger = tables.ledger.c
        rows = connection.execute(select(ledger.bundle, ledger.content).where(ledger.type == "model.pruned"))
        return {bundle: json.loads(content) for bundle, content in rows}


def test_each_bundle_is_kept_for_a_reason_or_needed_by_nobody(engine, settings, home):
    found = {one.bundle_id: one.why for one in look(engine, settings, home, NOW, DAYS)}
    assert found == {
        "aa-before": pruning.BEFORE,
        "bb-champion": pruning.CHAMPION,
        "cc-challenger": pruning.CHALLENGER,
        "dd-tagged": pruning.RECORDED,
        "ee-was-in-force": pruning.RECORDED,
        "ff-young": pruning.YOUNG.format(n=DAYS),
        "gg-old": "",
        "hh-refused": "",
    }
    assert home.list_ids() == NAMES


def test_only_what_nobody_needs_is_deleted_and_the_ledger_says_so(engine, settings, home):
    n_bytes = home.count_bytes("gg-old")
    gone = prune(engine, settings, home, NOW, DAYS)
    assert {one.bundle_id for one in gone} == DELETED
    assert set(home.list_ids()) == set(NAMES) - DELETED
    assert not home.list_aside()
    assert not kept_path(home, "hh-refused").exists()
    assert read_pruned(engine)["gg-old"] == {"bytes": n_bytes}
    assert n_bytes > 100
    assert prune(engine, settings, home, NOW, DAYS) == []
    assert set(read_pruned(engine)) == DELETED
    assert home.rollback() == "aa-before"


def test_a_stored_prediction_keeps_its_bundle_though_no_entry_names_it(engine, settings, home):
    with writing(engine) as connection:
        report = {"id": "1", "key_id": "k", "attachments": "[]", "text": "x", "state": "baru", "is_at_agency": False}
        times = dict.fromkeys(("received_at", "stored_at", "changed_at"), NOW)
        connection.execute(insert(tables.feedback).values(**report, **times))
        made = {"feedback_id": "1", "bundle": "gg-old", "made_at": NOW, "content": "{}"}
        connection.execute(insert(tables.prediction).values(made))
    assert {one.bundle_id for one in prune(engine, settings, home, NOW, DAYS)} == {"hh-refused"}


def test_a_bundle_that_is_named_by_a_setting_is_kept(engine, settings, home):
    named = settings.changed(bundle=home.path_of("gg-old"))
    assert {one.bundle_id for one in prune(engine, named, home, NOW, DAYS)} == {"hh-refused"}


def test_nothing_is_deleted_while_nobody_knows_what_is_in_force(engine, settings, home):
    (home.folder / POINTER).write_text("{")
    with pytest.raises(BundleCorruptError):
        prune(engine, settings, home, NOW, DAYS)
    (home.folder / POINTER).unlink()
    assert prune(engine, settings, home, NOW, DAYS) == []
    assert home.list_ids() == NAMES


def test_one_that_is_promoted_meanwhile_is_brought_back(engine, settings, home, monkeypatch):
    put_aside = Registry.put_aside

    def promote_first(registry, bundle_id):
        if bundle_id == "gg-old":
            registry.promote(bundle_id)
        return put_aside(registry, bundle_id)

    monkeypatch.setattr(Registry, "put_aside", promote_first)
    assert {one.bundle_id for one in prune(engine, settings, home, NOW, DAYS)} == {"hh-refused"}
    assert home.champion_id() == "gg-old"
    assert home.champion_path().is_dir()
    assert set(read_pruned(engine)) == {"hh-refused"}


def test_a_promotion_of_one_that_is_taken_away_meanwhile_changes_nothing(home, monkeypatch):
    replace_pointer = Registry._replace_pointer

    def take_away_first(registry, content):
        if b'"bundle": "gg-old"' in content:
            registry.put_aside("gg-old")
        replace_pointer(registry, content)

    monkeypatch.setattr(Registry, "_replace_pointer", take_away_first)
    with pytest.raises(BundleMissingError, match="meanwhile"):
        home.promote("gg-old")
    assert (home.champion_id(), home.list_before()) == ("bb-champion", ("aa-before",))


@pytest.mark.parametrize("place", ["before the entry", "while deleting"])
def test_killed_on_the_way_it_is_finished_by_the_next(engine, settings, home, monkeypatch, place):
    class KilledError(Exception):
        pass

    def die(*_):
        raise KilledError

    with monkeypatch.context() as patched:
        target = (pruning, "recording") if place == "before the entry" else (Registry, "discard")
        patched.setattr(*target, die)
        with pytest.raises(KilledError):
            prune(engine, settings, home, NOW, DAYS)
    assert not DELETED & set(home.list_ids())
    assert {one.bundle_id for one in prune(engine, settings, home, NOW, DAYS)} == DELETED
    assert not home.list_aside()
    assert set(read_pruned(engine)) == DELETED
    assert home.champion_id() == "bb-champion"


def test_what_was_put_aside_and_is_needed_after_all_comes_back(engine, settings, home):
    home.put_aside("gg-old")
    with recording(engine, NOW) as transaction:
        transaction.record(Entry("model.adopted", NOW, "system", bundle="gg-old"))
    prune(engine, settings, home, NOW, DAYS)
    assert "gg-old" in home.list_ids()
    assert not home.list_aside()


def test_one_that_was_made_anew_is_there_once(home):
    home.put_aside("gg-old")
    write_bundle(home, "gg-old")
    home.bring_back("gg-old")
    assert "gg-old" in home.list_ids()
    assert not home.list_aside()


def test_on_postgresql_the_same_are_deleted(address, settings, home):
    engine = open_engine(address)
    migrate(engine)
    fill(engine)
    assert {one.bundle_id for one in prune(engine, settings, home, NOW, DAYS)} == DELETED
    assert set(read_pruned(engine)) == DELETED
    engine.dispose()
