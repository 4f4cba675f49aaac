"""What the shipped reports teach before a city has labelled anything, measured on real reports.

    python bench/first_day.py ../shared/data               the tables of docs/first-day.md
    python bench/first_day.py ../shared/data --only proxy  one of proxy, ablations, curve, emergencies

Real reports come with labels of two sorts. ``proxy.csv`` holds labels by our guide, given by hand without sight of the
city's own; it judges. ``mapping/`` maps the city's labels to ours where they plainly mean the same; settings are chosen
on these, on other rows.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd

from model.shipped import datasets_folder, reference_config, reference_corpus
from model.taxonomy import NO_ELEMENT
from training.columns import LABEL_COLUMNS
from training.config import TrainingConfig, read_config
from training.fitting import LinearHead
from training.judging import macro_f1, wilson_interval
from training.preparing import PreparedRows, prepare_rows
from training.reading import read_rows
from training.rehearsing import fit_rows
from training.vectors import Vocabulary, vectorise

HERE = Path(__file__).parent
FILES = {"surabaya-2022": "surabaya-2022.csv", "lapor-export-bandung": "lapor-export-bandung.xlsx"}
# Sets of proxy.csv that judge; on "choose" settings may be tried.
JUDGING = ("proxy", "proxy-2")
HEADS = ("agency", "topic", "kind", "urgency", "aspect")
N_CHOOSING = 2_500
CURVE_FROM = pd.Timestamp("2022-09-01", tz="Asia/Jakarta")
CURVE_TO = pd.Timestamp("2022-11-01", tz="Asia/Jakarta")
CURVE_ROWS = (0, 100, 250, 500, 1_000, 2_000, 4_000)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Fitted heads, not calibrated: what this bench asks for is the order of labels."""

    vocabulary: Vocabulary
    heads: dict[str, LinearHead]

    def predict(self, rows: PreparedRows, head: str) -> np.ndarray:
        """The label of each row."""
        scores = self.heads[head].score(vectorise(self.vocabulary, rows.forms))
        return np.array(self.heads[head].labels)[scores.argmax(axis=1)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--only", choices=list(TABLES), help="one table")
    arguments = parser.parse_args()
    for name, table in TABLES.items():
        if arguments.only in (None, name):
            print(f"\n{name}", flush=True)
            for line in table(arguments.data):
                print(f"  {line}", flush=True)


def print_proxy(folder: Path) -> Iterator[str]:
    """The shipped reports judged on real ones labelled by our guide, and on the city's labels mapped to ours."""
    fitted = fit(read_corpus())
    parts = {name: read_proxy(folder, name) for name in JUDGING}
    parts["together"] = pd.concat(parts.values(), ignore_index=True)
    for name, part in parts.items():
        for head in HEADS:
            yield f"{name:8} {head:8} {judge(fitted, part, head)}"
    for head in ("kind", "urgency"):
        yield from count_confusions(fitted, parts["together"], head)
    chosen = read_mapped(folder).iloc[:N_CHOOSING]
    for head in ("agency", "topic"):
        yield f"{head:8} {judge(fitted, chosen, head)} on the city's labels, mapped (settings were chosen on these)"


def print_ablations(folder: Path) -> Iterator[str]:
    """What parts of the shipped reports buy."""
    proxy, chosen = read_proxy(folder), read_mapped(folder).iloc[:N_CHOOSING]
    golden = read_golden()
    for name, corpus in vary(read_corpus()):
        fitted = fit(corpus)
        parts = [f"{head} {judge(fitted, proxy, head)}" for head in ("agency", "topic")]
        parts += [f"mapped {judge(fitted, chosen, head)}" for head in ("agency", "topic")]
        if golden is not None:
            parts += [f"golden agency {judge(fitted, golden, 'agency')}"]
            minang = golden[golden["register"].isin(["minang", "mixed"])]
            parts += [f"of which Minangkabau {judge(fitted, minang, 'agency')}"]
        yield f"{name:28} {len(corpus):5,} rows  " + "  ".join(parts)


def print_curve(folder: Path) -> Iterator[str]:
    """Macro-F1 and accuracy on two later months against the number of local labels added, newest first."""
    corpus, mapped = read_corpus(), read_mapped(folder, shuffled=False)
    earlier = mapped[mapped["received_at"] < CURVE_FROM]
    later = mapped[(mapped["received_at"] >= CURVE_FROM) & (mapped["received_at"] < CURVE_TO)]
    for n_rows in CURVE_ROWS:
        local = earlier.iloc[len(earlier) - min(n_rows, len(earlier)) :]
        fitted = fit(pd.concat([corpus, local], ignore_index=True))
        parts = [f"{head} {judge(fitted, later, head)}" for head in ("agency", "topic")]
        alone = ""
        if n_rows:
            without = fit(local)
            alone = "  local labels alone: " + "  ".join(
                f"{head} {judge(without, later, head)}" for head in ("agency", "topic")
            )
        yield f"{len(local):5,} local labels  " + "  ".join(parts) + alone


def print_emergencies(folder: Path) -> Iterator[str]:
    """How often `darurat` is chosen: on written emergencies, decoys and ordinary real reports."""
    golden = read_golden()
    fitted = fit(read_corpus())
    ordinary = read_mapped(folder).iloc[:N_CHOOSING]
    given = fitted.predict(prepare(ordinary), "urgency")
    yield f"chosen on {1000 * np.mean(given == 'darurat'):.1f} of 1,000 real reports"
    if golden is not None:
        rows = prepare(golden)
        given, true = fitted.predict(rows, "urgency"), rows.labels["urgency"]
        yield f"recall on the golden set {share(given[true == 'darurat'] == 'darurat')}"


TABLES: dict[str, Callable[[Path], Iterator[str]]] = {
    "proxy": print_proxy,
    "ablations": print_ablations,
    "curve": print_curve,
    "emergencies": print_emergencies,
}


def read_corpus() -> pd.DataFrame:
    """The shipped reports, with the writers' notes that mark decoys."""
    frame = read_rows(reference_corpus(), {}).frame
    notes = pd.read_csv(reference_corpus(), dtype=str, keep_default_na=False).set_index("id")
    return frame.assign(
        register=notes.loc[frame["id"], "register"].to_numpy(), note=notes.loc[frame["id"], "author_note"].to_numpy()
    )


def read_golden() -> pd.DataFrame | None:
    """The frozen reports that are never trained on, where they are there."""
    path = datasets_folder() / "sawahlunto" / "golden.csv"
    if not path.exists():
        return None
    frame = read_rows(path, {}).frame
    notes = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id")
    return frame.assign(register=notes.loc[frame["id"], "register"].to_numpy())


def read_proxy(folder: Path, name: str = JUDGING[0]) -> pd.DataFrame:
    """Real reports with labels by our guide, those of one set."""
    labels = pd.read_csv(HERE / "proxy.csv", dtype=str, keep_default_na=False)
    labels = labels[labels["set"] == name]
    parts = []
    for file, of_file in labels.groupby("file"):
        texts = read_rows(folder / FILES[str(file)], {}).frame[["id", "text"]]
        parts.append(of_file.merge(texts, on="id", validate="one_to_one"))
    return pd.concat(parts, ignore_index=True)


def read_mapped(folder: Path, *, shuffled: bool = True) -> pd.DataFrame:
    """Real reports with the city's labels mapped to ours; those of the proxy are left out."""
    columns = {"agency": "agency", "topic": "topic"}
    frame = read_rows(folder / FILES["surabaya-2022"], columns).frame
    seen = pd.read_csv(HERE / "proxy.csv", dtype=str)["id"]
    frame = frame[~frame["id"].isin(seen)][["id", "text", "received_at", "agency", "topic"]]
    for head in ("agency", "topic"):
        frame = frame.assign(**{head: map_labels(frame[head], HERE / "mapping" / f"surabaya-{plural(head)}.csv")})
    return frame.sample(frac=1, random_state=1) if shuffled else frame.sort_values("received_at", kind="stable")


def plural(head: str) -> str:
    """The word in the name of a mapping file."""
    return {"agency": "agencies", "topic": "topics"}[head]


def map_labels(labels: pd.Series, path: Path) -> list[str]:
    """Our slug for each label, '' where none plainly means the same."""
    with path.open(encoding="utf-8", newline="") as stream:
        patterns = [(row["label"], row["slug"]) for row in csv.DictReader(stream)]
    known = {
        label: next((slug for pattern, slug in patterns if fnmatchcase(label, pattern)), "") for label in set(labels)
    }
    return [known[label] for label in labels]


def vary(corpus: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The corpus whole, and without one part of it."""
    draws = np.random.default_rng(0).permutation(len(corpus))
    yield "whole", corpus
    yield "without weights", corpus.assign(weight=1.0)
    yield "without Minangkabau, mixed", corpus[~corpus["register"].isin(["minang", "mixed"])]
    yield "without decoys", corpus[~corpus["note"].str.contains("decoy=")]
    for n_rows in (1_000, 2_500):
        yield f"{n_rows:,} rows at random", corpus.iloc[np.sort(draws[:n_rows])]
    yield "with duties as rows", pd.concat([corpus, read_duties()], ignore_index=True)


def read_duties() -> pd.DataFrame:
    """The duty phrases of agencies and topics as short reports."""
    duties = pd.read_csv(datasets_folder() / "lexicons" / "duties.csv", dtype=str)
    empty = dict.fromkeys(HEADS, "")
    return pd.DataFrame(
        [
            {**empty, "id": f"duty{place}", "text": row.phrase, row.head: row.slug, "weight": 0.3}
            for place, row in enumerate(duties.itertuples())
        ]
    )


def prepare(frame: pd.DataFrame) -> PreparedRows:
    """Rows with all their labels."""
    return prepare_rows(frame, TrainingConfig(), drop_rare=False)


def fit(frame: pd.DataFrame) -> Fitted:
    """Fit every head as the shipped bundle is fitted."""
    config = replace(read_config(reference_config()), minimum_rows=2)
    empty = {column: "" for column in LABEL_COLUMNS if column in frame}
    rows = prepare_rows(frame.fillna(empty | {"weight": 1.0}), config)
    heads = [head for head, labels in rows.labels.items() if len(set(labels) - {""}) > 1]
    return Fitted(*fit_rows(rows, heads, np.arange(len(rows.ids), dtype=np.int64), config))


def judge(fitted: Fitted, frame: pd.DataFrame, head: str) -> str:
    """Accuracy with its interval, and macro-F1; of urgency, `darurat` counts as `tinggi`."""
    rows = prepare(frame)
    true, given = rows.labels[head], fitted.predict(rows, head)
    if head == "aspect":
        true = np.where(true == "", NO_ELEMENT, true)
    is_labelled = true != ""
    true, given = true[is_labelled].astype(str), given[is_labelled].astype(str)
    if head == "urgency":
        true, given = (np.where(labels == "darurat", "tinggi", labels) for labels in (true, given))
    names, codes = np.unique(np.concatenate([true, given]), return_inverse=True)
    score = macro_f1(codes[: len(true)], codes[len(true) :], len(names))
    return f"accuracy {share(true == given)} macro-F1 {score:.3f}"


def count_confusions(fitted: Fitted, frame: pd.DataFrame, head: str) -> Iterator[str]:
    """For each label what was given instead."""
    rows = prepare(frame)
    true, given = rows.labels[head].astype(str), fitted.predict(rows, head).astype(str)
    for label in sorted(set(true) - {""}):
        names, counts = np.unique(given[true == label], return_counts=True)
        told = ", ".join(f"{name} {n}" for name, n in sorted(zip(names, counts, strict=True), key=lambda one: -one[1]))
        yield f"{head:8} {label} ({int((true == label).sum())}): {told}"


def share(hits: np.ndarray) -> str:
    """A share with its interval."""
    low, high = wilson_interval(int(hits.sum()), len(hits)) if len(hits) else (0.0, 1.0)
    return f"{hits.mean():.3f} [{low:.3f}, {high:.3f}] of {len(hits):,}"


if __name__ == "__main__":
    sys.exit(main())
