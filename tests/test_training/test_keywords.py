import numpy as np
import pytest

from model.bundle import read_bundle
from model.errors import BundleCorruptError
from model.stemming import Stemmer
from model.table import TableArrays
from training.keywords import MAX_WORDS_OF_LINE, N_LINES, find_keywords, group_words, keywords_to_json, read_keywords


def _arrays(strength):
    """A table of two labels in which each token says so much more for the second than for the first."""
    tokens = tuple(sorted(strength))
    rows = np.zeros((len(tokens), 4), np.float16)
    rows[:, 1] = [strength[token] for token in tokens]
    nothing = np.zeros(0, np.float32)
    return TableArrays(
        tokens=tokens,
        token_rows=rows,
        token_norms=np.ones((len(tokens), 2), np.float32),
        pair_keys=np.zeros(0, np.int64),
        pair_rows=np.zeros((0, 2), np.float16),
        pair_norms=nothing,
        ngram_keys=np.zeros(0, np.int64),
        ngram_rows=np.zeros((0, 2), np.float16),
        ngram_weights=nothing,
        bias=np.zeros(2, np.float32),
    )


def _find(strength):
    return find_keywords(_arrays(strength), {"topic": ("lain", "sampah")}, Stemmer().stem)["topic"]


def test_words_of_one_root_make_one_line_strongest_first():
    found = _find({"angkut": 1.0, "diangkut": 3.0, "pengangkutan": 2.0, "bau": 2.5})
    assert found["sampah"] == (("diangkut", "pengangkutan", "angkut"), ("bau",))


def test_a_word_that_speaks_for_another_label_is_not_shown():
    found = _find({"sampah": 2.0, "jalan": -2.0})
    assert found == {"lain": (("jalan",),), "sampah": (("sampah",),)}


def test_a_word_that_says_little_beside_the_strongest_is_not_shown():
    assert _find({"sampah": 2.0, "pak": 0.1})["sampah"] == (("sampah",),)


def test_masks_numbers_and_single_letters_are_left_out():
    assert _find({"[NAMA]": 3.0, "112": 3.0, "rt02": 3.0, "y": 3.0, "bau": 1.0})["sampah"] == (("bau",),)


def test_a_label_for_which_no_word_speaks_has_no_line():
    assert _find({"jalan": -1.0})["sampah"] == ()


def test_shows_a_bounded_number_of_lines_and_words():
    words = [f"kata{'a' * length}" for length in range(2 * N_LINES)]
    assert len(group_words(words, lambda word: word)) == N_LINES
    assert [len(line) for line in group_words(words, lambda _: "kata")] == [MAX_WORDS_OF_LINE]


def test_rare_words_do_not_win_by_their_rarity_alone():
    arrays = _arrays({"banjir": 2.0, "zulfikar": 3.0})
    norms = np.array([[1, 0], [9, 0]], np.float32)
    arrays = TableArrays(**{name: getattr(arrays, name) for name in TableArrays.__slots__} | {"token_norms": norms})
    found = find_keywords(arrays, {"topic": ("lain", "sampah")}, lambda word: word)
    assert found["topic"]["sampah"] == (("banjir",), ("zulfikar",))


def test_a_bundle_shows_only_words_of_its_vocabulary(trained):
    vocabulary = set(read_bundle(trained.folder).arrays.tokens)
    keywords = read_keywords(trained.folder)
    shown = {word for labels in keywords.values() for lines in labels.values() for line in lines for word in line}
    assert shown
    assert shown <= vocabulary


def test_the_words_of_a_duty_lead_its_label(trained):
    lines = read_keywords(trained.folder)["agency"]["dinas-pupr"]
    assert {word for line in lines[:4] for word in line} <= set(
        "jalan berlubang aspal rusak lubang diaspal pengaspalan".split()
    )


def test_come_back_from_their_file(tmp_path):
    keywords = {"topic": {"sampah": (("angkut", "diangkut"), ("bau",)), "lain": ()}}
    (tmp_path / "keywords.json").write_bytes(keywords_to_json(keywords))
    assert read_keywords(tmp_path) == keywords


@pytest.mark.parametrize("content", ["[]", "{", '{"topic": 1}'])
def test_refuses_a_file_that_holds_no_keywords(tmp_path, content):
    (tmp_path / "keywords.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleCorruptError, match=r"keywords\.json holds no keywords"):
        read_keywords(tmp_path)
