from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.cases.sheets import (
    DAYS_OF_BIN,
    ENDS,
    LENGTHS,
    MIXES,
    PARTS,
    add_lines,
    code_length,
    code_stratum,
    find_bin,
    find_first_code,
    read_sheets,
)

CODES = st.sampled_from([-(2**40), -1, 0, 7, 2**50])
CHANGES = st.lists(st.tuples(CODES, st.integers(-3, 3)), max_size=30)


@given(CHANGES)
def test_a_sheet_holds_the_sums_of_all_that_was_added_whatever_the_steps(changes):
    packed, sums = b"", Counter()
    for code, n in changes:
        packed = add_lines(packed, {code: (n, 0, 2 * n, 0)}, MIXES)
        sums[code] += n
    kept = {code: n for code, n in sums.items() if n}
    lines, _ = read_sheets([packed], MIXES)
    assert [(line["code"], line["n"], line["n_judged"]) for line in lines] == [
        (code, n, 2 * n) for code, n in sorted(kept.items())
    ]
    at_once = {code: (n, 0, 2 * n, 0) for code, n in kept.items()}
    assert packed == (add_lines(b"", at_once, MIXES) if at_once else b"")


def test_lines_know_their_sheet():
    sheets = [add_lines(b"", {1: (5,), 2: (6,)}, LENGTHS), b"", add_lines(b"", {9: (7,)}, LENGTHS)]
    lines, places = read_sheets(sheets, LENGTHS)
    assert lines["n"].tolist() == [5, 6, 7]
    assert places.tolist() == [0, 0, 2]


def test_days_up_to_thirteen_weeks_are_told_as_they_are_and_longer_ones_to_the_nearest_ten():
    told = np.array([DAYS_OF_BIN[find_bin(n_days)] for n_days in range(3_000)])
    assert told[:66].tolist() == list(range(66))
    assert np.abs(told[66:990] - np.arange(66, 990)).max() <= 5
    assert (np.diff(told) >= 0).all()
    assert told[-1] == 995


def test_no_two_lengths_have_one_code():
    days = [*range(66), *range(66, 1_010, 10)]
    codes = {code_length(part, end, n_days) for part in PARTS for end in ENDS for n_days in days}
    assert len(codes) == len(PARTS) * len(ENDS) * len(DAYS_OF_BIN)
    assert max(codes) <= np.iinfo(LENGTHS["code"]).max
    assert min(codes) == find_first_code(PARTS[0]) == 0


def test_the_code_of_a_stratum_is_the_same_in_every_store():
    assert code_stratum("pengaduan", "jalan-rusak", "sedang") == 4104881120085922590
    assert code_stratum("pengaduan", "jalan", "rusak-sedang") != code_stratum("pengaduan", "jalan-rusak", "sedang")
