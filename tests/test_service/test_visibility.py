from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from service.callers import Caller
from service.engine import open_engine, reading, writing
from service.migrating import migrate
from service.tables import feedback
from service.visibility import visible_to

NOW = datetime(2026, 11, 24, tzinfo=UTC)
# id: key that sent it, agency, restriction, whether it lies at the agency
ROWS = {
    "road": ("app", "dinas-pupr", None, True),
    "school": ("app", "dinas-pendidikan", None, True),
    "bribe": ("app", "dinas-pupr", "oversight", True),
    "inside": ("app", "inspektorat", "admin", True),
    "other": ("another", "dinas-pupr", None, True),
    "proposed": ("another", "dinas-pupr", None, False),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    migrate(engine)
    with writing(engine) as connection:
        for name, (key, agency, restriction, is_at_agency) in ROWS.items():
            connection.execute(
                insert(feedback).values(
                    id=name,
                    key_id=key,
                    agency=agency,
                    restriction=restriction,
                    is_at_agency=is_at_agency,
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
        ("triage", None, "account", "road school other proposed"),
        ("analyse", None, "account", "road school other proposed"),
        ("audit", None, "account", "road school other proposed"),
        ("triage oversight", None, "account", "road school bribe other proposed"),
        ("oversight", None, "account", ""),
        ("admin", None, "account", "road school bribe inside other proposed"),
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
