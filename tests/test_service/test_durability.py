"""Kills the service with SIGKILL under load, again and again: what it answered is there, once, when it is back."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from service.home import FIRST_KEY_FILE

N_ROUNDS = 12
N_SENDERS = 8

pytestmark = pytest.mark.long


class Service:
    """`pilah serve` in a process of its own, started as often as it was killed."""

    def __init__(self, settings):
        self._settings = settings
        self._process = None
        self.address = ""

    def start(self):
        settings = self._settings
        command = [sys.executable, "-m", "pilah", "serve", "--port", "0", "--home", str(settings.home)]
        command += ["--bundle", str(settings.bundle)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self._process.stdout.readline().split()[-1]

    def kill(self):
        self._process.kill()
        self._process.wait(30)
        self._process.stdout.close()

    def client(self):
        key = Path(self._settings.home / FIRST_KEY_FILE).read_text().strip()
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {key}"}, timeout=30)


class Senders:
    """Threads that send numbered reports and note what was answered, until the service is gone."""

    def __init__(self, service, answered, until_answered):
        self._service, self._answered = service, answered
        self._enough, self._until = threading.Event(), len(answered) + until_answered
        self._threads = [threading.Thread(target=self._send, args=[place]) for place in range(N_SENDERS)]

    def start_and_wait(self):
        for thread in self._threads:
            thread.start()
        assert self._enough.wait(60)

    def join(self):
        for thread in self._threads:
            thread.join(60)

    def _send(self, place):
        with self._service.client() as client:
            number = 0
            while True:
                number += 1
                name = f"{self._until}-{place}-{number}"
                body = {"text": f"lampu mati di tiang {name}", "external_id": name}
                try:
                    answer = client.post("/v1/feedback", json=body)
                except httpx.TransportError:
                    return
                if answer.status_code in {200, 201}:
                    self._answered[name] = (body, answer.json())
                if len(self._answered) >= self._until:
                    self._enough.set()


def list_all(client):
    stored, cursor = [], None
    while True:
        page = client.get("/v1/feedback", params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
        stored += page["feedback"]
        cursor = page["next"]
        if cursor is None:
            return stored


@pytest.mark.parametrize("seed", [1])
def test_no_answered_report_is_lost_by_kill_9(settings, seed):
    draws = random.Random(seed)  # noqa: S311  # a test's dice
    service, answered = Service(settings), {}
    service.start()
    for _ in range(N_ROUNDS):
        senders = Senders(service, answered, until_answered=draws.randrange(1, 200))
        senders.start_and_wait()
        service.kill()
        senders.join()
        service.start()
        with service.client() as client:
            stored = list_all(client)
            by_name = {report["external_id"]: report for report in stored}
            assert len(by_name) == len(stored)
            assert {name: by_name.get(name) for name in answered} == {
                name: report for name, (_, report) in answered.items()
            }
    with service.client() as client:
        for body, report in draws.sample(sorted(answered.values(), key=str), 50):
            again = client.post("/v1/feedback", json=body)
            assert (again.status_code, again.json()) == (200, report)
    service.kill()
    assert len(answered) >= N_ROUNDS
