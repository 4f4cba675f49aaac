import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from service import tables
from service.callers import SCOPES_OF_ROLE
from service.chores import DERIVATIONS
from service.demo.building import build
from service.demo.dating import Order
from service.demo.places import find_home, is_wanted, prepare, remove
from service.demonstration import DEMO_CHAIN, SILENCE
from service.engine import open_engine, reading, writing
from service.errors import StoreError
from service.handling.states import Position, move
from service.ledger.deriving import count_behind, rebuild
from service.ledger.verifying import verify_ledger
from service.settings import Settings

BUNDLE_ID = "5eedab1e00c0ffee"
NOW = datetime.now(UTC).replace(microsecond=0)
SMALL = Order(NOW, seed=1, n_reports=60)
N_REPORTS = 60
N_TYPES = 4
# What a person reads, and not the cursors that say how far it was read.
DERIVED = [
    table
    for table in tables.metadata.sorted_tables
    if table.name.startswith(("incident", "likeness", "message", "cell_", "sheet_", "feedback_case", "stint"))
]


@pytest.fixture(scope="module")
def settings(champion, tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("home") / "home", bundle=champion / BUNDLE_ID, port=0)


@pytest.fixture(scope="module")
def made(settings):
    """A demo of sixty reports, for tests that only look."""
    prepared = prepare(settings)
    build(prepared, SMALL, _quiet, 1)
    return prepared


@pytest.fixture
def fresh(champion, tmp_path):
    return Settings(home=tmp_path / "home", bundle=champion / BUNDLE_ID, port=0)


def test_one_seed_and_instant_give_one_history_however_many_workers_write_it(made, fresh):
    other = prepare(fresh)
    build(other, SMALL, _quiet, 2)
    assert _tell(other) == _tell(made)


def test_the_ledger_of_a_demo_verifies(made):
    with reading(_open(made)) as connection:
        assert not list(verify_ledger(connection))


def test_what_is_derived_is_what_a_rebuild_gives(made):
    with writing(_open(made)) as connection:
        # What the service wrote itself, such as the accounts, it reads when it starts.
        n_own = connection.execute(select(tables.chain.c.number).where(tables.chain.c.id == DEMO_CHAIN)).scalar_one()
        assert {count_behind(connection, derivation.name) for derivation in DERIVATIONS} == {n_own}
        before = {table.name: _read(connection, table) for table in DERIVED}
        for derivation in reversed(DERIVATIONS):
            derivation.reset(connection)
        for derivation in DERIVATIONS:
            rebuild(connection, derivation)
        assert {table.name: _read(connection, table) for table in DERIVED} == before
    assert before["message"]


def test_each_event_follows_from_the_one_before_and_none_lies_ahead(made):
    with reading(_open(made)) as connection:
        columns = tables.event.c
        rows = connection.execute(select(tables.event).order_by(columns.feedback_id, columns.number)).all()
        states = dict(map(tuple, connection.execute(select(tables.feedback.c.id, tables.feedback.c.state))))
    positions = {}
    for row in rows:
        positions[row.feedback_id] = move(positions.get(row.feedback_id, Position(is_alarmed=True)), row.type)
        assert row.at <= NOW
    assert {id_: position.state for id_, position in positions.items()}.items() <= states.items()
    assert len({row.type for row in rows}) > N_TYPES


def test_a_demo_writes_by_the_jobs_of_the_service_alone():
    folder = Path(__file__).resolve().parents[3] / "service" / "demo"
    for path in folder.glob("*.py"):
        taken = {
            name.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
            for name in node.names
        }
        assert taken.isdisjoint({"insert", "update", "delete", "text"}), path.name


def test_a_build_that_dies_leaves_nothing_and_the_next_one_makes_it_anew(fresh):
    prepared = prepare(fresh)

    def die(stage, _share):
        if stage == "putting in":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(prepared, SMALL, die, 1)
    assert not _count(prepared, tables.feedback)
    again = prepare(fresh)
    assert (again.password, again.has_history) == (None, False)
    (again.settings.home / ".draft-killed").mkdir()
    assert build(again, SMALL, _quiet, 1) == N_REPORTS == _count(again, tables.feedback)
    assert not [*again.settings.home.glob(".draft-*")]


def test_no_demo_is_made_beside_reports(fresh, run_service):
    with run_service(fresh) as client:
        assert client.post("/v1/feedback", {"text": "lampu jalan mati"}).status_code == 201
    assert not is_wanted(fresh)
    with pytest.raises(StoreError, match="holds 1 reports: no demo is made beside them"):
        prepare(fresh)
    assert not find_home(fresh).exists()


