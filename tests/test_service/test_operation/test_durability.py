"""Kills the service with SIGKILL under load, again and again: what it answered is there, once, when it is back.

More rounds: ``DURABILITY_ROUNDS=500 make test-long``.
"""

import json
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from service import tables

N_ROUNDS = {"sqlite": 50, "postgresql": 12}
N_SENDERS = 6
# A part of the kills hits the start: migration, first key, opening of the chain.
KILLED_AT_START = 0.2
N_ASKED_AGAIN = 15
TROUBLES = ("lampu jalan mati", "ada lubang besar", "sampah menumpuk", "kebakaran rumah", "pungli di loket", "air mati")
EVENTS = ("diverifikasi", "didisposisi", "diproses", "ditanggapi", "selesai")
ANSWERED = {200, 201}

pytestmark = pytest.mark.long


@dataclass
class Answers:
    """What the service said it has: it must be there for ever."""

    reports: dict = field(default_factory=dict)
    events: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    # What events and labels are sent about, and how many events of `EVENTS` each has seen.
    ids: list = field(default_factory=list)
    n_seen: Counter = field(default_factory=Counter)


class Sender(threading.Thread):
    """Sends reports, batches, events and labels until the service is gone, and notes what was answered."""

    def __init__(self, process, answers, seed):
        super().__init__()
        self._process, self._answers = process, answers
        self._draws = random.Random(seed)  # noqa: S311  # a test's dice
        self.has_begun = threading.Event()

    def run(self):
        with self._process.client() as client:
            try:
                while True:
                    self._draws.choices(
                        [self._send_one, self._send_batch, self._send_event, self._send_label], [40, 10, 25, 25]
                    )[0](client)
            except httpx.TransportError:
                return

    def _make_report(self):
        draws, name = self._draws, uuid4().hex
        text = f"Mohon {draws.choice(TROUBLES)} di Talawi gang {draws.randrange(300)} nomor {draws.randrange(300)}"
        report = {"text": text, "external_id": name, "reporter_ref": f"u-{draws.randrange(50)}"}
        if draws.random() < 0.3:
            report.update(lat=-0.6 + draws.random() / 10, lon=100.7 + draws.random() / 10)
        return name, report

    def _note(self, name, report, answer):
        self._answers.reports[name] = (report, answer)
        self._answers.ids.append(answer["id"])
        self.has_begun.set()

    def _send_one(self, client):
        name, report = self._make_report()
        answer = client.post("/v1/feedback", json=report)
        if answer.status_code in ANSWERED:
            self._note(name, report, answer.json())

    def _send_batch(self, client):
        reports = dict(self._make_report() for _ in range(self._draws.randrange(1, 120)))
        body = "\n".join(map(json.dumps, reports.values()))
        headers = {"Content-Type": "application/x-ndjson"}
        with client.stream("POST", "/v1/feedback/batch", content=body, headers=headers) as answer:
            # A row is answered as soon as its line is there, though the rest never comes.
            for line in answer.iter_lines():
                row = json.loads(line)
                if row.get("status") in ANSWERED:
                    self._note(row["external_id"], reports[row["external_id"]], row)

    def _send_event(self, client):
        if self._answers.ids:
            id_ = self._draws.choice(self._answers.ids)
            type_ = EVENTS[self._answers.n_seen[id_] % len(EVENTS)]
            body = {"type": type_, **({"agency": "dinas-pupr"} if type_ == "didisposisi" else {})}
            path = f"/v1/feedback/{id_}/events"
            answer = client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
            if answer.status_code in ANSWERED:
                self._answers.events[answer.json()["id"]] = answer.json()
                self._answers.n_seen[id_] += 1

    def _send_label(self, client):
        if self._answers.ids:
            body = {"topic": self._draws.choice(["sampah", "jalan-rusak"]), "reason": "dilihat di lapangan"}
            answer = client.post(f"/v1/feedback/{self._draws.choice(self._answers.ids)}/labels", json=body)
            if answer.status_code in ANSWERED:
                self._answers.labels.update({label["id"]: label for label in answer.json()["labels"]})


def run_round(process, answers, draws):
    """Load, a kill at a moment that nobody chose, a start, perhaps killed too."""
    senders = [Sender(process, answers, draws.random()) for _ in range(N_SENDERS)]
    for sender in senders:
        sender.start()
    assert senders[0].has_begun.wait(60)
    time.sleep(draws.uniform(0, 1))
    process.kill()
    for sender in senders:
        sender.join(60)
    if draws.random() < KILLED_AT_START:
        process.launch()
        time.sleep(draws.uniform(0, 2))
        process.kill()
    process.start()


def check_answers(store, answers):
    """Every answered thing is there, once, as it was answered."""
    reports = store.read(select(tables.feedback.c.external_id, tables.feedback.c.id))
    ids = dict(map(tuple, reports))
    assert len(ids) == len(reports)
    assert {name: ids.get(name) for name in answers.reports} == {
        name: answer["id"] for name, (_, answer) in answers.reports.items()
    }
    events = tables.event.c
    found = {row.id: row for row in store.read(select(events.id, events.feedback_id, events.number, events.type))}
    for id_, answer in answers.events.items():
        assert tuple(found[id_]) == (id_, answer["feedback"], answer["number"], answer["type"])
    labels = {row.id: row.value for row in store.read(select(tables.label.c.id, tables.label.c.value))}
    assert {id_: labels.get(id_) for id_ in answers.labels} == {id_: a["value"] for id_, a in answers.labels.items()}


def check_replays(process, answers, draws):
    """A report sent again after the kill is the same report."""
    with process.client() as client:
        for report, answer in draws.sample(
            sorted(answers.reports.values(), key=str), min(N_ASKED_AGAIN, len(answers.reports))
        ):
            again = client.post("/v1/feedback", json=report)
            assert (again.status_code, again.json()["id"]) == (200, answer["id"])


@pytest.mark.parametrize("kind", N_ROUNDS)
def test_nothing_that_was_answered_is_lost_by_kill_9(settings, make_process, look_into, request, kind):
    if kind == "postgresql":
        settings = settings.changed(database_url=request.getfixturevalue("postgres").create("killed"))
    draws = random.Random(kind)  # noqa: S311  # a test's dice
    process, store, answers = make_process(settings), look_into(settings), Answers()
    process.start()
    n_rounds = int(os.environ.get("DURABILITY_ROUNDS", N_ROUNDS[kind]))
    for _ in range(n_rounds):
        run_round(process, answers, draws)
        check_answers(store, answers)
        store.check_whole()
    check_replays(process, answers, draws)
    store.wait_until_derived()
    process.kill()
    store.check_derived()
    counts = f"{len(answers.reports)} reports, {len(answers.events)} events, {len(answers.labels)} labels"
    print(f"{kind}: {n_rounds} kills, {counts} answered, none lost")  # noqa: T201  # seen with -s
    assert min(len(answers.reports), len(answers.events), len(answers.labels)) >= n_rounds // 4
