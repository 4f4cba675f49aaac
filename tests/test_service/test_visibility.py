from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from service.callers import Caller
from service.engine import open_engine, reading, writing
from service.migrating import migrate
from service.tables import feedback
from service.visibility import visible_to

NOW = datetime(2026, 11, 24, tzinfo=UTC)
# id: key that sent it, agency, restriction
ROWS = {
    "road": ("app", "dinas-pupr", None),
    "school": ("app", "dinas-pendidikan", None),
    "bribe": ("app", "dinas-pupr", "oversight"),
    "inside": ("app", "inspektorat", "admin"),
    "other": ("another", "dinas-pupr", None),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    migrate(engine)
    with writing(engine) as connection:
        for name, (key, agency, restriction) in ROWS.items():
            connection.execute(
                insert(feedback).values(
                    id=name,
                    key_id=key,
                    agency=agency,
                    restriction=restriction,
                    received_at=NOW,
                    stored_at=NOW,
                    state="baru",
                    attachments="[]",
                    text="x",
                )
            )
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("scopes", "agency", "type_", "seen"),
    [
        ("ingest", None, "key", "road school bribe inside"),
        ("ingest oversight", None, "key", "road school bribe inside"),
        ("triage", None, "account", "road school other"),
        ("analyse", None, "account", "road school other"),
        ("audit", None, "account", "road school other"),
        ("triage oversight", None, "account", "road school bribe other"),
        ("oversight", None, "account", ""),
        ("admin", None, "account", "road school bribe inside other"),
        ("triage", "dinas-pupr", "account", "road other"),
        ("triage oversight", "dinas-pupr", "account", "road other"),
        ("triage", "inspektorat", "account", ""),
    ],
)
def test_a_caller_sees_what_it_may_see_and_nothing_else(engine, scopes, agency, type_, seen):
    caller = Caller("app" if type_ == "key" else "someone", type_, "test", frozenset(scopes.split()), agency)
    with reading(engine) as connection:
        found = set(connection.execute(select(feedback.c.id).where(visible_to(caller))).scalars())
    assert found == set(seen.split())
