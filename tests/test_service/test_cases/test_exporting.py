import json
import stat
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from pilah.app import app
from service import tables
from service.cases.exporting import MEMBERS, Span, export_cases
from service.cases.summing import CELLS, SHEETS
from service.engine import open_engine, reading, writing
from service.migrating import migrate
from service.statistics.marks import MarkOrder, enter_marks
from service.workbench import read_cases
from service.writer import recording

from .conftest import START, City

EVERYTHING = Span(with_restricted=True)
OFFICER = "account:1"


def ignore(_):
    """Nobody watches."""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}"


@pytest.fixture(scope="module")
def city(url):
    """A city in which much happened and nothing is counted yet, with a mark, a day off, and an audit of two topics."""
    engine = open_engine(url)
    migrate(engine)
    city = City(engine, 3)
    for _ in range(150):
        city.act()
    order = MarkOrder(
        date(2026, 3, 20), None, "Regu baru", "kebijakan", "dinas-pupr", None, None, "sampah", "account:1", city.now
    )
    with recording(engine, city.now) as transaction:
        enter_marks(transaction, [order])
        for place, (feedback_id, value) in enumerate(zip(city.ids[:2], ("sampah", "jalan-rusak"), strict=True)):
            own = {"feedback_id": feedback_id, "head": "topic"}
            drawn = {"quarter": "2026-Q1", "stratum": "all", "probability": 0.25, "drawn_at": START}
            transaction.connection.execute(insert(tables.audit_draw).values(**own, **drawn))
            for later, found in enumerate((value, "penerangan-jalan")):
                said = {"basis": "correction", "is_blind": True, "actor": "a", "at": START + timedelta(days=later)}
                transaction.connection.execute(
                    insert(tables.label).values(**own, **said, id=f"{place} {later}", value=found, previous="sampah")
                )
    yield city
    engine.dispose()


def read_rows(connection):
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table))) for table in (*CELLS, *SHEETS)
    }


def test_a_notebook_counts_of_an_export_what_the_service_counts(city, tmp_path):
    path = tmp_path / "cases.zip"
    export_cases(city.engine, path, EVERYTHING, city.now, ignore)
    with reading(city.engine) as connection, read_cases(path).connect() as in_memory:
        counted = read_rows(connection)
        assert read_rows(in_memory) == counted
        assert all(counted.values())


def test_an_export_holds_no_text_id_person_or_instant_of_a_report(city, tmp_path):
    with writing(city.engine) as connection:
        named = tables.feedback_case.c.district == "13.73.04"
        connection.execute(update(tables.feedback_case).where(named).values(district="rumah rahasia"))
        connection.execute(update(tables.feedback).values(text="rahasia", title="rahasia", address="Jl. Rahasia"))
        ids = connection.execute(select(tables.feedback.c.id)).scalars().all()
        digests = connection.execute(select(tables.feedback.c.reporter_digest)).scalars().all()
    path = tmp_path / "cases.zip"
    export_cases(city.engine, path, EVERYTHING, city.now, ignore)
    with writing(city.engine) as connection:
        said = tables.feedback_case.c.district == "rumah rahasia"
        connection.execute(update(tables.feedback_case).where(said).values(district="13.73.04"))
    with zipfile.ZipFile(path) as archive:
        written = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(written) == {"about.json", *(f"{name}.csv" for name in MEMBERS)}
    assert ",lain," in written["cases.csv"]
    for name, text in written.items():
        assert not [secret for secret in (*ids, *filter(None, digests), "ahasia", OFFICER) if secret in text], name
        assert name == "about.json" or "T0" not in text, name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_restricted_cases_are_left_out_and_counted_unless_asked_for(city, tmp_path):
    export_cases(city.engine, tmp_path / "counted.zip", EVERYTHING, city.now, ignore)
    with reading(city.engine) as connection:
        restriction = tables.feedback_case.c.restriction
        n_restricted = connection.execute(select(func.count()).where(restriction != "")).scalar_one()
        n_open = connection.execute(select(func.count()).where(restriction == "")).scalar_one()
    done = export_cases(city.engine, tmp_path / "open.zip", Span(), city.now, ignore)
    assert (done.n_cases, done.n_restricted) == (n_open, n_restricted)
    assert n_restricted > 3
    assert set(read_cases(tmp_path / "open.zip").cases["restriction"]) == {""}
    done = export_cases(city.engine, tmp_path / "all.zip", EVERYTHING, city.now, ignore)
    assert (done.n_cases, done.n_restricted) == (n_open + n_restricted, 0)


def test_only_the_days_asked_for_are_in_it_and_the_ledger_says_so(city, tmp_path):
    span = Span(date(2026, 3, 10), date(2026, 6, 1))
    done = export_cases(city.engine, tmp_path / "spring.zip", span, city.now, ignore)
    days = read_cases(tmp_path / "spring.zip").cases["day"].dt.date
    assert len(days) == done.n_cases > 3
    assert (days.min() >= span.since, days.max() < span.until) == (True, True)
    with reading(city.engine) as connection:
        ledger = tables.ledger.c
        exported = select(ledger.content).where(ledger.type == "store.exported").order_by(ledger.number.desc())
        content = connection.execute(exported).scalars().first()
    assert json.loads(content) == {
        "format": "cases",
        "rows": done.n_cases,
        "since": "2026-03-10",
        "until": "2026-06-01",
        "with_restricted": False,
    }


def test_the_same_store_gives_the_same_bytes_and_the_first_blind_label_counts(city, tmp_path):
    for name in ("one.zip", "two.zip"):
        export_cases(city.engine, tmp_path / name, EVERYTHING, city.now, ignore)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sorted(read_cases(tmp_path / "one.zip").audits["found"]) == ["jalan-rusak", "sampah"]


@pytest.mark.usefixtures("city")
def test_one_command_writes_cases_and_nothing_else_goes_with_it(url, tmp_path):
    def run(*options):
        return CliRunner().invoke(app, ["export", "--cases", "--database-url", url, *map(str, options)])

    path = tmp_path / "cases.zip"
    done = run("--output", path, "--since", "2026-03-10", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cases"] == len(read_cases(path).cases)
    assert run("--output", path, "--labels").exit_code == 2
    assert run("--output", tmp_path / "cases.csv").exit_code == 2
