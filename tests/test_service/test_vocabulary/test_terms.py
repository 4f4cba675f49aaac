from hypothesis import given, settings
from hypothesis import strategies as st

from model.places import read_gazetteer
from model.shipped import datasets_folder
from service.vocabulary.tally import Count, Tally
from service.vocabulary.terms import read_terms

PLACES = read_gazetteer(datasets_folder() / "lexicons" / "places.csv")


def read(text):
    return read_terms(text, PLACES)


def test_words_and_pairs_are_those_of_the_text_layer_without_places_numbers_masks_and_names():
    terms = read("Di Talawi Hilie biogas bocooor, hubungi [TELEPON] a.n. [NAMA] atau Andika no 12 rt3")
    assert {"biogas", "bocor", "hubungi", "atau"} <= terms.words
    assert terms.words.isdisjoint({"talawi", "hilie", "andika", "12", "rt3", "[telepon]", "telepon", "nama"})
    assert "biogas bocor" in terms.pairs
    # Not beside each other: a comma, a mask, a place stands between.
    assert terms.pairs.isdisjoint({"bocor hubungi", "hilie biogas", "hubungi atau"})


def test_a_word_mostly_written_with_a_capital_in_mid_sentence_is_a_name():
    tally = Tally()
    for number in range(9):
        tally.add(f"r{number}", read(f"kemarin petugas Zulhendra marah di loket. Biogas bocor {number}"))
        tally.add(f"r{number}", read("lagi soal biogas yang baru"))
    found = tally.list_candidates()
    assert "zulhendra" not in found
    assert not [term for term in found if "zulhendra" in term]
    assert found["biogas"] == 18


def test_who_shouts_tells_no_names_by_capitals():
    assert read("Tolong Perbaiki Biogas Yang Bocor Di Dapur Umum").capital == frozenset()


def test_a_word_of_fewer_than_three_reporters_is_no_candidate_however_often_it_stands():
    tally = Tally()
    for number in range(30):
        tally.add(f"r{number % 2}", read("biogas bocor"))
        tally.add(f"s{number}", read("sampah menumpuk"))
    assert set(tally.list_candidates()) == {"sampah", "menumpuk", "sampah menumpuk"}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text("abcd ", min_size=1, max_size=30), max_size=60), st.integers(5, 40))
def test_the_memory_is_bounded_and_no_count_is_off_by_more_than_what_was_forgotten(texts, most):
    bounded, whole = Tally(most), Tally()
    for number, text in enumerate(texts):
        bounded.add(f"r{number}", read(text))
        whole.add(f"r{number}", read(text))
        assert len(bounded) <= most
    true = whole.list_candidates()
    for term, n in bounded.list_candidates().items():
        assert true[term] - bounded.forgotten_up_to <= n <= true[term]


def test_known_terms_are_counted_once_a_report():
    count = Count(["biogas", "biogas bocor", "lama"])
    assert count.add(read("biogas bocor, biogas bocor lagi")) == ["biogas", "biogas bocor"]
    assert count.counts == {"biogas": 1, "biogas bocor": 1, "lama": 0}
