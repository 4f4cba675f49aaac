"""A running service with the commands beside it, and a city whose reports and labels go through it (`bench/replay.py`).

Owns every call of the service and of `pilah`; judges nothing.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from model.registry import Registry
from model.shipped import reference_config

HEADS = ("agency", "topic")
ROWS_OF_A_BATCH = 1_000
START_S = 60
SETTLING_S = 2.0


class City:
    """The running service and the commands beside it."""

    def __init__(self, home: Path, corpus: Path) -> None:
        self.home = home
        self.corpus = corpus
        self.environment = {**os.environ, "PILAH_HOME": str(home), "PILAH_RATE_PER_MINUTE": "0"}
        self.client = httpx.Client()

    def run(self, *words: object) -> "subprocess.CompletedProcess[str]":
        """A command of Pilah in this home."""
        command = [sys.executable, "-m", "pilah", *map(str, words)]
        return subprocess.run(  # noqa: S603  # our own commands
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        """The service, until the block ends."""
        environment = {**self.environment, "PILAH_PORT": str(port)}
        with (self.home / "service.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "pilah", "serve"], env=environment, stdout=log, stderr=log
            )
            try:
                self.client = self._wait(port)
                yield
            finally:
                process.terminate()
                process.wait()

    def _wait(self, port: int) -> httpx.Client:
        key = self.home / "first-admin-key.txt"
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").is_success and key.exists():
                    headers = {"Authorization": f"Bearer {key.read_text().strip()}"}
                    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120)
            except httpx.TransportError:
                time.sleep(0.1)
        raise SystemExit("the service did not start; see service.log in its home.")

    def send(self, rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
        """Send reports in; the stored answers by the city's own id."""
        answers = {}
        records = rows.to_dict("records")
        for start in range(0, len(records), ROWS_OF_A_BATCH):
            lines = [
                {"text": row["text"], "external_id": row["id"], "received_at": row["received_at"].isoformat()}
                for row in records[start : start + ROWS_OF_A_BATCH]
            ]
            body = "\n".join(map(json.dumps, lines))
            answer = self.client.post(
                "/v1/feedback/batch", content=body, headers={"Content-Type": "application/x-ndjson"}
            )
            answer.raise_for_status()
            for line in answer.text.splitlines():
                stored = json.loads(line)
                answers[stored["external_id"]] = stored
        return answers

    def label(self, rows: pd.DataFrame, answers: Mapping[str, Mapping[str, object]]) -> None:
        """Let officers say agency and topic of each report, as far as there is a label of ours."""
        for row in rows.to_dict("records"):
            values = {head: row[head] for head in HEADS if row[head]}
            if values:
                path = f"/v1/feedback/{answers[row['id']]['id']}/labels"
                answer = self.client.post(path, json=values)
                if answer.is_error:
                    raise SystemExit(f"{path}: {answer.text}")

    def ask_drift(self, day: date) -> dict[str, Any]:
        """The look of the weeks before a day, once what was said has reached the figures."""
        before: dict[str, Any] | None = None
        while True:
            answer = self.client.get("/v1/drift", params={"day": day.isoformat()})
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
            if told == before:
                return told
            before = told
            time.sleep(SETTLING_S)

    def champion(self) -> str:
        """The bundle in force."""
        bundles = self.client.get("/v1/models").json()["models"]
        return str(next(one["bundle"] for one in bundles if one["champion"]))

    def folder_of(self, bundle: str) -> Path:
        """Where a bundle lies."""
        return Registry(self.home / "bundles").path_of(bundle)

    def export_labels(self) -> pd.DataFrame:
        """All that officers said, with the month in which each report came (``month``)."""
        exported = self.home / "labels.ndjson"
        self.run("export", "--labels", "--oversight", "--output", exported)
        labels = pd.read_json(exported, lines=True, dtype=False)
        local = pd.to_datetime(labels["received_at"], utc=True).dt.tz_convert("Asia/Jakarta")
        return labels.assign(month=local.dt.strftime("%Y-%m"))

    def ask_gate(self, taught: pd.DataFrame, later: pd.DataFrame) -> tuple[str, dict[str, Any] | str]:
        """Train a challenger on corpus and labels and compare it on later labels: its id, and verdict or fault."""
        for name, rows in (("earlier.ndjson", taught), ("later.ndjson", later)):
            rows.drop(columns="month").to_json(self.home / name, orient="records", lines=True, force_ascii=False)
        rows_file = self.home / "rows.parquet"
        gathered = self.run(
            "gather", "--corpus", self.corpus, "--labels", self.home / "earlier.ndjson", "--output", rows_file
        )
        trained = self.run("train", "--data", rows_file, "--config", reference_config(), "--json")
        if gathered.returncode or trained.returncode:
            raise SystemExit(gathered.stderr + trained.stderr)
        bundle = str(json.loads(trained.stdout)["bundle"])
        compared = self.run("compare", self.champion(), bundle, "--data", self.home / "later.ndjson", "--json")
        if compared.returncode not in (0, 1):
            return bundle, compared.stderr.strip().splitlines()[-1]
        verdict: dict[str, Any] = json.loads(compared.stdout)
        return bundle, verdict

    def promote(self, bundle: str) -> str | None:
        """Put a bundle in force; what was wrong, None where nothing was."""
        answer = self.client.post(f"/v1/models/{bundle}/promote", json={})
        return None if answer.is_success else answer.text[:200]
