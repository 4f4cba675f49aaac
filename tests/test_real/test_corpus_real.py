"""The shipped reports beside real ones: figures only."""

import importlib.util
from pathlib import Path

import pytest

from model.shipped import reference_corpus

pytestmark = pytest.mark.real
BENCH = Path(__file__).parents[2] / "bench" / "corpus.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_corpus", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_template_shows_in_repeated_wording(bench, real_reports):
    ours = bench.measure_repeats(bench.read_words(reference_corpus()))
    theirs = bench.measure_repeats(bench.read_words(real_reports / "surabaya-2022.csv"))
    assert ours <= 1.5 * theirs


def test_no_stretch_of_a_real_report_stands_in_the_corpus(bench, real_reports):
    def stretches(path):
        return {tuple(words[start : start + 9]) for words in bench.read_words(path) for start in range(len(words) - 8)}

    assert stretches(reference_corpus()) & stretches(real_reports / "surabaya-2022.csv") == set()
