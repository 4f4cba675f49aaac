import numpy as np
import pandas as pd
import pytest

from training.config import TrainingConfig
from training.needed import fit_needed, name_agencies
from training.preparing import prepare_rows
from training.rehearsing import fit_rows
from training.vectors import vectorise

TEXTS = {"pln": "kabel listrik menjuntai", "rsud": "pasien operasi ditunda", "bpbd": "longsor menimpa rumah"}
PAIRS = [("pln", ""), ("rsud", ""), ("bpbd", ""), ("pln", "rsud"), ("rsud", "bpbd"), ("", "")]


@pytest.fixture(scope="module")
def rows():
    frame = pd.DataFrame(
        [
            (f"r{place}", " ".join(TEXTS[agency] for agency in pair if agency) or "entah", *pair)
            for place, pair in enumerate(PAIRS * 12)
        ],
        columns=["id", "text", "agency", "also"],
    )
    return prepare_rows(frame, TrainingConfig())


def test_a_text_with_two_needs_needs_both_agencies_and_not_the_third(rows):
    taken = np.arange(len(rows.ids))
    vocabulary, fitted = fit_rows(rows, ["agency"], taken, TrainingConfig())
    agencies = fitted["agency"].labels
    needed = fit_needed(rows, vocabulary, agencies, taken)
    assert needed.labels == agencies
    both, one = needed.score(vectorise(vocabulary, [rows.forms[3], rows.forms[2]]))
    assert {agency for agency, score in zip(agencies, both, strict=True) if score > 0} == {"pln", "rsud"}
    assert {agency for agency, score in zip(agencies, one, strict=True) if score > 0} == {"bpbd"}


def test_a_row_names_its_first_and_its_further_agencies(rows):
    assert name_agencies(rows, 3) == {"pln", "rsud"}
    assert name_agencies(rows, 0) == {"pln"}
