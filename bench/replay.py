"""Replays a year of real reports through the real service, month by month, and lets it learn from its officers.

    python bench/replay.py ../shared/data                  the whole year, about half an hour on two quiet cores
    python bench/replay.py ../shared/data --months 4       the first months
    python bench/replay.py ../shared/data --corrupt 6      in June, officers give labels that were shuffled

The service starts with a bundle trained on the shipped corpus, whose dates are moved before the year. Every month its
reports are sent in as an app sends them, and answered by the bundle in force; then officers correct or confirm agency
and topic, as the city had labelled them, by the tables of ``mapping/`` (what has no counterpart of ours is counted and
not labelled). At the end of the month drift is asked, a challenger learns from corpus and labels of all months before,
the gate compares it with the champion on the labels of this month, and where it allows it the challenger is put in
force.

In a month of shuffled labels nothing is put in force. The labels stay wrong until the gate was asked, a month later,
about a challenger that learnt them; then officers say what is right, and the gate is asked once more.
"""

import argparse
import csv
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from first_day import HERE, map_labels, plural
from replay_city import HEADS, City
from replay_telling import HEADINGS, Month, describe, describe_drift, find_coverage, plot, tell_slopes

from model.classifier import Classifier, load_classifier
from model.shipped import reference_config, reference_corpus

# The corpus has dates of 2023 to 2026; whole weeks, so that days of the week stay what they were.
MOVED = pd.Timedelta(weeks=52 * 8)
_REASONS_CHARS = 300
Answers = Mapping[str, Mapping[str, Any]]


def main() -> None:
    """Run the year and print a line for each month, then the slopes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--corrupt", type=int, default=0, help="in this month officers give labels that were shuffled")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--plot", type=Path, help="write the plot of the months here (.svg or .png)")
    arguments = parser.parse_args()
    rows = read_year(arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        city = City(Path(folder), move_corpus(Path(folder) / "corpus.csv"))
        print("training on the corpus ...", flush=True)
        trained = city.run("train", "--data", city.corpus, "--config", reference_config(), "--promote")
        if trained.returncode:
            raise SystemExit(trained.stderr)
        with city.serving(arguments.port):
            months = Replay(city, rows, arguments.corrupt).run(arguments.months)
    print("\n".join(tell_slopes(months)))
    if arguments.plot is not None:
        plot(months, arguments.plot)


class Replay:
    """The year: ``corrupt`` is the number of the month with shuffled labels, 0 for none."""

    def __init__(self, city: City, rows: pd.DataFrame, corrupt: int) -> None:
        self.city = city
        self.rows = rows
        self.corrupt = corrupt
        self.first = load_classifier(city.folder_of(city.champion()))
        self.answers: dict[str, dict[str, Any]] = {}

    def run(self, n_months: int) -> list[Month]:
        """Every month: reports in, answers judged, labels given, drift and gate asked, a challenger put in force."""
        print(HEADINGS)
        months = []
        for number, (name, part) in enumerate(self.rows.groupby("month"), start=1):
            if number > n_months:
                break
            months.append(self._live(number, str(name), part))
            print(f"{describe(months[-1])}\n{'':8} {months[-1].drift}", flush=True)
        return months

    def _live(self, number: int, name: str, part: pd.DataFrame) -> Month:
        bundle = self.city.champion()
        self.answers |= self.city.send(part)
        in_force = load_classifier(self.city.folder_of(bundle))
        month = judge(name, part, self.answers, in_force, self.first)
        is_corrupt = number == self.corrupt
        self.city.label(shuffle(part, number) if is_corrupt else part, self.answers)
        told = self.city.ask_drift((pd.Period(name) + 1).start_time.date())
        if number > 1 and number == self.corrupt + 1:
            print(f"{'':8} with shuffled labels learnt: {self._learn(may_promote=False)}", flush=True)
            self._put_right(number - 1)
        verdict = self._learn(may_promote=not is_corrupt)
        return replace(month, verdict=verdict, drift=describe_drift(told), is_alarm=told["verdict"] == "alarm")

    def _put_right(self, number: int) -> None:
        """Let officers say again what is right in a month, and tell whether drift still sees it."""
        name = sorted(self.rows["month"].unique())[number - 1]
        self.city.label(self.rows[self.rows["month"] == name], self.answers)
        told = self.city.ask_drift((pd.Period(name) + 1).start_time.date())
        print(f"{'':8} with right labels again: {describe_drift(told)}", flush=True)

    def _learn(self, *, may_promote: bool) -> str:
        """Train a challenger on all months but this one and ask the gate about it on this one; what came of it."""
        labels = self.city.export_labels()
        is_latest = labels["month"] == labels["month"].max()
        if is_latest.all():
            return "waits for a second month"
        bundle, verdict = self.city.ask_gate(labels[~is_latest], labels[is_latest])
        if isinstance(verdict, str):
            return f"{bundle[:6]} not compared: {verdict}"
        if not verdict["allowed"]:
            return f"{bundle[:6]} refused: " + "; ".join(verdict["reasons"])[:_REASONS_CHARS]
        if not may_promote:
            return f"{bundle[:6]} ALLOWED, not put in force"
        fault = self.city.promote(bundle)
        return f"{bundle[:6]} in force" if fault is None else f"{bundle[:6]} not promoted: {fault}"


def shuffle(part: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The reports of a month with the labels of each other, head by head among those that have one."""
    random, shuffled = np.random.default_rng(seed), part.copy()
    for head in HEADS:
        has_label = part[head] != ""
        shuffled.loc[has_label, head] = random.permutation(part.loc[has_label, head].to_numpy())
    return shuffled


def judge(name: str, part: pd.DataFrame, answers: Answers, in_force: Classifier, first: Classifier) -> Month:
    """What the service answered with the bundle in force, and the first one would have, against what the city said."""
    n_right, n_labelled, n_right_first = (dict.fromkeys(HEADS, 0) for _ in range(3))
    n_auto = n_auto_judged = n_auto_wrong = 0
    confidences, hits = [], []
    for row in part.to_dict("records"):
        answer = answers[row["id"]]
        n_auto += answer["route"] == "auto"
        before = first.classify(row["text"], with_explanation=False).heads
        for head in HEADS:
            if row[head]:
                is_right = answer[head] == row[head]
                n_labelled[head] += 1
                n_right[head] += is_right
                n_right_first[head] += before[head].label == row[head]
                if head == "agency":
                    confidences.append(in_force.classify(row["text"], with_explanation=False).heads[head].confidence)
                    hits.append(is_right)
                    if answer["route"] == "auto":
                        n_auto_judged += 1
                        n_auto_wrong += not is_right
    return Month(
        name=name,
        n=len(part),
        n_labelled=n_labelled,
        n_right=n_right,
        n_right_first=n_right_first,
        n_auto=n_auto,
        n_auto_judged=n_auto_judged,
        n_auto_wrong=n_auto_wrong,
        coverage=find_coverage(confidences, hits),
        bundle=in_force.bundle_id,
    )


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
