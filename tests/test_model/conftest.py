"""A small table with made-up rows, shared by the tests of scoring, explaining and bundles."""

from pathlib import Path

import numpy as np
import pytest

from model.bundle import to_json_bytes, write_bundle
from model.calibration import identity
from model.classifier import CALIBRATION_FILE, MINANG_FILE, PLACES_FILE, Classifier, load_classifier
from model.rulebook import RULEBOOK_FILES
from model.table import Table, TableArrays
from model.taxonomy import read_taxonomy
from model.tokens import ngram_codes

WORDS = ("[NAMA]", "air", "jalan", "lampu", "mati", "rusak", "sampah")
N_LABELS = 5
DATASETS = Path(__file__).parents[2] / "datasets"
HEADS = [
    {"name": "agency", "labels": ["dinas-pupr", "pln"]},
    {"name": "urgency", "labels": ["rendah", "sedang", "tinggi"]},
]


def make_arrays(seed: int = 0, dtype: type = np.float16) -> TableArrays:
    draws = np.random.default_rng(seed)
    codes = sorted({code for word in WORDS for code in ngram_codes(word)} | set(ngram_codes("pohon")))
    weights = draws.uniform(1, 4, len(codes)).astype(np.float32)
    rows = draws.normal(0, 0.3, (len(codes), N_LABELS)).astype(dtype)
    place = {code: row for row, code in enumerate(codes)}
    characters = np.zeros((len(WORDS), N_LABELS), np.float32)
    norms = np.zeros((len(WORDS), 2), np.float32)
    norms[:, 0] = draws.uniform(1, 9, len(WORDS))
    for row, word in enumerate(WORDS):
        for code, count in zip(*np.unique(ngram_codes(word), return_counts=True), strict=True):
            characters[row] += count * rows[place[code]]
            norms[row, 1] += (count * weights[place[code]]) ** 2
    pairs = [(2, 5), (3, 4), (3, 2), (4, 4), (1, 4)]
    keys = np.sort(np.array([first * len(WORDS) + second for first, second in pairs], dtype=np.int64))
    return TableArrays(
        tokens=WORDS,
        token_rows=np.hstack([draws.normal(0, 1, (len(WORDS), N_LABELS)), characters]).astype(dtype),
        token_norms=norms,
        pair_keys=keys,
        pair_rows=draws.normal(0, 1, (len(keys), N_LABELS)).astype(dtype),
        pair_norms=draws.uniform(1, 9, len(keys)).astype(np.float32),
        ngram_keys=np.array(codes, dtype=np.int64),
        ngram_rows=rows,
        ngram_weights=weights,
        bias=draws.normal(0, 0.1, N_LABELS).astype(np.float32),
    )


@pytest.fixture(scope="session")
def arrays() -> TableArrays:
    return make_arrays()


@pytest.fixture(scope="session")
def table(arrays: TableArrays) -> Table:
    return Table(arrays)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, arrays: TableArrays) -> Path:
    taxonomy = read_taxonomy(DATASETS / "taxonomy")
    files = {f"taxonomy/{path.name}": path.read_bytes() for path in (DATASETS / "taxonomy").iterdir()}
    files |= {name: (DATASETS / name).read_bytes() for name in (PLACES_FILE, MINANG_FILE, *RULEBOOK_FILES)}
    files[CALIBRATION_FILE] = to_json_bytes({head["name"]: identity().to_json() for head in HEADS})
    folder = tmp_path_factory.mktemp("classifier") / "small"
    manifest = {"bundle": "small", "heads": HEADS, "taxonomy": {"version": "2026.1", "digest": taxonomy.digest}}
    write_bundle(folder, manifest, arrays, files)
    return folder


@pytest.fixture(scope="session")
def classifier(folder: Path) -> Classifier:
    return load_classifier(folder, read_taxonomy(DATASETS / "taxonomy"))
