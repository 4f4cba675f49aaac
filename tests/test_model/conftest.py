"""A small table with made-up rows, shared by the tests of scoring, explaining and bundles."""

from pathlib import Path

import numpy as np
import pytest

from model.bundle import to_json_bytes, write_bundle
from model.bundle_contents import NEED_CURVE_FILE
from model.calibration import identity
from model.classifier import CALIBRATION_FILE, MINANG_FILE, PLACES_FILE, Classifier, load_classifier
from model.needs import SIGNALS, NeedCurve
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


def make_arrays(seed: int = 0, dtype: type = np.float16, n_labels: int = N_LABELS) -> TableArrays:
    draws = np.random.default_rng(seed)
    codes = sorted({code for word in WORDS for code in ngram_codes(word)} | set(ngram_codes("pohon")))
    weights = draws.uniform(1, 4, len(codes)).astype(np.float32)
    rows = draws.normal(0, 0.3, (len(codes), n_labels)).astype(dtype)
    place = {code: row for row, code in enumerate(codes)}
    characters = np.zeros((len(WORDS), n_labels), np.float32)
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
        token_rows=np.hstack([draws.normal(0, 1, (len(WORDS), n_labels)), characters]).astype(dtype),
        token_norms=norms,
        pair_keys=keys,
        pair_rows=draws.normal(0, 1, (len(keys), n_labels)).astype(dtype),
        pair_norms=draws.uniform(1, 9, len(keys)).astype(np.float32),
        ngram_keys=np.array(codes, dtype=np.int64),
        ngram_rows=rows,
        ngram_weights=weights,
        bias=draws.normal(0, 0.1, n_labels).astype(np.float32),
    )


@pytest.fixture(scope="session")
def arrays() -> TableArrays:
    return make_arrays()


@pytest.fixture(scope="session")
def table(arrays: TableArrays) -> Table:
    return Table(arrays)


def write_small(folder: Path, arrays: TableArrays, more: dict[str, bytes]) -> Path:
    """A bundle of the made-up table, with more files."""
    taxonomy = read_taxonomy(DATASETS / "taxonomy")
    files = {f"taxonomy/{path.name}": path.read_bytes() for path in (DATASETS / "taxonomy").iterdir()}
    files |= {name: (DATASETS / name).read_bytes() for name in (PLACES_FILE, MINANG_FILE, *RULEBOOK_FILES)}
    files[CALIBRATION_FILE] = to_json_bytes({head["name"]: identity().to_json() for head in HEADS})
    manifest = {"bundle": "small", "heads": HEADS, "taxonomy": {"version": "2026.1", "digest": taxonomy.digest}}
    write_bundle(folder, manifest, arrays, files | more)
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, arrays: TableArrays) -> Path:
    return write_small(tmp_path_factory.mktemp("classifier") / "small", arrays, {})


@pytest.fixture(scope="session")
def needing(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A classifier that finds further needs: its table holds a column more for each agency."""
    curve = NeedCurve((1.0,) * len(SIGNALS), 3.0, (0.0, 1.0), (0.0, 1.0), 0.2, 100)
    n_agencies = len(HEADS[0]["labels"])
    folder = tmp_path_factory.mktemp("needing") / "small"
    arrays = make_arrays(n_labels=N_LABELS + n_agencies)
    return load_classifier(write_small(folder, arrays, {NEED_CURVE_FILE: to_json_bytes(curve.to_json())}))


@pytest.fixture(scope="session")
def classifier(folder: Path) -> Classifier:
    return load_classifier(folder, read_taxonomy(DATASETS / "taxonomy"))
