"""Prints where the processor time of a stored report goes: the event loop, the writer's thread, and within either.

    python bench/report_cost.py [--calls 2000] [--connections 1 32] [--profile loop|writer] [--home HOME]

Runs the service in this process on SQLite and asks its ASGI application directly, without sockets. The home is made
and trained on the shipped corpus unless one is given, of which only the bundles are used. With ``--profile`` the
functions of one thread are listed; the times are then those of the profiler too, and only their shares tell.
"""

import argparse
import asyncio
import cProfile
import csv
import io
import itertools
import json
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from starlette.types import Message

from model.registry import Registry
from model.shipped import reference_corpus
from service.app import create_app
from service.logs import open_log
from service.settings import Settings
from service.writer import Writer

_N_WARM = 300
_N_LINES = 45


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--profile", choices=["loop", "writer"])
    parser.add_argument("--home", type=Path, help="a home with a bundle in force")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        bundle = Registry((asked.home or _train(Path(folder))) / "bundles").champion_path()
        settings = Settings(home=Path(folder) / "home", bundle=bundle, port=0, rate_per_minute=0)
        asyncio.run(measure(settings, asked.calls, asked.connections, asked.profile))


async def measure(settings: Settings, n_calls: int, connections: Sequence[int], profiled: str | None) -> None:
    """Print the processor time of one call in either thread, for each number of connections."""
    keys: list[str] = []
    app = create_app(settings, show_key=keys.append, log=open_log(io.StringIO()))
    profile = cProfile.Profile(time.thread_time)
    if profiled == "writer":
        _profile_writer(profile)
    async with app.router.lifespan_context(app):
        bodies = write_bodies()
        await ask(app, keys[0], list(itertools.islice(bodies, _N_WARM)), 8)
        print(f"{'':16}{'event loop':>12}{'writer':>10}{'others':>10}{'together':>10}  ms of processor time a call")
        for n_connections in connections:
            waiting = list(itertools.islice(bodies, n_calls))
            before = _read_clocks(app)
            if profiled == "loop":
                profile.enable()
            await ask(app, keys[0], waiting, n_connections)
            # What is derived belongs to the cost of what was asked.
            while await _count_behind(app):  # noqa: ASYNC110  # nothing tells when it is done
                await asyncio.sleep(0.1)
            if profiled == "loop":
                profile.disable()
            loop, writer, all_ = (
                1e3 * (late - early) / n_calls for early, late in zip(before, _read_clocks(app), strict=True)
            )
            name = f"{n_connections} connection{'s' if n_connections > 1 else ''}"
            print(f"{name:16}{loop:12.3f}{writer:10.3f}{all_ - loop - writer:10.3f}{all_:10.3f}", flush=True)
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(_N_LINES).sort_stats("cumtime").print_stats(_N_LINES)


async def ask(app: FastAPI, key: str, bodies: Sequence[bytes], n_connections: int) -> None:
    """Send reports, so many at a time."""
    waiting = iter(bodies)

    async def send_in_turn() -> None:
        for body in waiting:
            await _post(app, key, body)

    await asyncio.gather(*(send_in_turn() for _ in range(n_connections)))


def write_bodies() -> Iterator[bytes]:
    """Bodies without end, from the texts of the shipped corpus."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    for number, text in enumerate(itertools.cycle(texts)):
        yield json.dumps({"text": text, "external_id": f"B-{number}", "channel": "bench"}).encode()


async def _post(app: FastAPI, key: str, body: bytes) -> None:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/feedback",
        "raw_path": b"/v1/feedback",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {key}".encode()),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    if status not in {200, 201}:
        sys.exit(f"status {status}")


async def _count_behind(app: FastAPI) -> int:
    from service.chores import DERIVATIONS  # noqa: PLC0415  # beside its only use
    from service.ledger.deriving import count_behind  # noqa: PLC0415  # as above

    names = [derivation.name for derivation in DERIVATIONS]
    return sum(
        await asyncio.gather(
            *(
                app.state.context.reader.read(lambda connection, name=name: count_behind(connection, name))
                for name in names
            )
        )
    )


def _read_clocks(app: FastAPI) -> tuple[float, float, float]:
    """Processor time so far of this thread, of the writer's, and of the process."""
    thread = app.state.context.writer._thread  # noqa: SLF001  # nobody else asks
    writer = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return time.thread_time(), writer, time.process_time()


def _profile_writer(profile: cProfile.Profile) -> None:
    commit = Writer._commit  # noqa: SLF001  # nobody else asks

    def commit_profiled(self: Writer, batch: Sequence[object]) -> None:
        profile.enable()
        try:
            commit(self, batch)  # type: ignore[arg-type]  # passed on as it came
        finally:
            profile.disable()

    Writer._commit = commit_profiled  # type: ignore[method-assign]  # noqa: SLF001  # for this run alone


def _train(folder: Path) -> Path:
    home = folder / "trained"
    environment = {**os.environ, "PILAH_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "pilah", "train", "--promote", "--json"], env=environment, check=True)
    return home


if __name__ == "__main__":
    main()
