import pytest

from training.config import TrainingConfig
from training.searching import Budget, SearchError, draw_settings, search, settings_of

from .conftest import make_frame

CONFIG = TrainingConfig(heads=("agency",))


def test_the_given_settings_come_first_and_the_table_is_sorted():
    table = search(make_frame(120), CONFIG, Budget(n_settings=4))
    assert sorted(table["number"]) == [0, 1, 2, 3]
    assert table["accuracy"].is_monotonic_decreasing
    assert table.set_index("number").loc[0, "penalty"] == CONFIG.penalty
    assert (table["accuracy"] == table["agency_accuracy"]).all()


def test_the_same_seed_draws_the_same_settings_and_a_row_leads_back_to_them():
    drawn = list(draw_settings(CONFIG, 5))
    assert drawn == list(draw_settings(CONFIG, 5))
    table = search(make_frame(120), CONFIG, Budget(n_settings=3))
    for place, number in enumerate(table["number"]):
        assert settings_of(table, CONFIG, place) == drawn[number]


def test_several_at_a_time_find_what_one_at_a_time_finds():
    frame = make_frame(120)
    alone = search(frame, CONFIG, Budget(n_settings=4))
    together = search(frame, CONFIG, Budget(n_settings=4, n_jobs=2))
    assert together.drop(columns="seconds").equals(alone.drop(columns="seconds"))


def test_a_search_ends_with_its_minutes():
    assert len(search(make_frame(120), CONFIG, Budget(minutes=0, n_settings=50))) == 1


def test_rows_without_two_labels_are_refused():
    with pytest.raises(SearchError, match="two labels"):
        search(make_frame(60).assign(agency="dinas-pupr"), CONFIG)
