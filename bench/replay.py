"""Replays a year of real reports through the real service, month by month, and lets it learn from its officers.

    python bench/replay.py ../shared/data                  the whole year, about half an hour on two quiet cores
    python bench/replay.py ../shared/data --months 4       the first months
    python bench/replay.py ../shared/data --corrupt 6      in June, ask the gate also about labels that were shuffled

The service starts with a bundle trained on the shipped corpus, whose dates are moved before the year. Every month its
reports are sent in as an app sends them, and answered by the bundle in force; then officers correct or confirm agency
and topic, as the city had labelled them, by the tables of ``mapping/`` (what has no counterpart of ours is counted and
not labelled). At the end of the month a challenger learns from corpus and labels of all months before, the gate
compares it with the champion on the labels of this month, and where it allows it the challenger is put in force.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import statsmodels.api as sm
from first_day import HERE, map_labels, plural

from model.shipped import reference_config, reference_corpus
from training.judging import wilson_interval

HEADS = ("agency", "topic")
# The corpus has dates of 2023 to 2026; whole weeks, so that days of the week stay what they were.
MOVED = pd.Timedelta(weeks=52 * 8)
ROWS_OF_A_BATCH = 1_000
START_S = 60


@dataclass(frozen=True, slots=True)
class Month:
    """What was seen of a month: rows, those with a label of ours, right answers, what was decided alone and wrongly."""

    name: str
    n: int
    n_labelled: Mapping[str, int]
    n_right: Mapping[str, int]
    n_auto: int
    n_auto_judged: int
    n_auto_wrong: int
    bundle: str


class City:
    """The running service and the commands beside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
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

    def send(self, rows: pd.DataFrame) -> dict[str, dict[str, object]]:
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

    def champion(self) -> str:
        """The bundle in force."""
        bundles = self.client.get("/v1/models").json()["models"]
        return str(next(one["bundle"] for one in bundles if one["champion"]))


