from datetime import date

import altair as alt
import pandas as pd
import pytest

from service.demo.truths import BURST_TOPIC, SLOW_OFFICE
from service.workbench import (
    ask_agencies,
    ask_districts,
    ask_effect,
    ask_emerging,
    ask_topics,
    ask_trends,
    ask_ways,
    imagine_bundles,
    pictures,
    tabulate,
)

TOPIC = "jalan-rusak"
CHANGED = date(2025, 9, 1)


@pytest.fixture(scope="module")
def imagined(shipped):
    """A city whose first bundle missed four of ten reports of a topic, and whose second misses one in twelve."""
    return imagine_bundles(shipped, TOPIC, [0.4, 0.08], [CHANGED], n_times=3)


def test_every_answer_becomes_a_frame_of_plain_columns(shipped):
    series = tabulate(ask_trends(shipped, ["sampah", TOPIC]))
    assert list(series["topic"].unique()) == [TOPIC, "sampah"]
    assert series["n"].sum() == sum(
        shipped.cases["topic"].isin(["sampah", TOPIC])
        & shipped.cases["day"].between(series["day"].min(), series["day"].max() + pd.offsets.MonthEnd(0))
    )
    assert BURST_TOPIC in set(tabulate(ask_emerging(shipped)).query("is_alarm")["topic"])
    units = tabulate(ask_agencies(shipped)).set_index("agency")
    assert units.loc[SLOW_OFFICE, "kept_verdict"] == "below"
    told = units[units["kept"].notna()]
    assert (told["kept_n"] >= 20).all()
    assert told["kept"].between(told["kept_low"], told["kept_high"]).all()
    assert units["kept"].isna().any()
    ways = tabulate(ask_ways(shipped))
    assert ways["share"].between(ways["low"] - 1e-9, ways["high"] + 1e-9).all()
    assert len(tabulate(ask_districts(shipped))) == 4
    assert tabulate(ask_topics(shipped))["n"].sum() > 1_000
    assert set(tabulate(ask_effect(shipped, 0, "kept"))) >= {"day", "value", "control", "fitted", "counterfactual"}


def test_every_picture_is_a_chart_with_its_title_and_notes(shipped):
    units, ways, flood = ask_agencies(shipped), ask_ways(shipped), ask_trends(shipped, ["banjir-longsor"])
    drawn = [
        pictures.draw_series(shipped, flood),
        pictures.draw_strips(ask_trends(shipped, ["sampah", TOPIC])),
        pictures.draw_emerging(ask_emerging(shipped)),
        pictures.draw_districts(ask_districts(shipped)),
        pictures.draw_rates(units, "kept", "Tepat waktu"),
        pictures.draw_beside(units, "given_back", "Dikembalikan"),
        pictures.draw_split(units),
        pictures.draw_ways(ways, SLOW_OFFICE),
        pictures.draw_effect(ask_effect(shipped, 0, "kept")),
    ]
    for chart in drawn:
        assert isinstance(chart, alt.LayerChart)
        written = chart.to_dict()
        assert written["title"]["text"]
        assert written["background"] == "white"
    assert [note[:1] for note in drawn[0].to_dict()["title"]["subtitle"]] == ["1"]
    with pytest.raises(ValueError, match="no rate"):
        pictures.draw_rates(units, "cepat", "x")


def test_units_with_too_few_cases_are_drawn_with_words_in_place_of_a_figure(shipped):
    written = str(pictures.draw_rates(ask_agencies(shipped), "kept", "Tepat waktu").to_dict())
    assert "belum cukup data (n = " in written


def test_a_better_bundle_is_a_rise_of_raw_counts_and_none_of_corrected_ones(imagined):
    months = tabulate(ask_trends(imagined, [TOPIC])).set_index("day")
    truth = imagined.cases[imagined.cases["truth"] == TOPIC].set_index("day").resample("MS").size()
    months = months.join(truth.rename("truth")).fillna({"truth": 0})
    assert months["is_corrected"].all()
    assert months["truth"].between(months["low"], months["high"]).mean() > 0.85
    first, second = months[: str(date(2025, 8, 31))].mean(numeric_only=True), months["2025-09":].mean(numeric_only=True)
    assert first["n"] / first["truth"] < 0.75 < second["n"] / second["truth"]
    assert first["value"] / first["truth"] == pytest.approx(1, abs=0.2)


def test_without_an_audit_raw_counts_stand_with_a_break_where_the_bundle_changed(imagined):
    unaudited = imagined.change(audits=imagined.audits.iloc[:0])
    months = tabulate(ask_trends(unaudited, [TOPIC]))
    assert list(months.loc[months["is_break"], "day"]) == [pd.Timestamp(CHANGED)]
    assert (months["value"] == months["n"]).all()
