import sqlite3

import pytest
from sqlalchemy import text

from service.engine import open_engine, reading, writing
from service.errors import StoreError, StoreUnavailableError


@pytest.fixture
def store(tmp_path):
    return tmp_path / "deep" / "store.db"


@pytest.fixture
def engine(store):
    engine = open_engine(f"sqlite:///{store}")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    yield engine
    engine.dispose()


def test_a_commit_is_on_the_disk_when_it_returns(engine):
    with reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_failed_transaction_leaves_nothing(engine):
    def write_and_fail():
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0


def test_a_file_that_vanished_is_not_made_anew(engine, store):
    store.unlink()
    with pytest.raises(StoreUnavailableError), writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    assert not store.exists()


def test_a_file_put_in_its_place_is_the_store_from_then_on(engine, store):
    with sqlite3.connect(store.with_name("other.db")) as other:
        other.execute("CREATE TABLE t (n INTEGER)")
        other.execute("INSERT INTO t VALUES (7)")
    other.close()
    for journal in ("-wal", "-shm"):
        store.with_name(store.name + journal).unlink(missing_ok=True)
    store.with_name("other.db").rename(store)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT n FROM t")).scalar() == 7


def test_a_file_that_is_no_store_is_unavailable_and_not_a_defect(tmp_path):
    (tmp_path / "store.db").write_bytes(b"bukan basis data " * 500)
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with pytest.raises(StoreUnavailableError, match="not a database"), reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()


@pytest.mark.parametrize("address", ["sqlite:///", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(address):
    with pytest.raises(StoreError, match="memory"):
        open_engine(address)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder you may write"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


def test_messages_hold_no_values_of_statements(engine):
    with pytest.raises(Exception, match="no column named m") as failed, writing(engine) as connection:
        connection.execute(text("INSERT INTO t (m) VALUES (:secret)"), {"secret": "rahasia"})
    assert "rahasia" not in str(failed.value)