def main() -> None:
    """Run the year and print a line for each month, then the slopes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--corrupt", type=int, default=0, help="in this month, ask also about labels shuffled")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--plot", type=Path, help="write the plot of the months here (.svg or .png)")
    arguments = parser.parse_args()
    rows = read_year(arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        city = City(Path(folder))
        corpus = move_corpus(city.home / "corpus.csv")
        print("training on the corpus ...", flush=True)
        trained = city.run("train", "--data", corpus, "--config", reference_config(), "--promote")
        if trained.returncode:
            raise SystemExit(trained.stderr)
        with city.serving(arguments.port):
            months = replay(city, corpus, rows, arguments.months, arguments.corrupt)
    tell_slopes(months)
    if arguments.plot is not None:
        plot(months, arguments.plot)


def replay(city: City, corpus: Path, rows: pd.DataFrame, n_months: int, corrupt: int) -> list[Month]:
    """Every month: reports in, answers judged, labels given, a challenger trained, asked about and put in force."""
    print(f"{'month':8} {'rows':>5} {'labelled':>8} {'agency':>18} {'topic':>18} {'auto':>6} {'wrong':>6}  gate")
    months = []
    for number, (name, part) in enumerate(rows.groupby("month"), start=1):
        if number > n_months:
            break
        bundle = city.champion()
        answers = city.send(part)
        month = judge(str(name), part, answers, bundle)
        city.label(part, answers)
        months.append(month)
        verdict = learn(city, corpus, number)
        print(f"{describe(month)}  {verdict}", flush=True)
        if number == corrupt:
            print(
                f"{'':8} with the labels of the month before shuffled: {learn(city, corpus, number, is_shuffled=True)}"
            )
    return months


def judge(name: str, part: pd.DataFrame, answers: Mapping[str, Mapping[str, object]], bundle: str) -> Month:
    """What the bundle in force answered, against what the city said."""
    n_right, n_labelled = dict.fromkeys(HEADS, 0), dict.fromkeys(HEADS, 0)
    n_auto = n_auto_judged = n_auto_wrong = 0
    for row in part.to_dict("records"):
        answer = answers[row["id"]]
        is_auto = answer["route"] == "auto"
        n_auto += is_auto
        for head in HEADS:
            if row[head]:
                is_right = answer[head] == row[head]
                n_labelled[head] += 1
                n_right[head] += is_right
                if is_auto and head == "agency":
                    n_auto_judged += 1
                    n_auto_wrong += not is_right
    return Month(name, len(part), n_labelled, n_right, n_auto, n_auto_judged, n_auto_wrong, bundle)


def learn(city: City, corpus: Path, number: int, *, is_shuffled: bool = False) -> str:
    """Train a challenger on all months but this one and ask the gate about it on this one; what came of it."""
    exported = city.home / "labels.ndjson"
    city.run("export", "--labels", "--oversight", "--output", exported)
    labels = pd.read_json(exported, lines=True, dtype=False)
    local = pd.to_datetime(labels["received_at"], utc=True).dt.tz_convert("Asia/Jakarta")
    month = local.dt.strftime("%Y-%m")
    order = sorted(month.unique())
    latest = month == order[-1]
    taught = labels[~latest].copy()
    if taught.empty:
        return "waits for a second month"
    if is_shuffled:
        last = month[~latest] == order[-2]
        drawn = np.random.default_rng(number).permutation(taught.loc[last, list(HEADS)].to_numpy())
        taught.loc[last, list(HEADS)] = drawn
    for name, rows in (("earlier.ndjson", taught), ("later.ndjson", labels[latest])):
        rows.to_json(city.home / name, orient="records", lines=True, force_ascii=False)
    return ask_gate(city, corpus, is_shuffled=is_shuffled)


def ask_gate(city: City, corpus: Path, *, is_shuffled: bool) -> str:
    """Gather, train, compare and, where it is allowed, promote."""
    rows = city.home / "rows.parquet"
    gathered = city.run("gather", "--corpus", corpus, "--labels", city.home / "earlier.ndjson", "--output", rows)
    trained = city.run("train", "--data", rows, "--config", reference_config(), "--json")
    if gathered.returncode or trained.returncode:
        raise SystemExit(gathered.stderr + trained.stderr)
    bundle = json.loads(trained.stdout)["bundle"]
    compared = city.run("compare", city.champion(), bundle, "--data", city.home / "later.ndjson", "--json")
    if compared.returncode not in (0, 1):
        return f"not compared: {compared.stderr.strip().splitlines()[-1]}"
    verdict = json.loads(compared.stdout)
    if compared.returncode:
        return f"{bundle[:6]} refused: " + "; ".join(verdict["reasons"])[:300]
    if is_shuffled:
        return f"{bundle[:6]} ALLOWED"
    promoted = city.client.post(f"/v1/models/{bundle}/promote", json={})
    return f"{bundle[:6]} in force" if promoted.is_success else f"{bundle[:6]} not promoted: {promoted.text[:200]}"


def describe(month: Month) -> str:
    """The line of a month."""
    shares = []
    for head in HEADS:
        low, high = wilson_interval(month.n_right[head], month.n_labelled[head])
        shares.append(f"{month.n_right[head] / month.n_labelled[head]:.3f} [{low:.3f},{high:.3f}]")
    wrong = f"{month.n_auto_wrong / month.n_auto_judged:.3f}" if month.n_auto_judged else "-"
    share = month.n_auto / month.n
    labelled = month.n_labelled["agency"]
    return f"{month.name:8} {month.n:5} {labelled:8} {shares[0]:>18} {shares[1]:>18} {share:6.3f} {wrong:>6}"


def tell_slopes(months: Sequence[Month]) -> None:
    """How accuracy went over the months, with the interval of the slope (heteroscedasticity-robust, HC3)."""
    if len(months) < len(("three", "points", "at least")):
        return
    for head in HEADS:
        shares = np.array([month.n_right[head] / month.n_labelled[head] for month in months])
        weights = np.array([month.n_labelled[head] for month in months], dtype=float)
        fitted = sm.WLS(shares, sm.add_constant(np.arange(len(months))), weights).fit(cov_type="HC3", use_t=True)
        low, high = fitted.conf_int()[1]
        print(f"slope of {head}: {fitted.params[1]:+.4f} a month [{low:+.4f}, {high:+.4f}]")
    saved = sum(month.n_auto for month in months)
    print(f"officer work saved: {saved:,} of {sum(month.n for month in months):,} reports needed no person")


def plot(months: Sequence[Month], path: Path) -> None:
    """Accuracy of both heads and the share decided alone, by month."""
    import altair as alt  # noqa: PLC0415  # only where a plot is wanted

    values = [
        {"month": month.name, "what": head, "share": month.n_right[head] / month.n_labelled[head]}
        for month in months
        for head in HEADS
    ] + [{"month": month.name, "what": "decided alone", "share": month.n_auto / month.n} for month in months]
    lines = alt.Chart(alt.InlineData(values)).mark_line(point=True)
    share = alt.Y("share:Q", axis=alt.Axis(format="%"))
    lines.encode(x="month:O", y=share, color="what:N").properties(width=520, height=260).save(path)


def read_year(folder: Path) -> pd.DataFrame:
    """The city's reports in order of time, with our labels where the tables know one ('' elsewhere)."""
    with (folder / "surabaya-2022.csv").open(encoding="utf-8", newline="") as stream:
        frame = pd.DataFrame(list(csv.DictReader(stream)))
    frame["received_at"] = pd.to_datetime(frame["received_at"], format="mixed").dt.tz_localize("Asia/Jakarta")
    for head in HEADS:
        frame[head] = map_labels(frame[head], HERE / "mapping" / f"surabaya-{plural(head)}.csv")
        print(f"{head}: {int((frame[head] != '').sum()):,} of {len(frame):,} rows have a label of ours")
    frame = frame.sort_values("received_at", kind="stable")
    return frame.assign(month=frame["received_at"].dt.strftime("%Y-%m"))


def move_corpus(path: Path) -> Path:
    """The shipped corpus with its dates before the year, so that every report of the year is later."""
    corpus = pd.read_csv(reference_corpus(), dtype=str, keep_default_na=False)
    moved = pd.to_datetime(corpus["received_at"], utc=True) - MOVED
    corpus.assign(received_at=[instant.isoformat() for instant in moved]).to_csv(path, index=False)
    return path


if __name__ == "__main__":
    main()
