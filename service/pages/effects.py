"""What a page says and draws of an effect: one plain sentence, a picture, and the weeks it is drawn from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from service import charts
from service.charts import Picture, Row, Words
from service.figures.effect import Estimate
from service.page_words import Language
from service.pages.formats import day, fill, number, share
from service.statistics import EffectAnswer, EffectPoint

# With fewer on either side nothing is said of an effect.
MINIMUM_WEEKS: Final = 24
_SAID: Final = {"rose", "fell", "no_change_seen"}
# As the logarithms of the effect were taken.
_ADDED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Week:
    """A week as table and picture show it: beside a control the difference, else the measure itself."""

    day: date
    value: float | None
    control: float | None
    shown: float | None
    fitted: float | None
    counterfactual: float | None


def say_effect(answer: EffectAnswer, words: Mapping[str, str], language: Language) -> str:
    """What changed, by how much, and how sure that is."""
    said = {
        "measure": words[f"measure_{answer.measure}_inside"],
        "title": answer.mark.title,
        "day": day(answer.mark.day, language=language),
        "before": number(answer.n_before, language=language),
        "after": number(answer.n_after, language=language),
    }
    if answer.verdict not in _SAID or answer.mean is None or not answer.n:
        is_long = min(answer.n_before, answer.n_after) >= MINIMUM_WEEKS
        return fill(words["effect_too_sparse" if is_long else "effect_too_short"], **said)
    value, low, high = _write_bounds(answer, answer.mean, words, language)
    beside = words["effect_beside"] if answer.has_control else ""
    sentence = fill(words[f"effect_{answer.verdict}"], **said, value=value, low=low, high=high, beside=beside)
    return f"{sentence} {words['effect_wider']}" if answer.is_wider else sentence


def list_weeks(answer: EffectAnswer) -> list[Week]:
    """The weeks, earliest first."""
    return [_read_week(answer, point) for point in answer.points]


def draw_effect(answer: EffectAnswer, names: Words, words: Mapping[str, str]) -> Picture:
    """The weeks, the fitted course before and after, and where the first would have led."""
    rows: list[Row] = [
        {"day": one.day, "n": one.shown, "fitted": one.fitted, "counterfactual": one.counterfactual}
        for one in list_weeks(answer)
    ]
    measure = words["effect_difference"] if answer.has_control else words[f"measure_{answer.measure}"]
    mark: Row = {"day": answer.mark.day, "title": answer.mark.title}
    is_share = answer.is_share and not answer.has_control
    return charts.policy_effect(rows, names, mark=mark, measure=measure, is_share=is_share)


def _read_week(answer: EffectAnswer, point: EffectPoint) -> Week:
    shown = point.value
    if answer.has_control:
        shown = _subtract(point, is_log=answer.scale == "log")
    return Week(point.day, point.value, point.control, shown, point.fitted, point.counterfactual)


def _subtract(point: EffectPoint, *, is_log: bool) -> float | None:
    if point.value is None or point.control is None:
        return None
    if is_log:
        return math.log(point.value + _ADDED) - math.log(point.control + _ADDED)
    return point.value - point.control


def _write_bounds(
    answer: EffectAnswer, mean: Estimate, words: Mapping[str, str], language: Language
) -> tuple[str, str, str]:
    """The difference and the ends of its interval; where the sentence says whether it rose or fell, without sign."""
    bounds = (mean.value, mean.low, mean.high)
    written = [_write(answer, one, words, language) for one in bounds]
    if answer.verdict == "no_change_seen":
        return written[0], written[1], written[2]
    value, low, high = (one.lstrip("+−") for one in written)
    return (value, low, high) if answer.verdict == "rose" else (value, high, low)


def _write(answer: EffectAnswer, value: float, words: Mapping[str, str], language: Language) -> str:
    """A difference with its unit: reports a week, points of per cent, or per cent beside a control."""
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if answer.scale == "log":
        return f"{sign}{share(abs(math.exp(value) - 1), language=language)}"
    if answer.is_share:
        return f"{sign}{number(abs(100 * value), 1, language=language)} {words['points']}"
    return f"{sign}{number(abs(value), 1, language=language)} {words['effect_a_week']}"
