"""Prints whether the service stays as it is under hours of mixed work: memory, files, threads, store, waits, errors.

    python bench/soak.py [--minutes 20] [--rate 25] [--postgres] [--seed 5] [--plain]

Starts the real service on SQLite or on a real PostgreSQL, asks it what a city asks (reports alone and in batches,
events, labels, readings, the queue, figures, pages of a person who is logged in, metrics), so many calls a second, and
looks at its process every five seconds. The texts are sentences of the shipped corpus put together anew with some words
misspelt, so that caches of words and of reports alike meet what they would in years. ``--plain`` sends reports alone.
"""

import argparse
import asyncio
import csv
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import httpx
from http_cost import Party, cpu_s, postgres, run_pilah
from soak_growth import Look, print_growth, print_look

from model.shipped import reference_corpus

_CONNECTIONS = 8
_LOOK_S = 5.0
_PRINT_S = 60.0
_REST_S = 3.0
_N_REMEMBERED = 400
_PASSWORD = "empat kata yang tak akur"  # noqa: S105  # of an account that lives as long as the run
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it is counted under, and what is sent."""

    name: str
    method: str
    path: str
    body: bytes = b""
    kind: str = _JSON
    is_person: bool = False


@dataclass(slots=True)
class Mix:
    """What is asked next, drawn by weight; it remembers some ids of reports that were stored."""

    chance: random.Random
    sentences: Sequence[str]
    is_plain: bool
    n_sent: int = 0
    ids: list[str] = field(default_factory=list)

    def draw(self) -> Call:
        """The next call."""
        if self.is_plain or not self.ids:
            return self._report()
        (make,) = self.chance.choices([entry[0] for entry in _WEIGHTS], [entry[1] for entry in _WEIGHTS])
        return make(self)

    def remember(self, id_: str) -> None:
        """Keep an id, in the place of an old one when there are many."""
        if len(self.ids) < _N_REMEMBERED:
            self.ids.append(id_)
        else:
            self.ids[self.chance.randrange(_N_REMEMBERED)] = id_

    def _pick(self) -> str:
        return self.chance.choice(self.ids)

    def _write(self) -> dict[str, object]:
        self.n_sent += 1
        words = " ".join(self.chance.choices(self.sentences, k=2)).split()
        for _ in range(2):
            place = self.chance.randrange(len(words))
            words[place] += self.chance.choice("aiueo") + self.chance.choice("kgnm")
        return {
            "text": " ".join(words),
            "external_id": f"S-{self.n_sent}",
            "channel": "soak",
            "reporter_ref": f"u-{self.chance.randrange(5_000)}",
        }

    def _report(self) -> Call:
        return Call("report", "POST", "/v1/feedback", json.dumps(self._write()).encode())

    def _batch(self) -> Call:
        lines = "".join(json.dumps(self._write()) + "\n" for _ in range(20))
        return Call("batch of 20", "POST", "/v1/feedback/batch", lines.encode(), "application/x-ndjson")

    def _event(self) -> Call:
        agency = self.chance.choice(["dinas-pupr", "dinas-perhubungan", "dinas-kesehatan"])
        type_ = self.chance.choice(["diverifikasi", "didisposisi", "diproses", "ditanggapi", "perlu_lengkapi"])
        body = {"type": type_, "note": "Sudah dicek."} | ({"agency": agency} if type_ == "didisposisi" else {})
        return Call("event", "POST", f"/v1/feedback/{self._pick()}/events", json.dumps(body).encode())

    def _label(self) -> Call:
        topic = self.chance.choice(["jalan-rusak", "sampah", "penerangan-jalan"])
        return Call("label", "POST", f"/v1/feedback/{self._pick()}/labels", json.dumps({"topic": topic}).encode())

    def _claim(self) -> Call:
        return Call("claim", "POST", "/v1/review/claim", b'{"limit": 3}')

    def _release(self) -> Call:
        body = json.dumps({"feedback_id": self._pick()}).encode()
        return Call("release", "POST", "/v1/review/release", body)

    def _classify(self) -> Call:
        return Call("classify", "POST", "/v1/classify", json.dumps({"text": self._write()["text"]}).encode())

    def _read(self) -> Call:
        return Call("reading", "GET", self.chance.choice(_READINGS).replace("ID", self._pick()))

    def _figures(self) -> Call:
        return Call("figures", "GET", self.chance.choice(_FIGURES))

    def _page(self) -> Call:
        return Call("page", "GET", self.chance.choice(_PAGES).replace("ID", self._pick()), is_person=True)

    def _watch(self) -> Call:
        return Call("watching", "GET", self.chance.choice(["/metrics", "/healthz"]))


_WEIGHTS: Sequence[tuple[Callable[[Mix], Call], float]] = (
    (Mix._report, 40),  # noqa: SLF001  # its own
    (Mix._batch, 3),  # noqa: SLF001  # its own
    (Mix._event, 14),  # noqa: SLF001  # its own
    (Mix._label, 8),  # noqa: SLF001  # its own
    (Mix._claim, 2),  # noqa: SLF001  # its own
    (Mix._release, 3),  # noqa: SLF001  # its own
    (Mix._classify, 5),  # noqa: SLF001  # its own
    (Mix._read, 14),  # noqa: SLF001  # its own
    (Mix._figures, 3),  # noqa: SLF001  # its own
    (Mix._page, 4),  # noqa: SLF001  # its own
    (Mix._watch, 4),  # noqa: SLF001  # its own
)
_READINGS = (
    "/v1/feedback/ID",
    "/v1/feedback/ID/events",
    "/v1/feedback?limit=20",
    "/v1/feedback?topic=sampah&limit=20",
    "/v1/review?limit=5",
    "/v1/incidents?limit=20",
    "/v1/ledger?feedback=ID",
    "/v1/emergencies",
    "/open311/v2/services.json",
)
_FIGURES = (
    "/v1/statistics/agencies",
    "/v1/statistics/topics",
    "/v1/statistics/districts?format=csv",
    "/v1/statistics/aspects?by=about",
    "/v1/statistics/deadlines",
    "/v1/trends?grain=week&topic=sampah",
    "/v1/trends/emerging",
)
_PAGES = ("/ringkasan", "/antrian", "/laporan", "/laporan/ID", "/tren", "/kinerja", "/kebijakan", "/model", "/kelola")


class Load:
    """Sends calls at a steady rate over a few kept-alive connections, and notes waits and statuses."""

    def __init__(self, party: Party, mix: Mix, cookie: str) -> None:
        self._party, self._mix, self._cookie = party, mix, cookie
        self.waited_ms: dict[str, list[float]] = {}
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.n_late = 0

    async def run(self, rate: float, seconds: float) -> None:
        """Send for so long."""
        waiting: asyncio.Queue[Call | None] = asyncio.Queue()
        senders = [asyncio.create_task(self._send_all(waiting)) for _ in range(_CONNECTIONS)]
        begin = time.perf_counter()
        n_drawn = 0
        while (now := time.perf_counter() - begin) < seconds:
            if n_drawn < now * rate:
                n_drawn += 1
                # What the service cannot keep up with is told, not piled up.
                if waiting.qsize() > 10 * _CONNECTIONS:
                    self.n_late += 1
                else:
                    waiting.put_nowait(self._mix.draw())
            else:
                await asyncio.sleep(n_drawn / rate - now)
        for _ in senders:
            waiting.put_nowait(None)
        await asyncio.gather(*senders)

    async def _send_all(self, waiting: "asyncio.Queue[Call | None]") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._party.port)
        used_at = time.perf_counter()
        while (call := await waiting.get()) is not None:
            begin = time.perf_counter()
            # The service closes what rests for five seconds.
            if begin - used_at > _REST_S:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", self._party.port)
            writer.write(self._write(call))
            status, body = await read_answer(reader)
            used_at = time.perf_counter()
            self.waited_ms.setdefault(call.name, []).append(1e3 * (time.perf_counter() - begin))
            self.statuses[call.name, status] += 1
            if call.name == "report" and status == 201:
                self._mix.remember(json.loads(body)["id"])
        writer.close()

    def _write(self, call: Call) -> bytes:
        who = f"Cookie: {self._cookie}" if call.is_person else f"Authorization: Bearer {self._party.key}"
        head = f"{call.method} {call.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._party.port}\r\n{who}\r\n"
        head += f"Content-Type: {call.kind}\r\n" if call.body else ""
        return f"{head}Content-Length: {len(call.body)}\r\n\r\n".encode() + call.body


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of an answer, whole or in chunks."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    lengths = [int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
    if lengths:
        return status, await reader.readexactly(lengths[0])
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return status, body


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=25.0, help="calls a second")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL in the place of SQLite")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--plain", action="store_true", help="send reports alone, nothing else")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        address = stack.enter_context(postgres(folder)) if asked.postgres else None
        name = "PostgreSQL" if asked.postgres else "SQLite"
        party = stack.enter_context(run_pilah(folder, name, address))
        mix = Mix(random.Random(asked.seed), list(read_sentences()), asked.plain)  # noqa: S311  # no secret
        load = Load(party, mix, log_in(party))
        looks = asyncio.run(watch(party, load, mix, measure_store(folder, address), asked.rate, 60 * asked.minutes))
    print_growth(looks)
    print_waits(load)


def read_sentences() -> Iterator[str]:
    """The texts of the shipped corpus."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["text"].split():
                yield row["text"]


