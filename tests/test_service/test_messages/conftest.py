"""A receiver of webhooks on a real socket, a service whose chores run when a test says so, and its store."""

import json
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, update

from service import chores, tables
from service.ledger.entries import Entry
from service.messages.delivering import Deliverer
from service.messages.mail import Postman
from service.messages.outbox import Dispatch, Outbox
from service.messages.sending import Sender

LOOPBACK = "127.0.0.0/8"
LAMP = "Mohon lampu jalan di Talawi diperbaiki, hubungi 0812-3456-7890."
FIRE = "Ada kebakaran di pasar Talawi sekarang juga"
BRIBE = "Ada pungli di kantor camat"
FIRE_AND_BRIBE = "Ada kebakaran di pasar, dan pungli petugas"


class Receiver:
    """Keeps what it was sent and answers as it is told; 204 when it is told nothing."""

    def __init__(self):
        self.requests, self.answers = [], []
        self.release, self.arrived = threading.Event(), threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.arrived.set()
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                if status == "stall":
                    receiver.release.wait(30)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/pilah?token=rahasia-alamat"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self._thread.start()

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.requests]

    @property
    def types(self):
        return [body["type"] for body in self.bodies]

    def close(self):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def start_receiver():
    """Receivers beyond the first."""
    started = []

    def start():
        started.append(Receiver())
        return started[-1]

    yield start
    for receiver in started:
        receiver.close()


class Desk:
    """The chores of one service, done by hand."""

    def __init__(self, client):
        self.client, self.context = client, client.context
        settings = self.context.settings
        self.sender = Sender(settings.listed_hosts)
        self.postman = Postman(settings.mail_server)
        self.has_mail = settings.mail_server is not None and bool(settings.emergency_recipients)

    def do(self, awaitable):
        return self.client.loop.run_until_complete(awaitable)

    def derive(self):
        async def derive():
            for derivation in (Outbox(), Dispatch(self.has_mail)):
                while await chores._derive(self.context, derivation):
                    pass

        self.do(derive())

    def work_off(self):
        """Derive what is behind and try what is due, until nothing is."""
        self.derive()

        async def deliver():
            deliverer = Deliverer(self.context, self.sender, self.postman)
            while await deliverer.run():
                await deliverer.wait()

        self.do(deliver())

    def make_due(self):
        self.write(update(tables.delivery).where(tables.delivery.c.state == "waiting").values(next_at=_past()))

    def write(self, statement):
        self.do(self.context.writer.write(_execute, statement))

    def record(self, *entries):
        self.do(self.context.writer.write(_record, entries))

    def rows(self, table, *conditions):
        query = select(table).where(*conditions)
        return self.do(self.context.reader.read(partial(_fetch, query)))

    def subscribe(self, url, **more):
        answer = self.client.post("/v1/webhooks", {"url": url, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()


def _past():
    return datetime.now(UTC) - timedelta(seconds=1)


def _execute(transaction, statements):
    return [transaction.connection.execute(statement).rowcount for statement in statements]


def _record(transaction, jobs):
    return [transaction.record(*entries) for entries in jobs]


def _fetch(query, connection):
    return [dict(row) for row in connection.execute(query).mappings()]


def change_report(desk, feedback_id, type_="event.diproses", **values):
    """What happens to a report, as handling it would write it down."""
    now = datetime.now(UTC)
    desk.write(update(tables.feedback).where(tables.feedback.c.id == feedback_id).values(changed_at=now, **values))
    desk.record(Entry(type_, now, "account:petugas", feedback_id=feedback_id))


@pytest.fixture(scope="session")
def change():
    return change_report


@pytest.fixture(scope="session")
def texts():
    """Reports by what they are."""
    return {"lamp": LAMP, "fire": FIRE, "bribe": BRIBE, "both": FIRE_AND_BRIBE}


@pytest.fixture
def start_desk(settings, run_service, monkeypatch):
    """Desks of services with settings of their own."""
    monkeypatch.setattr("service.app.list_chores", lambda *_: [])
    running = []

    def start(**values):
        service = run_service(settings.changed(webhook_hosts=LOOPBACK, **values))
        client = service.__enter__()
        running.append(service)
        return Desk(client)

    yield start
    for service in reversed(running):
        service.__exit__(None, None, None)


@pytest.fixture
def desk(start_desk):
    return start_desk()
