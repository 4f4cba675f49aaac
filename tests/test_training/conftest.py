"""A small world of reports with labels in all five heads, and a bundle trained on it, shared by the tests here."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.classifier import load_classifier
from model.taxonomy import read_taxonomy
from training.build import Sources, train
from training.config import TrainingConfig

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
START = pd.Timestamp("2026-01-05T03:00:00Z")
# agency, topic, and the words that give both away
_DUTIES = (
    ("dinas-pupr", "jalan-rusak", "jalan berlubang aspal rusak lubang diaspal pengaspalan"),
    ("dinas-perhubungan", "parkir", "parkir diparkir trotoar motor kendaraan memarkir"),
    ("dinas-kesehatan", "puskesmas", "puskesmas dokter obat antre berobat pengobatan"),
)
_KINDS = (("pengaduan", "tolong kecewa mengeluh"), ("permintaan-informasi", "bagaimana syarat bertanya"))
_URGENCIES = (("rendah", "kapan-kapan nanti"), ("tinggi", "bahaya segera celaka"))
_ASPECTS = (("prosedur", "rumit berbelit"), ("sarana", "fasilitas bangunan"))
_FILLER = "di pak bu yang ini itu kota kami warga".split()


def make_frame(n_rows: int, seed: int = 0, first_day: int = 0) -> pd.DataFrame:
    """Rows as `training.reading` gives them, one a day in order of time."""
    draws = np.random.default_rng(seed)
    rows = []
    for number in range(n_rows):
        agency, topic, words = _DUTIES[draws.integers(len(_DUTIES))]
        kind, kind_words = _KINDS[draws.integers(2)]
        urgency, urgency_words = _URGENCIES[draws.integers(2)]
        aspect, aspect_words = _ASPECTS[draws.integers(2)]
        chosen = [
            *draws.choice(words.split(), 3),
            *(draws.choice(group.split()) for group in (kind_words, urgency_words, aspect_words)),
            *draws.choice(_FILLER, 4),
        ]
        draws.shuffle(chosen)
        rows.append((f"r{number}", " ".join(chosen), kind, agency, topic, urgency, aspect))
    frame = pd.DataFrame(rows, columns=["id", "text", "kind", "agency", "topic", "urgency", "aspect"])
    frame["received_at"] = START + pd.to_timedelta(np.arange(first_day, first_day + n_rows), unit="D")
    frame["source"] = "pilah"
    return frame


@pytest.fixture(scope="session")
def sources():
    return Sources(read_taxonomy(DATASETS / "taxonomy"), DATASETS)


@pytest.fixture(scope="session")
def trained(sources, tmp_path_factory):
    """A bundle of 150 rows, judged on 60 later ones."""
    folder = tmp_path_factory.mktemp("bundles")
    test = make_frame(60, seed=1, first_day=150)
    test.loc[:3, "topic"] = "sampah"
    return train(make_frame(150), TrainingConfig(), sources, folder.joinpath, test)


@pytest.fixture(scope="session")
def classifier(trained):
    return load_classifier(trained.folder)
