"""What `bench/replay.py` prints and draws of the months it replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import statsmodels.api as sm
from replay_city import HEADS

from training.judging import wilson_interval

# The error budget of the agency (DESIGN 4.3).
BUDGET = 0.05


@dataclass(frozen=True, slots=True)
class Month:
    """What was seen of a month: rows, those with a label of ours, right answers, what was decided alone and wrongly.

    ``n_right_first`` are right answers of the first bundle, which learnt nothing of the city. ``coverage`` is the share
    of labelled reports, the surest first, that stays within the error budget: what could have been decided alone.
    """

    name: str
    n: int
    n_labelled: Mapping[str, int]
    n_right: Mapping[str, int]
    n_right_first: Mapping[str, int]
    n_auto: int
    n_auto_judged: int
    n_auto_wrong: int
    coverage: float
    bundle: str
    verdict: str = ""
    drift: str = ""
    is_alarm: bool = False


def find_coverage(confidences: Sequence[float], is_right: Sequence[bool]) -> float:
    """The largest share of answers, the surest first, of which no more than the budget are wrong."""
    if not is_right:
        return 0.0
    order = np.argsort(-np.asarray(confidences), kind="stable")
    n = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~np.asarray(is_right)[order]) / n
    within = n[wrong <= BUDGET]
    return float(within[-1] / len(order)) if len(within) else 0.0


def describe(month: Month) -> str:
    """The line of a month."""
    shares = []
    for head in HEADS:
        low, high = wilson_interval(month.n_right[head], month.n_labelled[head])
        shares.append(f"{month.n_right[head] / month.n_labelled[head]:.3f} [{low:.3f},{high:.3f}]")
    first = [f"{month.n_right_first[head] / month.n_labelled[head]:.3f}" for head in HEADS]
    wrong = f"{month.n_auto_wrong / month.n_auto_judged:.3f}" if month.n_auto_judged else "-"
    return (
        f"{month.name:8} {month.n:5} {month.n_labelled['agency']:8} {shares[0]:>19} {first[0]:>6} {shares[1]:>19} "
        f"{first[1]:>6} {month.coverage:8.3f} {month.n_auto / month.n:6.3f} {wrong:>6}  {month.verdict}"
    )


HEADINGS = (
    f"{'month':8} {'rows':>5} {'labelled':>8} {'agency':>19} {'first':>6} {'topic':>19} {'first':>6} {'coverage':>8} "
    f"{'saved':>6} {'wrong':>6}  gate"
)


def describe_drift(told: Mapping[str, Any]) -> str:
    """The line of a look: its verdict, then every sign with what came of it."""
    signs = [_describe_sign(sign) for sign in told["signs"]]
    period = told["period"]
    return f"drift {period['start']} to {period['end']}: {told['verdict']}; {'; '.join(signs)}"


def _describe_sign(sign: Mapping[str, Any]) -> str:
    name = f"{sign['sign']} {sign['head']}"
    if sign["change"] is None:
        return f"{name} {sign['state']} (n {sign['n']}, {sign['n_reference']})"
    return f"{name} {sign['state']} {sign['change']:+.3f} p {sign['p']:.1g}"


def tell_slopes(months: Sequence[Month]) -> list[str]:
    """How accuracy went over the months, with the interval of the slope (heteroscedasticity-robust, HC3)."""
    if len(months) < len(("three", "points", "at least")):
        return []
    lines = []
    for head in HEADS:
        weights = np.array([month.n_labelled[head] for month in months], dtype=float)
        learnt = np.array([month.n_right[head] for month in months]) / weights
        first = np.array([month.n_right_first[head] for month in months]) / weights
        lines.append(f"slope of {head}: {_fit(learnt, weights)}")
        lines.append(f"slope of {head} beyond the first bundle: {_fit(learnt - first, weights)}")
        total = (weights @ learnt / weights.sum(), weights @ first / weights.sum())
        lines.append(f"{head} over the year: {total[0]:.3f}, the first bundle {total[1]:.3f}")
    saved, n = sum(month.n_auto for month in months), sum(month.n for month in months)
    return [*lines, f"officer work saved: {saved:,} of {n:,} reports needed no person"]


def _fit(shares: "np.ndarray[tuple[int], np.dtype[np.float64]]", weights: np.ndarray) -> str:
    fitted = sm.WLS(shares, sm.add_constant(np.arange(len(shares))), weights).fit(cov_type="HC3", use_t=True)
    low, high = fitted.conf_int()[1]
    return f"{fitted.params[1]:+.4f} a month [{low:+.4f}, {high:+.4f}]"


def plot(months: Sequence[Month], path: Path) -> None:
    """Accuracy with intervals beside the first bundle's, coverage and work saved, refusals and alarms, by month."""
    import altair as alt  # noqa: PLC0415  # only where a plot is wanted

    month = alt.X("month:O", title=None)
    share = alt.Y("share:Q", axis=alt.Axis(format="%"), title=None, scale=alt.Scale(zero=False))
    base = alt.Chart(alt.InlineData(_list_shares(months))).encode(x=month, color=alt.Color("what:N", title=None))
    bands = base.mark_errorbar().encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    lines = base.mark_line(point=True).encode(y=share, strokeDash=alt.StrokeDash("by:N", title=None))
    saved = (
        alt.Chart(alt.InlineData(_list_coverage(months)))
        .mark_line(point=True)
        .encode(x=month, color=alt.Color("what:N", title=None), y=share)
    )
    happened = (
        alt.Chart(alt.InlineData(_list_happenings(months)))
        .mark_point(filled=True, size=90)
        .encode(x=month, y=alt.Y("what:N", title=None), color=alt.Color("came:N", title=None))
    )
    width = 620
    chart = alt.vconcat(
        (bands + lines).properties(width=width, height=260, title="Accuracy on the labels of the city"),
        saved.properties(width=width, height=140, title="Coverage at the error budget, and officer work saved"),
        happened.properties(width=width, height=60, title="Gate and drift"),
    ).resolve_scale(color="independent")
    chart.properties(title=alt.Title("A year of real reports", subtitle=tell_slopes(months))).save(path)


def _list_shares(months: Sequence[Month]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for month in months:
        for head in HEADS:
            n = month.n_labelled[head]
            low, high = wilson_interval(month.n_right[head], n)
            row = {"month": month.name, "what": head}
            rows.append({**row, "by": "in force", "share": month.n_right[head] / n, "low": low, "high": high})
            rows.append({**row, "by": "first bundle", "share": month.n_right_first[head] / n})
    return rows


def _list_coverage(months: Sequence[Month]) -> list[dict[str, object]]:
    return [
        {"month": month.name, "what": what, "share": share}
        for month in months
        for what, share in (("within the budget, in hindsight", month.coverage), ("saved", month.n_auto / month.n))
    ]


def _list_happenings(months: Sequence[Month]) -> list[dict[str, object]]:
    came = [("gate", _name_verdict(month.verdict), month) for month in months]
    came += [("drift", "alarm" if month.is_alarm else "none", month) for month in months]
    return [{"month": month.name, "what": what, "came": name} for what, name, month in came]


def _name_verdict(verdict: str) -> str:
    return next((word for word in ("refused", "in force", "waits") if word in verdict), "not promoted")
