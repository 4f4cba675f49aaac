"""Prints what a clerk's server feels: time until ready, memory, and milliseconds for one text through the service.

    python bench/latency.py [--requests 500]

Starts the real service on a free loopback port with a new home, trained on the shipped corpus, and asks it one text
after another through one kept-alive connection. Compare ratios and medians, not seconds: other work slows the machine.
"""

import argparse
import csv
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from model.shipped import reference_corpus

READY_LIMIT_S = 60.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500)
    n_requests = parser.parse_args().requests
    with TemporaryDirectory() as home:
        environment = {**os.environ, "PILAH_HOME": home, "PILAH_PORT": str(find_free_port())}
        subprocess.run([sys.executable, "-m", "pilah", "train", "--promote", "--json"], env=environment, check=True)
        begin = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "pilah", "serve"], env=environment, stderr=subprocess.DEVNULL)
        try:
            client = httpx.Client(base_url=f"http://127.0.0.1:{environment['PILAH_PORT']}")
            wait_until_ready(client)
            print(f"ready after {time.perf_counter() - begin:.2f} s, resident {resident_mib(process.pid):.0f} MiB")
            key = (Path(home) / "first-admin-key.txt").read_text(encoding="utf-8").split()[-1]
            client.headers["Authorization"] = f"Bearer {key}"
            measure(client, "/v1/classify", n_requests)
            measure(client, "/v1/feedback", n_requests)
            print(f"resident after {2 * n_requests:,} requests {resident_mib(process.pid):.0f} MiB")
        finally:
            process.terminate()
            process.wait()


def find_free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(client: httpx.Client) -> None:
    """Ask until the service is ready."""
    until = time.perf_counter() + READY_LIMIT_S
    while time.perf_counter() < until:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.01)
    sys.exit("the service did not get ready")


def measure(client: httpx.Client, route: str, n_requests: int) -> None:
    """Print the spread of one route over different texts of the corpus."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    spent_ms = []
    for number in range(n_requests):
        begin = time.perf_counter()
        client.post(route, json={"text": texts[number % len(texts)]}).raise_for_status()
        spent_ms.append(1e3 * (time.perf_counter() - begin))
    deciles = statistics.quantiles(spent_ms, n=100)
    print(f"POST {route:13} p50 {deciles[49]:.2f} ms  p90 {deciles[89]:.2f} ms  p99 {deciles[98]:.2f} ms")


def resident_mib(process_id: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
