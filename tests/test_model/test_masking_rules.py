import re

from hypothesis import given
from hypothesis import strategies as st

from model.masking_rules import Rule, Scanner, lower_each


@given(st.text())
def test_lowering_keeps_every_character_at_its_place(text: str) -> None:
    assert len(lower_each(text + "İ")) == len(text) + 1


def test_masks_the_group_after_a_cue_and_counts() -> None:
    counts = {"NIK": 1}
    scanner = Scanner((Rule("NIK", r"nik ([0-9]+)", has_cue=True), Rule("PLAT", r"[a-z][0-9]+")))
    assert scanner.replace("NIK 12, B34", counts) == "NIK [NIK], [PLAT]"
    assert counts == {"NIK": 2, "PLAT": 1}


def test_leaves_a_match_after_the_words_that_excuse_it() -> None:
    scanner = Scanner((Rule("TELEPON", "[0-9]{4}", unless_after=re.compile(r"tiket \Z")),))
    assert scanner.replace("tiket 1234 atau 1234", {}) == "tiket 1234 atau [TELEPON]"


def test_reads_capitals_only_where_told() -> None:
    rules = (Rule("PLAT", "B[0-9]+"),)
    assert Scanner(rules, reads_capitals=True).replace("B12 b12", {}) == "[PLAT] b12"
