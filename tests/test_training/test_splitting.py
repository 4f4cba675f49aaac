from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.splitting import SplitError, roll_forward, split_at

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _frame(days):
    return pd.DataFrame({"id": [str(day) for day in days], "received_at": [_START + timedelta(days=d) for d in days]})


@given(st.integers(0, 300), st.integers(1, 12), st.floats(0.05, 0.8))
def test_every_later_row_is_scored_once_by_all_rows_before_it(n_rows, n_folds, share):
    folds = list(roll_forward(n_rows, n_folds, share))
    later = np.concatenate([fold.later for fold in folds]) if folds else np.array([], dtype=np.int64)
    for fold in folds:
        assert fold.earlier.tolist() == list(range(fold.later[0]))
    assert later.tolist() == list(range(n_rows - len(later), n_rows))


def test_scores_the_share_that_was_asked_for_in_as_many_slices():
    assert [len(fold.later) for fold in roll_forward(100, 4, 0.4)] == [10, 10, 10, 10]


@pytest.mark.parametrize("n_rows", [0, 1])
def test_too_few_rows_give_no_fold(n_rows):
    assert not list(roll_forward(n_rows, 3, 0.4))


def test_splits_at_an_instant_that_belongs_to_the_later_rows():
    earlier, later = split_at(_frame([3, 0, 2, 1]), _START + timedelta(days=2))
    assert (list(earlier["id"]), list(later["id"])) == (["0", "1"], ["3", "2"])


@pytest.mark.parametrize("day", [0, 9])
def test_refuses_a_day_with_all_rows_on_one_side_and_says_how_far_they_run(day):
    with pytest.raises(SplitError, match="the rows run from 2026-01-01 to 2026-01-04"):
        split_at(_frame([0, 1, 2, 3]), _START + timedelta(days=day))


def test_refuses_rows_without_a_time():
    frame = _frame([0, 1])
    frame.loc[1, "received_at"] = pd.NaT
    with pytest.raises(SplitError, match="each has received_at"):
        split_at(frame, _START)


def test_refuses_a_file_without_times():
    with pytest.raises(SplitError, match="use --test FILE"):
        split_at(pd.DataFrame({"id": ["1"]}), _START)
