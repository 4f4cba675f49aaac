import pytest

from model.errors import DatasetError
from model.spelling import Spelling, parse_spelling

SMALL = "form,standard,note\nrmh,rumah,sms\ntdkada,tidak ada,slang\n"


def test_one_token_may_stand_for_several_words_that_all_point_back_to_it() -> None:
    spelled = parse_spelling(SMALL, "slang.csv").spell(["rmh", "tdkada", "api"])
    assert spelled.forms == ["rumah", "tidak", "ada", "api"]
    assert spelled.origins == [0, 1, 1, 2]


@pytest.mark.parametrize(("form", "spelled"), [("muntah2", "muntah"), ("2", "2"), ("4c2", "4c2"), ("rt02", "rt02")])
def test_a_final_two_is_dropped_from_a_word_only(form: str, spelled: str) -> None:
    assert Spelling().spell([form]).forms == [spelled]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DatasetError, match=r"slang\.csv: column standard is missing"):
        parse_spelling("form,note\n", "slang.csv")
