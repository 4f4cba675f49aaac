import numpy as np
import pytest

from service.figures.errors import FigureError
from service.figures.mix import PRIOR_CASES, expect_by_mix


def test_a_unit_is_held_against_the_others_and_not_against_itself():
    # Two strata, three units; worked by hand with the prior written out.
    hits, cases = np.array([[10, 0], [50, 5], [40, 5]]), np.array([[100, 50], [500, 50], [400, 50]])
    expected = expect_by_mix(hits, cases)
    everywhere = (20 * 110 / 1150 + 100) / (20 + 1000)
    first = (20 * everywhere + 90) / (20 + 900)
    second = (20 * everywhere + 10) / (20 + 100)
    assert expected.hits[0] == pytest.approx(100 * first + 50 * second)
    assert expected.comparable[0] == 1


def test_a_unit_of_hard_cases_is_expected_to_do_worse():
    easy, hard = 0.9, 0.5
    cases = np.array([[200, 0], [100, 100], [0, 200]])
    hits = cases * [easy, hard]
    expected = expect_by_mix(hits, cases)
    assert expected.rate == pytest.approx([0.9, 0.7, 0.5], abs=0.07)
    assert (np.diff(expected.rate) < 0).all()


def test_a_stratum_nobody_else_has_leans_on_the_coarser_group():
    cases = np.array([[300, 0, 0], [0, 300, 300]])
    hits = np.array([[30, 0, 0], [0, 240, 30]])
    near = expect_by_mix(hits, cases, [[0, 0, 1]])
    apart = expect_by_mix(hits, cases)
    assert near.rate[0] == pytest.approx((PRIOR_CASES * apart.rate[0] + 240) / (PRIOR_CASES + 300), abs=0.02)
    assert near.comparable[0] == 0


def test_a_unit_far_off_is_no_yardstick_for_its_fellows_but_has_one_itself():
    cases = np.full((8, 4), 100)
    hits = np.full((8, 4), 80)
    hits[3] = 50
    expected = expect_by_mix(hits, cases)
    assert expected.is_far.tolist() == [False] * 3 + [True] + [False] * 4
    assert expected.rate == pytest.approx(np.full(8, 0.8), abs=1e-3)


def test_where_many_are_off_nobody_leaves_the_yardstick():
    hits, cases = np.array([[95], [90], [50], [45]]), np.full((4, 1), 100)
    assert not expect_by_mix(hits, cases).is_far.any()


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(FigureError, match="more hits"):
        expect_by_mix([[3]], [[2]])
    with pytest.raises(FigureError, match="A grouping"):
        expect_by_mix([[1, 1]], [[2, 2]], [[0]])
