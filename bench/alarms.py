"""Counts alarms per level, and what shuts reports away: on the golden set, ordinary real reports, those we labelled.

    python bench/alarms.py ../shared/data                    train the shipped reports, then count
    python bench/alarms.py ../shared/data --bundle FOLDER    count for a bundle that is there
    python bench/alarms.py ../shared/data --separation       what the detector buys, on later rows of the corpus

Nobody has labelled the urgency of the real reports, so what rings on them holds true emergencies too. The real reports
of November and December are left alone. Prints no sentence.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, load_classifier
from model.cleaning import clean
from model.decisions import DETECTED_OF_HEAD, HEADS_OF_ALARM, find_levels
from model.masking import mask
from model.prediction import Prediction
from model.shipped import datasets_folder, reference_config, reference_corpus
from model.taxonomy import read_taxonomy
from model.tokens import tokenize
from service.routing import ACCUSATION, may_accuse
from training.build import Sources, train
from training.config import read_config
from training.preparing import prepare_rows
from training.reading import read_rows
from training.rehearsing import fit_rows
from training.splitting import roll_forward
from training.vectors import vectorise

UNTIL = "2022-11"
FALSE_SHARES = (0.005, 0.01, 0.05)
RECALLS = (0.9, 0.95)
CAUSES = ("label", "written rule", "high probability", "watch")
Row = Mapping[str, str]
Doubles = NDArray[np.float64]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--bundle", type=Path, help="a bundle; without it one is trained on the shipped reports")
    parser.add_argument("--separation", action="store_true", help="compare the detector with the column of its head")
    arguments = parser.parse_args()
    real = read_csv(arguments.data / "surabaya-2022.csv")
    ordinary = [row for row in real if row["received_at"] < UNTIL]
    if arguments.separation:
        print_separation([row["text"] for row in ordinary])
        return
    sources = {
        "golden": read_csv(datasets_folder() / "sawahlunto" / "golden.csv"),
        "ordinary": ordinary,
        "by our guide": list(join_labels(real)),
    }
    with TemporaryDirectory() as folder:
        classifier = load_classifier(arguments.bundle or train_shipped(Path(folder)))
    print_thresholds(classifier)
    for name, rows in sources.items():
        predictions = [classifier.classify(row["text"], with_explanation=False) for row in rows]
        for line in (*count_levels(rows, predictions), *count_shut(rows, predictions)):
            print(f"{name:14} {line}", flush=True)


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file, with real line breaks."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{**row, "text": row.get("text", "").replace("\\n", "\n")} for row in csv.DictReader(stream)]


def join_labels(real: Sequence[Row]) -> Iterator[Row]:
    """The real reports that were labelled by our guide, with these labels."""
    by_id = {row["id"]: row for row in real}
    for row in read_csv(Path(__file__).parent / "proxy.csv"):
        if row["file"] == "surabaya-2022" and row["id"] in by_id:
            yield {**row, "text": by_id[row["id"]]["text"]}


def train_shipped(parent: Path) -> Path:
    """A bundle of the shipped reports, as ``pilah train`` makes it."""
    sources = Sources(read_taxonomy(datasets_folder() / "taxonomy"), datasets_folder())
    frame = read_rows(reference_corpus()).frame
    return train(frame, read_config(reference_config()), sources, parent.joinpath).folder


def print_thresholds(classifier: Classifier) -> None:
    """What the rehearsal promised, by the probability alone: neither labels nor rules are in these counts."""
    for label, alarm in classifier.thresholds.alarms.items():
        print(
            f"{'rehearsal':14} {label:21} from {alarm.confidence:.4f}: {alarm.n_found} of {alarm.n_positive}, "
            f"others {alarm.n_alarms} of {alarm.n_others}; urgent from {alarm.urgent or float('nan'):.4f}"
        )


def count_levels(rows: Sequence[Row], predictions: Sequence[Prediction]) -> Iterator[str]:
    """For each label the reports that carry it and the others, by the loudest level of its alarms."""
    for label, heads in HEADS_OF_ALARM.items():
        carries = np.array([row.get(heads[0]) == label for row in rows])
        levels = [find_levels(prediction.alarms).get(label, "") for prediction in predictions]
        n_positive, n_others = int(carries.sum()), int((~carries).sum())
        for level in ("urgent", "watch"):
            rings = np.array([each == level for each in levels])
            n_false = int((rings & ~carries).sum())
            found = f"{int((rings & carries).sum()):3} of {n_positive:3}  " if n_positive else ""
            rate = f"{1000 * n_false / n_others:5.1f} per 1,000"
            yield f"{label:21} {level:6}  {found}others {n_false:3} of {n_others:,}  {rate}"


def count_shut(rows: Sequence[Row], predictions: Sequence[Prediction]) -> Iterator[str]:
    """Reports that the service shuts away as possible accusations, by the strongest reason."""
    causes = [find_cause(prediction) if may_accuse(prediction) else None for prediction in predictions]
    carries = [row.get("kind") == ACCUSATION for row in rows]
    n_shut, n_others = sum(cause is not None for cause in causes), len(rows) - sum(carries)
    yield f"shut away {n_shut} of {len(rows):,}, {1000 * n_shut / len(rows):.1f} per 1,000, by"
    for cause in CAUSES:
        n_false = sum(each == cause and not carried for each, carried in zip(causes, carries, strict=True))
        n_right = sum(each == cause and carried for each, carried in zip(causes, carries, strict=True))
        share = n_false / max(1, n_shut - sum(carried for carried, each in zip(carries, causes, strict=True) if each))
        found = f"{n_right:3} of {sum(carries):3}  " if any(carries) else ""
        yield f"  {cause:17} {found}others {n_false:3} of {n_others:,}, {share:.0%} of the others that are shut away"


def find_cause(prediction: Prediction) -> str:
    """The strongest reason for which a report may be an accusation."""
    kind = prediction.heads.get("kind")
    if kind is None or kind.label == ACCUSATION:
        return CAUSES[0]
    alarms = [alarm for alarm in prediction.alarms if alarm.label == ACCUSATION and alarm.level == "urgent"]
    if any(alarm.cause == "rule" for alarm in alarms):
        return CAUSES[1]
    return CAUSES[2] if alarms else CAUSES[3]


def print_separation(ordinary: Sequence[str]) -> None:
    """How far a score tells the later reports with a label from ordinary real ones, by fits on the earlier rows."""
    config = read_config(reference_config())
    rows = prepare_rows(read_rows(reference_corpus()).frame, config)
    forms = [tokenize(mask(clean(text)).text).forms for text in ordinary]
    parts: dict[str, list[tuple[Doubles, Doubles]]] = {"column of the head": [], "detector": []}
    ((head, label),) = DETECTED_OF_HEAD.items()
    for fold in roll_forward(len(rows.ids), config.calibration_folds, config.calibration_share):
        vocabulary, fitted = fit_rows(rows, [head], fold.earlier, config)
        linear = fitted[head]
        if linear.detector is None:
            continue
        carries = rows.labels[head][fold.later] == label
        texts = [vectorise(vocabulary, each) for each in (rows.take(fold.later[carries]), forms)]
        column = linear.labels.index(label)
        parts["column of the head"].append((linear.score(texts[0])[:, column], linear.score(texts[1])[:, column]))
        parts["detector"].append((linear.detector.score(texts[0]), linear.detector.score(texts[1])))
    for name, scored in parts.items():
        own, others = (np.sort(np.concatenate(each))[::-1] for each in zip(*scored, strict=True))
        shares = [f"{np.mean(own > others[int(share * len(others))]):.3f} at {share:.1%}" for share in FALSE_SHARES]
        rates = [f"{np.mean(others >= own[int(np.ceil(recall * len(own))) - 1]):.1%} at {recall}" for recall in RECALLS]
        print(f"{name:20} recall {', '.join(shares)} of ordinary reports; false alarms {', '.join(rates)}")


if __name__ == "__main__":
    main()
