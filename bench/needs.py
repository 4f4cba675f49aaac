"""Prints how well further needs and the unit complained of are found, on rows later than those of each bundle.

    python bench/needs.py                   the shipped corpus, the golden reports, plain messages with two needs
    python bench/needs.py --speed BUNDLE    what clauses, needs and unit add to one text

Three bundles are trained on the first half, two thirds and five sixths of the rows, weights and threshold of the needs
among them, and each tags the sixth behind its rows. One trained on all rows tags the others.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from model.classifier import Classifier, Scored, load_classifier
from model.clauses import read_clauses
from model.decisions import HeadAnswer
from model.offices import LOCAL_OFFICES, district_of
from model.places import Gazetteer
from model.prediction import Prediction
from model.shipped import datasets_folder, reference_config, reference_corpus
from model.tokens import tokenize
from model.units import ACCUSATION, Named
from training.build import Sources, train
from training.config import read_config
from training.reading import read_rows

SHARES = (3, 4, 5)  # of so many parts of the rows
N_SHARES = 6
# Written for this bench, two agencies each, as people write them in a hurry.
PLAIN = (
    (
        "jalan di depan pasar berlubang parah. selain itu sampah di belakang sekolah sudah seminggu tidak diangkut",
        {"dinas-pupr", "dinas-perkimtan-lh"},
    ),
    ("lampu jalan mati di simpang dan got depan rumah mampet", {"dinas-perhubungan", "dinas-pupr"}),
    ("listrik di desa kami sering padam. satu lagi, air PDAM keruh sudah tiga hari", {"pln", "perumda-air-minum"}),
    (
        "jembatan gantung papannya lapuk, sekalian lampu penerangan jalan mati dua bulan",
        {"dinas-pupr", "dinas-perhubungan"},
    ),
    ("KTP anak saya belum jadi, bpjs nya juga tidak aktif padahal mau berobat", {"disdukcapil", "bpjs"}),
    (
        "sapi saya mati mendadak tiga ekor. jalan ke kandang juga longsor, mobil tidak bisa lewat",
        {"dinas-pertanian", "dinas-pupr"},
    ),
    (
        "puskesmas tutup terus tiap sabtu. lalu pedagang di trotoar depannya minta ditertibkan",
        {"dinas-kesehatan", "satpol-pp-damkar"},
    ),
    (
        "guru kelas 4 di sd kami kosong dari januari, terus parkir liar depan sekolah bikin macet",
        {"dinas-pendidikan", "dinas-perhubungan"},
    ),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", type=Path, metavar="BUNDLE")
    bundle = parser.parse_args().speed
    if bundle:
        print_speed(bundle)
    else:
        print_quality()


def print_quality() -> None:
    """Tables of `also` and `about`: over the three slices together, then on the golden reports and the plain ones."""
    frame = read_rows(reference_corpus()).frame.sort_values("received_at", kind="stable").reset_index(drop=True)
    later = Tally()
    for share in SHARES:
        start, stop = len(frame) * share // N_SHARES, len(frame) * (share + 1) // N_SHARES
        later.count(fit(frame[:start]), frame[start:stop])
    print(f"later rows of the corpus ({len(frame) - len(frame) * SHARES[0] // N_SHARES:,})")
    later.show()
    classifier, golden = fit(frame), read_rows(datasets_folder() / "sawahlunto" / "golden.csv").frame
    kept_aside = Tally()
    kept_aside.count(classifier, golden)
    print(f"golden reports ({len(golden)})")
    kept_aside.show()
    found = [agencies <= name_all(classifier.classify(text)) for text, agencies in PLAIN]
    print(f"plain messages with two needs: both agencies told in {sum(found)} of {len(found)}")


def fit(frame: pd.DataFrame) -> Classifier:
    """A bundle as the shipped one is trained, on some rows."""
    with TemporaryDirectory() as folder:
        config, sources = read_config(reference_config()), Sources(None, datasets_folder())
        return load_classifier(train(frame, config, sources, Path(folder).joinpath).folder)


class Tally:
    """Counts of `also` and `about`."""

    def __init__(self) -> None:
        self.needs: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.told: list[tuple[float, bool]] = []

    def count(self, classifier: Classifier, frame: pd.DataFrame) -> None:
        """Tag rows and compare."""
        for row in frame.to_dict("records"):
            prediction = classifier.classify(row["text"], with_explanation=False)
            count_needs(self.needs, prediction, row)
            count_units(self.units, prediction, row, classifier.gazetteer)
            named = {row["agency"], *row["also"].split(";")}
            self.told += [(need.confidence, need.agency in named) for need in prediction.also]

    def show(self) -> None:
        """Print them."""
        print_needs(self.needs)
        if self.told:
            confidence, is_named = np.array(self.told).T
            print(f"confidence of also: mean {confidence.mean():.3f}, of them named {is_named.mean():.3f}")
        print_units(self.units)


def name_all(prediction: Prediction) -> set[str]:
    """All agencies that a prediction tells."""
    return {prediction.heads["agency"].label, *(need.agency for need in prediction.also)}


def count_needs(counts: Counter[str], prediction: Prediction, row: dict[str, str]) -> None:
    """Count one row for `also`: strictly, and with the chosen agency and the further one allowed to change places."""
    also = {agency for agency in row["also"].split(";") if agency}
    needs = (also | {row["agency"]} if also else set()) - {prediction.heads["agency"].label}
    given = {need.agency for need in prediction.also}
    counts["rows"] += 1
    counts["rows with also given"] += bool(given)
    counts["given"] += len(given)
    counts["labelled"] += len(also)
    counts["right"] += len(given & also)
    counts["needed"] += len(needs)
    counts["right or changed"] += len(given & needs)
    counts["named by the row at all"] += len(given & (also | {row["agency"]}))
    counts["single rows"] += not also
    counts["not named, in single rows"] += 0 if also else len(given - {row["agency"]})


def count_units(counts: Counter[str], prediction: Prediction, row: dict[str, str], gazetteer: Gazetteer) -> None:
    """Count one row for `about`, accusations and other rows apart; a village counts as its district beside."""
    group = "accusation" if row["kind"] == ACCUSATION else "other"
    truth, unit = row["about"], prediction.about.unit if prediction.about else ""
    district = district_of(unit, gazetteer) or unit
    counts[f"{group}: rows"] += 1
    counts[f"{group}: named"] += bool(truth)
    counts[f"{group}: given"] += bool(unit)
    counts[f"{group}: given and named"] += bool(unit and truth)
    counts[f"{group}: exact"] += bool(unit) and unit == truth
    counts[f"{group}: exact, villages as districts"] += bool(unit) and district == truth
    counts[f"{group}: unit or its kind"] += bool(unit) and to_agency(unit) == to_agency(truth)


def to_agency(unit: str) -> str:
    """The agency of a unit given as a code."""
    return LOCAL_OFFICES if unit[:1].isdigit() else unit


def print_needs(counts: Counter[str]) -> None:
    """Precision, recall, F1, and how often a report with one need is given an agency that it does not name."""
    print(dict(counts))
    for name, right, wanted in (
        ("also, as labelled", "right", "labelled"),
        ("also, order of the two left open", "right or changed", "needed"),
    ):
        precision = counts[right] / max(counts["given"], 1)
        recall = counts[right] / max(counts[wanted], 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        print(f"{name}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    at_all = counts["named by the row at all"] / max(counts["given"], 1)
    print(f"also, an agency the row names at all: precision {at_all:.3f}")
    wrong = 100 * counts["not named, in single rows"] / counts["single rows"]
    print(f"also not named, per 100 reports with one need: {wrong:.2f}")


def print_units(counts: Counter[str]) -> None:
    """Counts by group."""
    for name, number in counts.items():
        print(f"about, {name}: {number}")


def print_speed(bundle: Path) -> None:
    """Time that needs and unit take, and that of the whole answer without an explanation."""
    classifier = load_classifier(bundle)
    words = " ".join(pd.read_csv(reference_corpus(), dtype=str)["text"]).split()
    for n_words, repeats in ((50, 1_000), (1_800, 30)):
        text = " ".join(words[:n_words])
        print(f"{len(tokenize(text).forms):,} tokens: ", end="")
        print(f"{measure(find_all(classifier, text), repeats):,.0f} µs for needs and unit, of ", end="")
        print(f"{measure(lambda text=text: classifier.classify(text, with_explanation=False), repeats):,.0f} µs")


def find_all(classifier: Classifier, text: str) -> Callable[[], object]:
    """What the classifier does beside scoring heads, as a call without arguments."""
    tokens, places = tokenize(text), classifier.gazetteer.find(tokenize(text))
    parts = classifier.table.take_apart(tokens.forms)
    scores = classifier.table.sum_parts(parts)
    scored = Scored(
        scores, {}, lambda: read_clauses(classifier.table, parts, text, tokens, classifier.agency_columns, scores)
    )
    accusation = HeadAnswer(((ACCUSATION, 1.0),), 1.0)

    def find() -> None:
        named = Named(tokens, classifier._unit_names.find(tokens.forms), places)  # noqa: SLF001  # cost of a step
        classifier._find_needs(named, scored, ())  # noqa: SLF001  # as above
        classifier._find_about(named, scores, {"kind": accusation}, ())  # noqa: SLF001  # as above

    return find


def measure(call: Callable[[], object], repeats: int) -> float:
    """Median microseconds of a call."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e6


if __name__ == "__main__":
    main()
