import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from model.signature import N_BYTES, estimate_jaccard, sign, stack

TEXT = "Jalan di depan pasar Talawi berlubang besar sekali sudah dua minggu, banyak motor jatuh apalagi waktu hujan"
COPIES = (
    f"Assalamualaikum Pak, selamat pagi. {TEXT}. Terima kasih.",
    TEXT.upper() + "!!!",
    TEXT.replace("besar sekali", "besaaarrr sekaliiii").replace(",", " ..."),
)
# An estimate of 64 hashes lies within this of the truth but once in ten thousand.
TOLERANCE = 0.25


@pytest.mark.parametrize("copy", COPIES)
def test_case_signs_repeated_letters_and_greetings_change_nothing(copy: str) -> None:
    assert sign(copy) == sign(TEXT)


def test_a_word_changed_or_a_sentence_added_is_still_a_near_copy() -> None:
    assert estimate_jaccard(sign(TEXT), sign(TEXT.replace("besar", "dalam"))) >= 0.5
    assert estimate_jaccard(sign(TEXT), sign(TEXT + ". Sudah lapor ke kelurahan")) >= 0.5


def test_the_same_matter_in_other_words_is_no_copy() -> None:
    other = "Lampu jalan di depan pasar Talawi mati, sudah dua minggu gelap, banyak motor hampir jatuh"
    assert estimate_jaccard(sign(TEXT), sign(other)) < 0.5


def test_a_text_of_one_or_two_words_is_like_the_same_words_only() -> None:
    assert estimate_jaccard(sign("lampu mati"), sign("Lampu MATI!")) == 1
    assert estimate_jaccard(sign("lampu mati"), sign("mati lampu")) == 0
    assert estimate_jaccard(sign("lampu mati"), sign("lampu mati lagi")) == 0


@pytest.mark.parametrize("text", ["", "?!", "😀"])
def test_a_text_without_words_is_like_none_not_even_itself(text: str) -> None:
    assert sign(text) == b""
    assert estimate_jaccard(sign(text), sign(text)) == 0


def test_greetings_alone_are_compared_as_they_stand() -> None:
    assert estimate_jaccard(sign("selamat pagi"), sign("Selamat pagi!")) == 1
    assert estimate_jaccard(sign("selamat pagi"), sign("terima kasih")) == 0


def test_bytes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="these have 256 and 3"):
        estimate_jaccard(sign(TEXT), b"abc")


def test_signatures_stay_what_they_are() -> None:
    assert sign("lampu jalan mati")[:8].hex() == "dd87348d5f5cd6d8"


@given(st.text(max_size=120))
def test_a_signature_has_its_length_and_is_like_itself(text: str) -> None:
    signature = sign(text)
    assert len(signature) in (0, N_BYTES)
    assert estimate_jaccard(signature, signature) == bool(signature)


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=3, max_size=40), st.lists(st.sampled_from("abcdefgh"), min_size=3)
)
def test_it_estimates_what_datasketch_estimates(first: list[str], second: list[str]) -> None:
    sketches = []
    for words in (first, second):
        sketch = MinHash(num_perm=1024)
        sketch.update_batch([" ".join(words[start : start + 3]).encode() for start in range(len(words) - 2)])
        sketches.append(sketch)
    expected = sketches[0].jaccard(sketches[1])
    assert abs(estimate_jaccard(sign(" ".join(first)), sign(" ".join(second))) - expected) < TOLERANCE


@given(st.lists(st.lists(st.sampled_from("lampu jalan mati gang".split()), max_size=6).map(" ".join), max_size=20))
def test_many_are_estimated_as_each_pair_alone(texts: list[str]) -> None:
    signatures = [sign(text) for text in texts]
    stacked = stack(signatures)
    for number, one in enumerate(signatures):
        # Few of all are picked out, many are compared with all.
        for others in (np.arange(len(texts)), np.arange(len(texts))[::7]):
            pairs = [estimate_jaccard(one, signatures[other]) for other in others]
            assert stacked.estimate_jaccards(number, others).tolist() == pairs


def test_a_stack_takes_no_bytes_of_another_length() -> None:
    with pytest.raises(ValueError, match="one of these has 3"):
        stack([sign(TEXT), b"", b"abc"])
