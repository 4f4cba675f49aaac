from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, bindparam, insert, select, text

from service import migrating
from service.cases.counting import Share
from service.cases.sheets import code_length, code_stratum
from service.cases.summing import Change
from service.engine import open_engine, reading, writing
from service.errors import StoreError
from service.migrating import REVISION, migrate, read_revision
from service.tables import cell_bundle, cell_stratum, cursor, feedback, identity, metadata, sheet_length, sheet_mix
from service.tables.base import Instant


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield engine
    engine.dispose()


def test_an_empty_store_gets_exactly_the_tables_of_the_code(engine):
    assert read_revision(engine) is None
    migrate(engine)
    assert read_revision(engine) == REVISION
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine):
    migrate(engine)
    migrate(engine)
    assert read_revision(engine) == REVISION


def test_the_revision_of_the_code_is_the_head_of_the_steps():
    config = Config()
    config.set_main_option("script_location", str(migrating._SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_store_of_a_newer_pilah_is_refused(engine):
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Pilah"):
        migrate(engine)


def test_a_step_that_fails_leaves_no_half_store(engine):
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE identity (x INTEGER)"))
    with pytest.raises(StoreError, match="already exists"):
        migrate(engine)
    with reading(engine) as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    assert tables == ["identity"]


def test_reports_of_the_first_store_are_kept_and_accusations_shut_away(engine):
    _upgrade_to(engine, "0001")
    with writing(engine) as connection:
        for number, kind in enumerate(["pengaduan", "pengaduan-pengawasan", None]):
            connection.execute(
                text(
                    "INSERT INTO feedback (id, key_id, received_at, stored_at, state, attachments, text, kind) VALUES "
                    "(:id, 'k', '2026-01-01 00:00:00', '2026-01-02 00:00:00', 'baru', '[]', 'isi', :kind)"
                ),
                {"id": str(number), "kind": kind},
            )
    migrate(engine)
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT id, restriction, changed_at, text FROM feedback ORDER BY id")).all()
    assert [tuple(row)[:2] for row in rows] == [("0", None), ("1", "oversight"), ("2", "oversight")]
    assert {(str(row.changed_at)[:10], row.text) for row in rows} == {("2026-01-02", "isi")}


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("revision", [f"{number:04}" for number in range(1, int(REVISION))])
def test_a_store_of_each_earlier_pilah_keeps_its_rows_and_gets_the_tables_of_the_code(
    request, tmp_path, store, revision
):
    address = f"sqlite:///{tmp_path / 'old.db'}" if store == "sqlite" else request.getfixturevalue("address")
    engine = open_engine(address)
    _upgrade_to(engine, revision)
    with writing(engine) as connection:
        values = {"id": "1", "at": datetime(2026, 1, 1, tzinfo=UTC)}
        row = text(
            "INSERT INTO feedback (id, key_id, received_at, stored_at, state, attachments, text) "
            "VALUES (:id, 'k', :at, :at, 'baru', '[]', 'isi')"
        )
        connection.execute(row.bindparams(bindparam("at", type_=Instant)), values)
        connection.execute(text("INSERT INTO identity VALUES ('n', '1', 'd')"))
    migrate(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        query = select(feedback.c.text, feedback.c.received_at, identity.c.body_digest).select_from(
            feedback.join(identity)
        )
        assert [tuple(found) for found in connection.execute(query)] == [("isi", values["at"], "d")]
    engine.dispose()


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_lengths_and_the_mix_of_cases_of_an_earlier_pilah_become_sheets(request, tmp_path, store):
    address = f"sqlite:///{tmp_path / 'old.db'}" if store == "sqlite" else request.getfixturevalue("address")
    engine = open_engine(address)
    _upgrade_to(engine, "0005")
    month, change = date(2026, 3, 1), Change()
    with writing(engine) as connection:
        old = MetaData()
        old.reflect(connection, only=["cell_length", "cell_mix"])
        for kind, topic, agency, n in (
            ("pengaduan", "sampah", "rsud", 3),
            ("aspirasi", "", "rsud", 2),
            ("", "", "", 1),
        ):
            counts = {"n": n, "n_given_back": 1, "n_judged": n, "n_kept": 0}
            words = {"kind": kind, "topic": topic, "urgency": "rendah"}
            row = {"month": month, **words, "agency": agency, "restriction": "", **counts}
            connection.execute(insert(old.tables["cell_mix"]), row)
            code = code_stratum(*words.values())
            change.add([Share("cell_stratum", (code, *words.values()), (n + n,))])
            change.add([Share("sheet_mix", (month, agency, "", code), tuple(counts.values()))])
        for part, end, told, days in (
            ("stint", "answered", 3, 3),
            ("stint", "open", 65, 65),
            ("handling", "", 70, 66),
            ("answer", "erased", 995, 1500),
        ):
            row = {"scope": "all", "part": part, "kind": "", "month": month, "key": "", "end": end, "days": told}
            connection.execute(insert(old.tables["cell_length"]), {**row, "restriction": "admin", "n": 4})
            line = ("all", "", month, "", "admin", code_length(part, end, days))
            change.add([Share("sheet_length", line, (4,))])
    _upgrade_to(engine, "0006")
    with reading(engine) as connection:
        for table in (cell_stratum, sheet_mix, sheet_length):
            rows = [tuple(row) for row in connection.execute(select(table))]
            assert sorted(rows) == sorted(change.list_rows(table)), table.name
    engine.dispose()


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_figures_of_an_earlier_pilah_are_derived_anew(request, tmp_path, store):
    address = f"sqlite:///{tmp_path / 'old.db'}" if store == "sqlite" else request.getfixturevalue("address")
    engine = open_engine(address)
    _upgrade_to(engine, "0009")
    with writing(engine) as connection:
        bundle = {"day": date(2026, 3, 1), "bundle": "b", "restriction": "", "n": 3}
        connection.execute(insert(cell_bundle), bundle)
        connection.execute(insert(cursor), [{"name": name, "chain": "a", "number": 7} for name in ("cases", "outbox")])
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(select(cell_bundle)).all() == []
        assert connection.execute(select(cursor.c.name)).scalars().all() == ["outbox"]
    engine.dispose()


def _upgrade_to(engine, revision):
    config = Config()
    config.set_main_option("script_location", str(migrating._SCRIPTS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
