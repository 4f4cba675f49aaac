"""Bundles are put in force and back a hundred times under load, by two services on one store, one of them killed."""

import random
import threading
import time
from collections import Counter

import httpx
import pytest
from sqlalchemy import select

from model.registry import Registry
from service import tables
from service.settings import Settings

FIRST, SECOND = "aaaa", "bbbb"
N_CHANGES = 100
N_CLIENTS = 4
FOLLOWED_S = 5

pytestmark = pytest.mark.long


class Sender(threading.Thread):
    """Sends reports to both services until told to stop, and notes every answer."""

    def __init__(self, processes, key, seed):
        super().__init__()
        self._processes, self._key = processes, key
        self._draws = random.Random(seed)  # noqa: S311  # a test's dice
        self.is_over = threading.Event()
        self.statuses, self.bundles = Counter(), {}

    def run(self):
        with httpx.Client(headers={"Authorization": f"Bearer {self._key}"}, timeout=60) as client:
            while not self.is_over.is_set():
                base = self._draws.choice(self._processes).address
                answer = client.post(f"{base}/v1/feedback", json={"text": f"lampu mati {self._draws.random()}"})
                self.statuses[answer.status_code] += 1
                if answer.is_success:
                    self.bundles[answer.json()["id"]] = answer.json()["prediction"]["bundle"]


@pytest.fixture
def registry(settings, write_bundle_as):
    registry = Registry(settings.home / "bundles")
    for name in (FIRST, SECOND):
        write_bundle_as(registry.path_of(name))
    registry.promote(FIRST)
    return registry


@pytest.fixture
def two(settings, registry, make_process, postgres, request):
    """Two services with one home on one PostgreSQL."""
    assert registry.champion_id() == FIRST
    address = postgres.create(f"promoted_{abs(hash(request.node.name))}")
    shared = Settings(home=settings.home, port=0, database_url=address)
    processes = [make_process(shared), make_process(shared)]
    for process in processes:
        process.start()
    return shared, processes


def ask(client, process):
    return client.post(f"{process.address}/v1/classify", json={"text": "lampu"}).json()["bundle"]


def await_bundle(client, process, bundle):
    end = time.monotonic() + FOLLOWED_S
    while ask(client, process) != bundle:
        assert time.monotonic() < end, f"{bundle} is not followed within {FOLLOWED_S} s"


def test_a_hundred_promotions_under_load_fail_no_call_and_each_answer_names_its_bundle(two, look_into):
    shared, processes = two
    key = processes[0].key
    senders = [Sender(processes, key, seed) for seed in range(N_CLIENTS)]
    for sender in senders:
        sender.start()
    made = []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        for number in range(N_CHANGES):
            process = processes[number % 2]
            if number % 3 == 2:
                path, body = "/v1/models/rollback", {"reason": "uji"}
            else:
                target = SECOND if ask(client, process) == FIRST else FIRST
                path, body = f"/v1/models/{target}/promote", {"force": True, "reason": "uji"}
            answer = client.post(f"{process.address}{path}", json=body)
            assert answer.status_code == 200, answer.text
            made.append(answer.json()["bundle"])
            assert ask(client, process) == made[-1]
        # Now and then the other one is looked at: within five seconds it has followed.
        await_bundle(client, processes[0], made[-1])
        await_bundle(client, processes[1], made[-1])
    for sender in senders:
        sender.is_over.set()
        sender.join(60)
    assert sum((sender.statuses for sender in senders), Counter()).keys() == {201}
    store = look_into(shared)
    store.check_whole()
    predicted = dict(map(tuple, store.read(select(tables.prediction.c.feedback_id, tables.prediction.c.bundle))))
    answered = {id_: bundle for sender in senders for id_, bundle in sender.bundles.items()}
    assert {id_: predicted[id_] for id_ in answered} == answered
    assert set(answered.values()) == {FIRST, SECOND}
    columns = tables.ledger.c
    of_received = select(columns.feedback_id, columns.bundle).where(columns.type == "feedback.received")
    assert dict(map(tuple, store.read(of_received))) == predicted
    changes = (
        select(columns.bundle).where(columns.type.in_(["model.promoted", "model.rolled_back"])).order_by(columns.at)
    )
    assert [bundle for (bundle,) in store.read(changes)] == made


def test_a_kill_in_the_middle_of_a_promotion_leaves_one_of_the_two(two, registry):
    _, (process, other) = two
    key = process.key
    draws = random.Random(11)  # noqa: S311  # a test's dice
    for _ in range(8):
        target = SECOND if registry.champion_id() == FIRST else FIRST
        thread = threading.Thread(target=_promote, args=(process.address, key, target))
        thread.start()
        time.sleep(draws.uniform(0, 0.05))
        process.kill()
        thread.join(60)
        assert registry.champion_id() in {FIRST, SECOND}
        process.start()
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
            for one in (process, other):
                await_bundle(client, one, registry.champion_id())


def _promote(address, key, target):
    body = {"force": True, "reason": "uji"}
    try:
        httpx.post(f"{address}/v1/models/{target}/promote", json=body, headers={"Authorization": f"Bearer {key}"})
    except httpx.TransportError:
        return