def log_in(party: Party) -> str:
    """The cookie of a session of an admin."""
    with httpx.Client(base_url=f"http://127.0.0.1:{party.port}") as client:
        account = {"login": "soak", "name": "Soak", "password": _PASSWORD, "role": "admin", "scopes": []}
        headers = {"Authorization": f"Bearer {party.key}"}
        client.post("/v1/accounts", json=account, headers=headers).raise_for_status()
        token = client.get("/masuk").text.partition('name="token" value="')[2].partition('"')[0]
        form = {"login": "soak", "password": _PASSWORD, "token": token}
        client.post("/masuk", content=urlencode(form), headers={"Content-Type": _FORM})
        return f"pilah_session={client.cookies['pilah_session']}"


def measure_store(folder: Path, address: str | None) -> Callable[[], int]:
    """What tells the bytes of the store."""
    if address is None:
        return lambda: sum(path.stat().st_size for path in folder.glob("bench.db*"))
    import psycopg  # noqa: PLC0415  # only with --postgres

    connection = psycopg.connect(address, autocommit=True)

    def ask() -> int:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0

    return ask


async def watch(
    party: Party, load: Load, mix: Mix, measure: Callable[[], int], rate: float, seconds: float
) -> list[Look]:
    """Keep the service busy and look at it meanwhile."""
    running = asyncio.create_task(load.run(rate, seconds))
    begin, looks, printed_at = time.perf_counter(), [], -_PRINT_S
    while not running.done():
        now = time.perf_counter() - begin
        looks.append(Look.at(party.process_id, now, mix.n_sent, cpu_s(party.process_id), measure()))
        if now - printed_at >= _PRINT_S:
            printed_at = now
            print_look(looks)
        await asyncio.wait([running], timeout=_LOOK_S)
    await running
    return looks


def print_waits(load: Load) -> None:
    """Waits and statuses of each kind of call."""
    print(f"\n{'':14}{'calls':>8}{'p50 ms':>9}{'p99 ms':>9}  statuses")
    for name, waited in sorted(load.waited_ms.items()):
        ranks = statistics.quantiles(waited, n=100) if len(waited) > 1 else waited * 99
        told = ", ".join(f"{status}: {n}" for (of, status), n in sorted(load.statuses.items()) if of == name)
        print(f"{name:14}{len(waited):8,}{ranks[49]:9.1f}{ranks[98]:9.1f}  {told}")
    n_failed = sum(n for (_, status), n in load.statuses.items() if status >= 500)
    print(f"answers of 500 and above: {n_failed}; calls left out because the service was behind: {load.n_late}")


if __name__ == "__main__":
    main()
