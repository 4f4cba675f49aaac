from datetime import UTC, datetime

import pytest

from service.engine import open_engine, writing
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def write(engine):
    """Writes entries with these numbers as content, all in one transaction."""

    def write(chain, *numbers, at=NOW):
        with writing(engine) as connection:
            open_chain(connection, chain, at)
            append(connection, chain, [Entry("test", at, "system", content={"n": number}) for number in numbers])

    return write
