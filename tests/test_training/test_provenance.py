from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from training.config import TrainingConfig
from training.preparing import prepare_rows
from training.provenance import digest_code, digest_files, digest_lock, digest_rows, name_bundle, package_versions

from .conftest import make_frame


@pytest.fixture(scope="module")
def rows():
    return prepare_rows(make_frame(12), TrainingConfig())


def test_the_same_rows_have_the_same_digest(rows):
    assert digest_rows(rows) == digest_rows(prepare_rows(make_frame(12), TrainingConfig()))


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: {"ids": ["x", *rows.ids[1:]]},
        lambda rows: {"texts": ["x", *rows.texts[1:]]},
        lambda rows: {"texts": [*rows.texts[1:], rows.texts[0]]},
        lambda rows: {"labels": {**rows.labels, "topic": np.array(["x"] * 12, dtype=object)}},
        lambda rows: {
            "labels": {("agency" if head == "topic" else head): rows.labels[head] for head in ("kind", "topic")}
        },
        lambda rows: {"weights": rows.weights * 2},
        lambda _: {"reporters": ["u"] * 12},
        lambda _: {"days": (date(2026, 1, 1), date(2026, 1, 2))},
        lambda _: {"sources": {"lain": 12}},
    ],
)
def test_whatever_shapes_a_bundle_changes_the_digest(rows, change):
    assert digest_rows(replace(rows, **change(rows))) != digest_rows(rows)


def test_an_id_is_short_hexadecimal_and_does_not_depend_on_the_order_of_its_parts():
    bundle_id = name_bundle({"a": 1, "b": 2})
    assert bundle_id == name_bundle({"b": 2, "a": 1})
    assert len(bundle_id) == len(bytes.fromhex(bundle_id)) * 2 == 16


def test_files_that_trade_their_contents_change_the_digest(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("2")
    before = digest_files([first, second])
    first.write_text("2")
    second.write_text("1")
    assert digest_files([first, second]) != before


def test_code_and_lock_have_digests():
    assert len(bytes.fromhex(digest_code())) == len(bytes.fromhex(digest_lock())) == 32


def test_names_the_versions_that_shape_a_bundle():
    assert {"python", "numpy", "scikit-learn"} <= set(package_versions())
