"""Tries at real sockets: who is reached, by which name, and what a wrong answer is called."""

import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from service.hosts import HostList, read_hosts
from service.messages.sending import Outcome, Sender, sign

CERTIFICATE = Path(__file__).with_name("hook.pem")
LISTED = read_hosts("127.0.0.0/8,hook.example")


def send(url, listed=LISTED, **options):
    sender = Sender(listed, **{"timeout_s": 5, **options})
    return asyncio.run(sender.send(url, {"webhook-id": "1"}, "{}"))


def resolve_to(*addresses):
    """A resolver that gives each address in turn, as a name does that is rebound."""
    left = list(addresses)

    async def resolve(*_):
        return [left.pop(0)]

    return resolve


class TlsReceiver:
    """Speaks TLS with a certificate of hook.example and notes the names it is called by."""

    def __init__(self):
        self.hosts, self.names = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.hosts.append(self.headers["host"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _, name, __: receiver.names.append(name)
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def tls_receiver():
    receiver = TlsReceiver()
    yield receiver
    receiver.close()


def test_the_pinned_address_is_reached_under_the_name_of_the_host(tls_receiver):
    tls = ssl.create_default_context(cafile=str(CERTIFICATE))
    resolve = resolve_to("127.0.0.1")
    assert send(f"https://hook.example:{tls_receiver.port}/", resolve=resolve, tls=tls) == Outcome(204)
    assert tls_receiver.hosts == [f"hook.example:{tls_receiver.port}"]
    assert tls_receiver.names == ["hook.example"]


def test_a_certificate_of_another_name_or_nobody_is_refused(tls_receiver):
    tls = ssl.create_default_context(cafile=str(CERTIFICATE))
    listed = read_hosts("127.0.0.0/8")
    for url, context in (
        (f"https://other.example:{tls_receiver.port}/", tls),
        (f"https://hook.example:{tls_receiver.port}/", None),
    ):
        outcome = send(url, listed, resolve=resolve_to("127.0.0.1"), tls=context)
        assert outcome.status is None
        assert outcome.fault.startswith("no connection: ConnectError")
    assert tls_receiver.hosts == []


def test_a_name_that_is_rebound_leads_nowhere_else(receiver):
    # Checked, it is public; looked up again, it would be this computer.
    outcome = send(f"https://hook.example:{receiver.port}/", HostList(), resolve=resolve_to("192.0.2.1", "127.0.0.1"))
    assert outcome.fault.startswith("refused: the address leads to an address that is not public")
    outcome = send(
        f"https://hook.example:{receiver.port}/", HostList(), resolve=resolve_to("8.8.8.8", "127.0.0.1"), timeout_s=0.2
    )
    assert outcome.fault is not None
    assert receiver.requests == []


def test_the_next_address_of_a_host_is_tried_when_one_does_not_answer(receiver):
    async def resolve(*_):
        return ["127.0.0.2", "127.0.0.1"]

    assert send(f"http://hook.example:{receiver.port}/", resolve=resolve) == Outcome(204)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, {"Location": "http://127.0.0.1/elsewhere"}), "redirect"),
        ((301, {"Location": "http://10.0.0.1/"}), "redirect"),
        ((404, {}), "status 404"),
        ((500, {"Retry-After": "60"}), "status 500"),
        ((304, {}), "status 304"),
    ],
)
def test_what_is_no_success_is_a_fault_that_is_tried_again(receiver, answer, said):
    receiver.answers = [answer]
    outcome = send(receiver.url)
    assert outcome.status == answer[0]
    assert said in outcome.fault
    assert outcome.wait_s == 0
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(("value", "least", "most"), [("120", 120, 120), ("", 0, 0), ("morgen", 0, 0), ("-5", 0, 0)])
def test_a_receiver_may_ask_to_wait(receiver, value, least, most):
    receiver.answers = [(429, {"Retry-After": value})]
    assert least <= send(receiver.url).wait_s <= most


def test_a_receiver_may_ask_to_wait_until_an_instant(receiver):
    receiver.answers = [(503, {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)})]
    assert 80 < send(receiver.url).wait_s <= 90


def test_a_receiver_that_stalls_or_drips_is_given_up(receiver):
    receiver.answers = [("stall", {})]
    assert send(receiver.url, timeout_s=0.3) == Outcome(fault="no answer within 0.3 s")
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        stopped = threading.Event()
        thread = threading.Thread(target=_drip, args=[dripping, stopped])
        thread.start()
        try:
            url = f"http://127.0.0.1:{dripping.getsockname()[1]}/"
            assert send(url, timeout_s=0.5) == Outcome(fault="no answer within 0.5 s")
        finally:
            stopped.set()
            thread.join(10)


def _drip(listening, stopped):
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stopped.wait(0.05):
            try:
                connection.sendall(b"a")
            except OSError:
                return


def test_a_fault_names_neither_address_nor_token():
    async def fail(*_):
        raise socket.gaierror(-2, "Name or service not known: rahasia.example")

    for resolve in (fail, resolve_to("127.0.0.1")):
        outcome = send("http://hook.example:9/?token=rahasia", resolve=resolve)
        assert "rahasia" not in outcome.fault
        assert outcome.fault.startswith("no connection: ")


def test_every_valid_secret_signs():
    headers = sign("m1", "{}", ["whsec_" + "QUFB" * 8, "whsec_" + "QkJC" * 8], datetime.now(UTC))
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert all(part.startswith("v1,") for part in headers["webhook-signature"].split(" "))
