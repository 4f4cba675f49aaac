import os
import pty
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from service.errors import SettingsError
from service.home import FIRST_KEY_FILE
from service.serving import _listen
from service.settings import Settings


@contextmanager
def serving(settings, *more, has_bundle=True):
    """`pilah serve` as a user starts it; gives its address and the process."""
    command = [sys.executable, "-m", "pilah", "serve", "--port", "0", "--home", str(settings.home)]
    command += [*(["--bundle", str(settings.bundle)] if has_bundle else []), *more]
    log = settings.home.with_suffix(".log")
    with log.open("w") as stream:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stream, text=True)
    try:
        ready = next(line for line in process.stdout if "ready" in line)
        yield re.search(r"http://\S+", ready)[0], process
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


def test_a_served_request_is_answered_on_a_real_socket(settings):
    with serving(settings) as (address, process):
        key = (settings.home / FIRST_KEY_FILE).read_text().strip()
        answer = httpx.post(
            f"{address}/v1/classify", json={"text": "lampu"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, -signal.SIGTERM}


def test_the_key_is_not_said_where_no_person_sits(settings):
    with serving(settings) as (_, process):
        key = (settings.home / FIRST_KEY_FILE).read_text().strip()
        process.terminate()
        process.wait(30)
        assert key not in process.stdout.read()
        assert key not in settings.home.with_suffix(".log").read_text()


def test_the_key_is_shown_once_on_a_terminal_and_kept_nowhere(settings):
    command = [sys.executable, "-m", "pilah", "serve", "--port", "0", "--home", str(settings.home)]
    command += ["--bundle", str(settings.bundle)]
    seen = []
    for _ in range(2):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        said = b""
        while b"ready: http" not in said:
            said += os.read(ours, 1_000)
        process.kill()
        process.wait(30)
        os.close(ours)
        seen += re.findall(rb"pilah_[\w-]{43}", said)
    assert len(seen) == 1
    assert not (settings.home / FIRST_KEY_FILE).exists()


def test_a_body_sent_in_full_too_large_gets_its_answer(settings, listen):
    with listen(settings) as (address, key):
        answer = httpx.post(
            f"{address}/v1/classify", json={"text": "a" * (3 << 20)}, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 413


def test_garbage_instead_of_http_harms_nobody(settings, listen):
    with listen(settings) as (address, _):
        url = httpx.URL(address)
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(b"\x16\x03\x01\x00\xa5 bukan HTTP\r\n\r\n")
            assert b"400" in connection.recv(1000)
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_a_port_in_use_is_refused_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}.*PILAH_PORT"):
            _listen(Settings(port=port))


def test_a_host_that_is_not_here_is_refused():
    with pytest.raises(SettingsError, match="PILAH_HOST"):
        _listen(Settings(host="192.0.2.1", port=0))


def test_the_command_refuses_a_wrong_setting_with_code_3(settings):
    command = [sys.executable, "-m", "pilah", "serve", "--home", str(settings.home)]
    done = subprocess.run(
        command, env={**os.environ, "PILAH_PORT": "x"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3
    assert "PILAH_PORT" in done.stderr


def test_the_command_refuses_to_start_without_a_bundle(settings):
    command = [sys.executable, "-m", "pilah", "serve", "--port", "0", "--home", str(settings.home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert done.stderr.startswith("pilah: No bundle is in force")
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_a_home_without_a_bundle_trains_one_first_when_told_so(settings):
    with serving(settings, "--train-if-missing", has_bundle=False) as (address, _):
        assert len(httpx.get(f"{address}/readyz").json()["bundle"]) == 16


def test_no_key_in_an_address_or_a_form_is_written_down(settings):
    with serving(settings) as (address, process):
        key = (settings.home / FIRST_KEY_FILE).read_text().strip()
        edge = f"{address}/open311/v2/requests"
        form = {"api_key": key, "service_code": "auto", "description": "lampu mati"}
        assert httpx.post(f"{edge}.json", data=form).status_code == 201
        assert httpx.get(f"{edge}.xml?api_key={key}").status_code == 200
        assert httpx.get(f"{edge}.xml?api_key={key}&page=x").status_code == 400
        assert httpx.get(f"{address}/nothing?api_key={key}").status_code == 404
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as broken:
            broken.sendall(f"GET /open311/v2/requests.xml?api_key={key} rubbish\r\n\r\n".encode())
            assert b"400" in broken.recv(100)
        process.terminate()
        process.wait(30)
        written = settings.home.with_suffix(".log").read_text() + process.stdout.read()
        assert "/open311/v2/requests" in written
        assert key not in written
        assert "api_key" not in written
