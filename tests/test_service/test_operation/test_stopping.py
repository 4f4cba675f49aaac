"""The end of a service under load: what it took on it finishes or refuses, what it answered is stored."""

import json
import signal
import threading
import time
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from service import tables

N_SENDERS = 6


class Sender(threading.Thread):
    """Sends reports, each on a connection of its own or on a kept one, until nobody answers."""

    def __init__(self, process, *, keeps):
        super().__init__()
        self._process, self._keeps = process, keeps
        self.answered, self.refused, self.faults = [], [], []

    def run(self):
        with self._process.client() as kept:
            while True:
                name = uuid4().hex
                headers = {} if self._keeps else {"Connection": "close"}
                try:
                    answer = kept.post(
                        "/v1/feedback", json={"text": f"lampu {name}", "external_id": name}, headers=headers
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.answered.append(name)
                elif answer.status_code == 503:
                    self.refused.append(int(answer.headers["retry-after"]))
                else:
                    self.faults.append(answer.text)


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT])
def by(request):
    return request.param


def test_a_stop_under_load_finishes_or_refuses_and_loses_nothing(settings, make_process, look_into, by):
    process = make_process(settings)
    process.start()
    senders = [Sender(process, keeps=bool(number % 2)) for number in range(N_SENDERS)]
    batch = {}
    reader = threading.Thread(target=_send_batch, args=[process, batch])
    for thread in (*senders, reader):
        thread.start()
    while sum(len(sender.answered) for sender in senders) < 40 or not batch:
        time.sleep(0.01)
    code = process.end(by)
    for thread in (*senders, reader):
        thread.join(30)
    # A command line ends after SIGINT with 130, as shells do.
    assert code in {0, -by, 128 + by}
    assert [fault for sender in senders for fault in sender.faults] == []
    store = look_into(settings)
    stored = {name for (name,) in store.read(select(tables.feedback.c.external_id))}
    answered = {name for sender in senders for name in sender.answered}
    assert answered | {name for name, status in batch.items() if status == 201} <= stored
    # A row of a batch that was begun is answered, and one that is not stored is refused.
    assert {status for name, status in batch.items() if name not in stored} <= {503}
    store.check_whole()
    assert "fault" not in {json.loads(line)["event"] for line in process.log.splitlines() if line.startswith("{")}


def _send_batch(process, statuses):
    rows = [{"text": f"sampah nomor {number}", "external_id": uuid4().hex} for number in range(600)]
    body = "\n".join(map(json.dumps, rows))
    headers = {"Content-Type": "application/x-ndjson"}
    with (
        process.client() as client,
        client.stream("POST", "/v1/feedback/batch", content=body, headers=headers) as answer,
    ):
        for row, line in zip(rows, answer.iter_lines(), strict=False):
            statuses[row["external_id"]] = json.loads(line)["status"]
