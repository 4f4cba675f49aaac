"""Three processes of the service on one PostgreSQL under a storm of clients: one store, as if it were one service."""

import json
import random
import threading
import time
from collections import Counter

import httpx
import pytest
from sqlalchemy import func, select

from service import tables
from service.handling.states import Position, move

N_PROCESSES = 3
N_CLIENTS = 12
N_REPORTS = 600
STORM_S = 25
EVENTS = ("diverifikasi", "didisposisi", "diproses", "ditanggapi", "selesai", "dibuka_kembali", "arsip")
# What the description allows for; anything else is a fault.
EXPECTED = {200, 201, 404, 409, 422, 503}

pytestmark = pytest.mark.long


class Storm:
    """What all clients saw, together."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ids = {}
        self.n_new = Counter()
        self.events = {}
        self.held = []
        self.statuses = Counter()
        self.end = time.monotonic() + STORM_S

    def note_report(self, name, answer):
        with self.lock:
            self.ids.setdefault(name, set()).add(answer["id"])

    def note(self, kind, answer):
        with self.lock:
            self.statuses[kind, answer.status_code] += 1
            if kind == "report" and answer.status_code == 201:
                self.n_new[answer.json()["external_id"]] += 1


class Client(threading.Thread):
    """Sends the same reports as all others, to one process after the other, and moves what it knows."""

    def __init__(self, storm, processes, key, seed):
        super().__init__()
        self._storm, self._processes, self._key = storm, processes, key
        self._draws = random.Random(seed)  # noqa: S311  # a test's dice

    def run(self):
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(headers=headers, timeout=60) as client:
            while time.monotonic() < self._storm.end:
                base = self._draws.choice(self._processes).address
                action = self._draws.choices([self._send, self._send_batch, self._move, self._work], [40, 5, 30, 15])[0]
                action(client, base)

    def _describe(self):
        name = f"HS-{self._draws.randrange(N_REPORTS)}"
        return {"text": f"lampu jalan mati nomor {name}", "external_id": name, "reporter_ref": name}

    def _send(self, client, base):
        report = self._describe()
        answer = client.post(f"{base}/v1/feedback", json=report)
        self._storm.note("report", answer)
        if answer.status_code in {200, 201}:
            self._storm.note_report(report["external_id"], answer.json())

    def _send_batch(self, client, base):
        body = "\n".join(json.dumps(self._describe()) for _ in range(40))
        answer = client.post(
            f"{base}/v1/feedback/batch", content=body, headers={"Content-Type": "application/x-ndjson"}
        )
        for row in map(json.loads, answer.text.splitlines()):
            assert row["status"] in {200, 201, 503}, row
            if row["status"] != 503:
                self._storm.note_report(row["external_id"], row)
                with self._storm.lock:
                    self._storm.n_new[row["external_id"]] += row["status"] == 201

    def _choose(self):
        with self._storm.lock:
            known = [next(iter(ids)) for ids in self._storm.ids.values()]
        return self._draws.choice(known) if known else None

    def _move(self, client, base):
        id_, type_ = self._choose(), self._draws.choice(EVENTS)
        if id_ is None:
            return
        body = {"type": type_, **({"agency": "dinas-pupr"} if type_ == "didisposisi" else {})}
        answer = client.post(f"{base}/v1/feedback/{id_}/events", json=body)
        self._storm.note("event", answer)
        if answer.status_code == 201:
            with self._storm.lock:
                self._storm.events[answer.json()["id"]] = answer.json()

    def _work(self, client, base):
        """Claim, look whether somebody else holds the same, give back."""
        answer = client.post(f"{base}/v1/review/claim", json={"limit": 3})
        self._storm.note("claim", answer)
        if answer.status_code != 200:
            return
        held = [item["feedback"]["id"] for item in answer.json()["reports"]]
        with self._storm.lock:
            self._storm.held += [("take", id_, self._key) for id_ in held]
        for id_ in held:
            label = client.post(f"{base}/v1/feedback/{id_}/labels", json={"topic": "sampah"})
            self._storm.note("label", label)
            with self._storm.lock:
                self._storm.held.append(("give", id_, self._key))
            self._storm.note("release", client.post(f"{base}/v1/review/release", json={"feedback_id": id_}))


@pytest.fixture
def processes(settings, make_process, postgres):
    shared = settings.changed(database_url=postgres.create("storm"))
    first = make_process(shared)
    first.start()
    others = []
    for number in range(1, N_PROCESSES):
        home = shared.home.with_name(f"home{number}")
        home.mkdir()
        (home / "secret").write_bytes((shared.home / "secret").read_bytes())
        others.append(make_process(shared.changed(home=home)))
        others[-1].launch()
    for process in others:
        process.await_ready()
    return [first, *others]


@pytest.fixture
def keys(processes):
    with processes[0].client() as client:
        scopes = ["ingest", "triage"]
        made = [client.post("/v1/keys", json={"name": f"p{n}", "scopes": scopes}) for n in range(N_CLIENTS)]
        return [answer.json()["token"] for answer in made]


def test_three_processes_under_a_storm_are_one_service(processes, keys, look_into):
    storm = Storm()
    clients = [Client(storm, processes, keys[number], number) for number in range(N_CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(STORM_S + 120)
    assert {status for _, status in storm.statuses} <= EXPECTED, storm.statuses
    assert all("fault" not in _list_events(process) for process in processes)
    store = look_into(processes[0].settings)
    _check_reports(store, storm)
    _check_events(store, storm)
    _check_claims(storm)
    store.wait_until_derived(120)
    _check_chains(store)
    assert {process.end() for process in processes} <= {0, -15}
    store.check_whole()
    store.check_derived()
    print(f"{len(storm.ids)} reports, {len(storm.events)} events; {dict(storm.statuses)}")  # noqa: T201  # seen with -s


def _list_events(process):
    return {json.loads(line)["event"] for line in process.log.splitlines() if line.startswith("{")}


def _check_reports(store, storm):
    """Whoever sent a report first and wherever: there is one, every sender got its id, one was told that it is new."""
    rows = store.read(select(tables.feedback.c.external_id, tables.feedback.c.id))
    assert len({name for name, _ in rows}) == len(rows)
    stored = dict(map(tuple, rows))
    assert {name: {stored[name]} for name in storm.ids} == storm.ids
    assert set(storm.n_new.values()) <= {0, 1}
    assert len(storm.ids) > N_REPORTS // 2


def _check_events(store, storm):
    columns = tables.event.c
    rows = store.read(select(columns.id, columns.feedback_id, columns.number, columns.type, columns.state))
    found = {row.id: row for row in rows}
    for id_, answer in storm.events.items():
        assert (found[id_].number, found[id_].type) == (answer["number"], answer["type"])
    by_report = {}
    for row in rows:
        by_report.setdefault(row.feedback_id, []).append(row)
    states = dict(map(tuple, store.read(select(tables.feedback.c.id, tables.feedback.c.state))))
    for id_, events in by_report.items():
        events.sort(key=lambda row: row.number)
        assert [row.number for row in events] == list(range(1, len(events) + 1))
        assert events[-1].state == states[id_]
        position = Position()
        for row in events:
            position = move(position, row.type)
        assert position.state == states[id_]


def _check_claims(storm):
    """In the order of what was answered, nobody takes what another one holds."""
    assert storm.statuses["label", 200] > N_CLIENTS
    holder = {}
    for what, id_, key in storm.held:
        if what == "give":
            holder.pop(id_, None)
            continue
        assert holder.get(id_, key) == key
        holder[id_] = key


def _check_chains(store):
    """A chain of each process, begun once, and in it everything that the process wrote."""
    chains = dict(map(tuple, store.read(select(tables.ledger.c.chain, func.count()).group_by(tables.ledger.c.chain))))
    assert len(chains) == N_PROCESSES
    assert all(n_entries > 10 for n_entries in chains.values()), chains
    opened = store.read(select(tables.ledger.c.chain).where(tables.ledger.c.type == "chain.opened"))
    assert len(opened) == N_PROCESSES