def test_reports_that_came_meanwhile_keep_the_demo_out(fresh, run_service):
    prepared = prepare(fresh)
    with run_service(prepared.settings) as client:

        def send(stage, _share):
            if stage == "deriving":
                client.post("/v1/feedback", {"text": "lampu jalan mati", "external_id": "mine"})

        with pytest.raises(StoreError, match="has got reports of its own meanwhile"):
            build(prepared, SMALL, send, 1)
        assert client.get("/v1/feedback").json()["feedback"][0]["external_id"] == "mine"
    assert _count(prepared, tables.feedback) == 1


@pytest.mark.usefixtures("made")
def test_a_second_build_is_refused(settings):
    with pytest.raises(StoreError, match="has its history already"):
        build(prepare(settings), SMALL, _quiet, 1)


def test_what_is_removed_leaves_nothing(fresh):
    fresh.home.mkdir()
    before = sorted(fresh.home.rglob("*"))
    prepare(fresh)
    assert is_wanted(fresh)
    assert remove(fresh)
    assert sorted(fresh.home.rglob("*")) == before
    assert not remove(fresh)


def test_a_store_that_is_no_demo_is_neither_made_one_nor_removed(fresh, run_service):
    own = fresh.changed(home=find_home(fresh))
    with run_service(own) as client:
        assert not client.context.is_demo
    for act in (prepare, remove):
        with pytest.raises(StoreError, match="in use and no demo"):
            act(fresh)
    assert (own.home / "pilah.db").exists()


def test_a_store_with_an_account_goes_before_a_demo_left_beside_it(fresh, run_service):
    prepare(fresh)
    assert is_wanted(fresh)
    with run_service(fresh):
        # Nobody has sent a report, but there is a key.
        pass
    assert not is_wanted(fresh)


def test_a_demo_with_reports_that_somebody_sent_is_removed_by_force_only(fresh, run_service):
    prepared = prepare(fresh)
    build(prepared, SMALL, _quiet, 1)
    with run_service(prepared.settings) as client:
        with pytest.raises(StoreError, match="stop it first"):
            remove(fresh, is_forced=True)
        assert client.post("/v1/feedback", {"text": "lampu jalan mati"}).status_code == 201
    with pytest.raises(StoreError, match=r"1 reports that are not made up.*--force"):
        remove(fresh)
    assert _count(prepared, tables.feedback) == N_REPORTS + 1
    assert remove(fresh, is_forced=True)
    assert not prepared.settings.home.exists()


def test_a_store_by_address_gets_no_demo(fresh):
    elsewhere = fresh.changed(database_url="postgresql://pilah@localhost/pilah")
    assert not is_wanted(elsewhere)
    with pytest.raises(StoreError, match="store of their own"):
        prepare(elsewhere)


def test_a_service_on_a_demo_says_so_and_has_an_account_for_each_role(fresh, run_service):
    prepared = prepare(fresh)
    with run_service(prepared.settings) as client:
        assert client.context.is_demo
        assert "Data contoh" in client.get("/masuk").text
        accounts = client.get("/v1/accounts").json()["accounts"]
    assert {account["role"] for account in accounts} == SCOPES_OF_ROLE.keys()
    with reading(_open(prepared)) as connection:
        hashed = connection.execute(select(tables.account.c.password)).scalars().first()
    assert PasswordHasher().verify(hashed, prepared.password)


def test_a_demo_says_at_start_that_nothing_leaves_it(fresh, run_service):
    with run_service(prepare(fresh).settings) as client:
        assert any(line.get("advice") == SILENCE for line in client.log)


def _quiet(_stage, _share):
    pass


def _open(prepared):
    return open_engine(prepared.settings.store_url)


def _count(prepared, table):
    with reading(_open(prepared)) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _read(connection, table):
    return sorted(map(str, connection.execute(select(table))))


def _tell(prepared):
    """All that happened, without the ids that chance gives."""
    feedback, event, label, account = (t.c for t in (tables.feedback, tables.event, tables.label, tables.account))
    columns = (feedback.external_id, feedback.received_at, feedback.state, feedback.agency, feedback.rating)
    happened = (event.feedback_id, event.actor, event.number, event.type, event.at, event.public_reply)
    said = (label.feedback_id, label.actor, label.head, label.value, label.at)
    with reading(_open(prepared)) as connection:
        names = dict(map(tuple, connection.execute(select(feedback.id, feedback.external_id))))
        names |= {f"account:{id_}": login for id_, login in connection.execute(select(account.id, account.login))}
        reports = sorted(map(str, connection.execute(select(*columns))))
        rest = [connection.execute(select(*given)).all() for given in (happened, said)]
    return reports, [sorted((names[row[0]], names[row[1]], *map(str, row[2:])) for row in rows) for rows in rest]
