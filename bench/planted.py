"""Prints whether figures find what was planted, how often their intervals hold the truth, and how often they cry wolf.

    python bench/planted.py [--runs 1000]

Each plant makes cities in which the truth is known, from seeded chance, and asks `service.figures` about them. Behind
a figure stands its bar, where it has one; the same bars are held by tests marked `long`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from service.figures.drift import find_mix_change, share_budget
from service.figures.durations import count_rows, find_incidence, find_quantile, find_share_within
from service.figures.effect import estimate_effect
from service.figures.emerging import BUDGET_PER_YEAR, find_emerging, find_emerging_cells
from service.figures.intervals import estimate_clustered_rate, estimate_rate
from service.figures.pooling import compare_units
from service.figures.series import correct_series, read_audit, read_topic_counts

COVERED = 0.93
N_UNITS, N_STRATA = 12, 10


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure of a plant; ``least`` and ``most`` are its bars."""

    what: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether it lies within its bars."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)


def plant_repeats(runs: int) -> list[Finding]:
    """Rates of reports that repeat each other by incident; half of a city's incidents bring up to eight."""
    random = np.random.default_rng(1)
    plain, clustered, widths = [], [], []
    for _ in range(runs):
        n_incidents = int(random.integers(40, 120))
        incident = np.repeat(np.arange(n_incidents), random.integers(1, 9, n_incidents))
        hits = random.random(incident.size) < random.beta(0.9, 2.1, n_incidents)[incident]
        one, other = estimate_rate(hits.sum(), hits.size), estimate_clustered_rate(hits, incident)
        plain.append(one.low <= 0.3 <= one.high)
        clustered.append(other.low <= 0.3 <= other.high)
        widths.append(other.high - other.low)
    return [
        Finding("rate of repeated reports: coverage with clusters", np.mean(clustered), least=COVERED),
        Finding("rate of repeated reports: width with clusters", np.mean(widths)),
        Finding("rate of repeated reports: coverage as if none repeated", np.mean(plain)),
    ]


def plant_slow_unit(runs: int) -> list[Finding]:
    """Twelve units of 40 to 500 cases and different mix; one of 250 or more keeps 20 of 100 deadlines fewer."""
    return _plant_unit(runs, "slow unit, deadlines kept", change=-0.20, easy=0.9, hard=0.6, verdict="below")


def plant_misrouting_unit(runs: int) -> list[Finding]:
    """The same units; one gives back 15 of 100 stints more than its mix lets expect."""
    return _plant_unit(runs, "misrouting unit, stints given back", change=0.15, easy=0.04, hard=0.2, verdict="above")


def _plant_unit(runs: int, name: str, *, change: float, easy: float, hard: float, verdict: str) -> list[Finding]:
    random = np.random.default_rng(2)
    found, false, slight, covered, raw_covered, widths, raw_widths = [], [], [], [], [], [], []
    for _ in range(runs):
        stratum_rate = np.linspace(easy, hard, N_STRATA)
        mix = random.dirichlet(np.full(N_STRATA, 0.7), N_UNITS)
        sizes = np.exp(random.uniform(3.7, 6.2, N_UNITS))
        sizes[0] = np.maximum(sizes[0], 250)
        cases = random.poisson(mix * sizes[:, None])
        shift = random.normal(0, 0.02, N_UNITS)
        shift[0], shift[1::2] = change, 0.0
        rate = np.clip(stratum_rate + shift[:, None], 0.005, 0.995)
        hits = random.binomial(cases, rate)
        units = compare_units(hits, cases)
        truth = (cases * rate).sum(axis=1) / np.maximum(cases.sum(axis=1), 1)
        if units[0].verdict != "too_few":
            found.append(units[0].verdict == verdict)
        for unit in range(1, N_UNITS):
            one = units[unit]
            if one.verdict == "too_few":
                continue
            (false if shift[unit] == 0 else slight).append(one.verdict != "as_expected")
            covered.append(one.pooled_low <= truth[unit] <= one.pooled_high)
            raw_covered.append(one.raw_low <= truth[unit] <= one.raw_high)
            widths.append(one.pooled_high - one.pooled_low)
            raw_widths.append(one.raw_high - one.raw_low)
    return [
        Finding(f"{name}: found", np.mean(found), least=0.8),
        Finding(f"{name}: words on six fellows nothing ails, a year of months", 12 * np.sum(false) / runs, most=0.6),
        Finding(f"{name}: words on five fellows a little off, a year", 12 * np.sum(slight) / runs),
        Finding(f"{name}: coverage of pooled rates", np.mean(covered), least=COVERED),
        Finding(f"{name}: width of pooled rates", np.mean(widths)),
        Finding(f"{name}: coverage of raw rates", np.mean(raw_covered), least=COVERED),
        Finding(f"{name}: width of raw rates", np.mean(raw_widths)),
    ]


def plant_slow_durations(runs: int) -> list[Finding]:
    """Working days with transfers competing, open ones, and a third known only from some day on; one unit slower."""
    random = np.random.default_rng(3)
    true_median, true_late, true_within = _find_true_durations(0.10, 0.02)
    covered: list[list[bool]] = [[], [], []]
    widths, slower = [], []
    for _ in range(runs):
        usual = find_incidence(_draw_durations(random, 150, 0.10, 0.02))
        slow = find_incidence(_draw_durations(random, 150, 0.05, 0.02))
        within = find_share_within(usual, 14)
        for place, (share, truth) in enumerate(((0.5, true_median), (0.8, true_late))):
            one = find_quantile(usual, share)
            covered[place].append((one.low is None or one.low <= truth) and (one.high is None or truth <= one.high))
        covered[2].append(within.low <= true_within <= within.high)
        widths.append(within.high - within.low)
        late = find_share_within(slow, 14)
        slower.append(late.enough and late.high < true_within)
    return [
        Finding("durations: coverage of the median", np.mean(covered[0]), least=COVERED),
        Finding("durations: coverage of the 80th percentile", np.mean(covered[1]), least=COVERED),
        Finding("durations: coverage of the share within 14 days", np.mean(covered[2]), least=COVERED),
        Finding("durations: width of the share within 14 days", np.mean(widths)),
        Finding("durations: a unit half as fast is found", np.mean(slower), least=0.9),
    ]


def _draw_durations(random: np.random.Generator, n: int, answering: float, transferring: float):  # noqa: ANN202 - counts
    days = random.geometric(answering + transferring, n) - 1
    cause = (random.random(n) < transferring / (answering + transferring)).astype(int)
    entry = np.where(random.random(n) < 1 / 3, random.integers(0, 8, n), 0)
    seen = entry + random.integers(0, 60, n)
    is_known = days >= entry
    causes = np.where(days <= seen, cause, -1)
    return count_rows(np.minimum(days, seen)[is_known], causes[is_known], 2, entry[is_known])


def _find_true_durations(answering: float, transferring: float) -> tuple[int, int, float]:
    ending = answering + transferring
    incidence = answering / ending * (1 - (1 - ending) ** np.arange(1, 400))
    return int(np.argmax(incidence >= 0.5)), int(np.argmax(incidence >= 0.8)), float(incidence[14])


def plant_burst(runs: int) -> list[Finding]:
    """Thirty topics by week over three years with seasons; one brings eight reports and twice its usual more."""
    random = np.random.default_rng(4)
    found, placed, wrong = [], [], []
    for _ in range(max(runs // 5, 1)):
        history, cells = _draw_topics(random, 156)
        place = int(random.integers(0, 30))
        extra = random.poisson(8 + 2 * history[place, -53:-1].mean())
        history[place, -1] += extra
        cells[place, 2, -1] += extra
        is_alarm = np.array([one.is_alarm for one in find_emerging(history, 52)])
        found.append(is_alarm[place])
        if is_alarm[place]:
            where = find_emerging_cells(cells.reshape(-1, 156), np.repeat(np.arange(30), 5), is_alarm, 52)
            named = [cell for cell, one in enumerate(where) if one.is_alarm]
            placed.append(place * 5 + 2 in named)
            wrong.append(len([cell for cell in named if cell != place * 5 + 2]) / max(len(named), 1))
    return [
        Finding("topic burst: found in its week", np.mean(found), least=0.8),
        Finding("topic burst: its district named", np.mean(placed), least=0.8),
        Finding("topic burst: share of wrong districts among the named", np.mean(wrong), most=0.15),
        *_count_false_alarms(random, max(runs // 50, 1)),
    ]


def _draw_topics(random: np.random.Generator, n_weeks: int, dispersion: float = 0.08):  # noqa: ANN202 - two arrays
    level = np.exp(random.normal(1.2, 1.1, 30))[:, None]
    phase, height = random.uniform(0, 2 * np.pi, (30, 1)), random.uniform(0, 0.6, (30, 1))
    mean = level * np.exp(height * np.sin(2 * np.pi * np.arange(n_weeks) / 52 + phase))
    history = random.poisson(mean * random.gamma(1 / dispersion, dispersion, mean.shape))
    cells = random.multinomial(history, [0.3, 0.3, 0.2, 0.1, 0.1]).transpose(0, 2, 1)
    return history, cells


def _count_false_alarms(random: np.random.Generator, n_years: int) -> list[Finding]:
    """Alarms of years in which nothing happens, each week judged on what was known then."""
    findings = []
    for name, n_before, dispersion in (
        ("three years", 156, 0.08),
        ("half a year", 26, 0.08),
        ("wild topics", 156, 0.4),
    ):
        n_alarms = 0
        for _ in range(n_years):
            history, _ = _draw_topics(random, n_before + 52, dispersion)
            for week in range(n_before + 1, n_before + 53):
                n_alarms += sum(one.is_alarm for one in find_emerging(history[:, :week], 52))
        most = None if name == "wild topics" else BUDGET_PER_YEAR * 1.25  # the budget, and the chance of few years
        findings.append(Finding(f"no burst: false alarms a year, history of {name}", n_alarms / n_years, most=most))
    return findings


def plant_better_bundle(runs: int) -> list[Finding]:
    """A topic that does not change, by month; after a year a bundle that finds 90 of 100 of its reports, not 65."""
    random = np.random.default_rng(5)
    covered, widths, raw_rise, told_rise, breaks = [], [], [], [], []
    for _ in range(runs):
        truth, counts, audit = _draw_bundles(random, n_audited=300)
        series = correct_series(counts, audit)
        covered += list((series.low <= truth) & (truth <= series.high))
        widths.append(np.mean((series.high - series.low) / truth))
        raw_rise.append(series.raw[12:].sum() / series.raw[:12].sum() - 1)
        told_rise.append(series.value[12:].sum() / series.value[:12].sum() - truth[12:].sum() / truth[:12].sum())
        _, counts, thin = _draw_bundles(random, n_audited=30)
        breaks.append(12 in correct_series(counts, thin).breaks)
    return [
        Finding("better bundle: rise of raw counts, where there is none", np.mean(raw_rise)),
        Finding("better bundle: rise of corrected counts beyond the true one", abs(np.mean(told_rise)), most=0.03),
        Finding("better bundle: coverage of corrected months", np.mean(covered), least=COVERED),
        Finding("better bundle: width of corrected months, as share", np.mean(widths)),
        Finding("better bundle: break shown where the audit is thin", np.mean(breaks), least=0.99),
    ]


def _draw_bundles(random: np.random.Generator, n_audited: int):  # noqa: ANN202 - truth, counts and audit
    n_all, share = random.poisson(500, 24), 0.08
    truth = random.binomial(n_all, share)
    is_later = np.arange(24) >= 12
    right = random.binomial(truth, np.where(is_later, 0.9, 0.65))
    wrong = random.binomial(n_all - truth, np.where(is_later, 0.005, 0.015))
    said, kept = np.zeros((24, 2)), np.zeros((24, 2))
    said[np.arange(24), is_later.astype(int)] = right + wrong
    kept[np.arange(24), is_later.astype(int)] = n_all
    audits = []
    for bundle, months in enumerate((~is_later, is_later)):
        n_said, n_right = (right + wrong)[months].sum(), right[months].sum()
        n_rest, n_missed = n_all[months].sum() - n_said, (truth - right)[months].sum()
        was_said = np.r_[np.ones(n_said, bool), np.zeros(n_rest, bool)]
        is_so = np.r_[np.arange(n_said) < n_right, np.arange(n_rest) < n_missed]
        probability = np.where(was_said, 2.0, 1.0)  # what the bundle gave this topic is drawn twice as often
        probability *= n_audited / probability.sum()
        drawn = random.random(was_said.size) < probability
        audits.append((np.full(drawn.sum(), bundle), was_said[drawn], is_so[drawn], probability[drawn]))
    audit = read_audit(*(np.concatenate(column) for column in zip(*audits, strict=True)))
    return truth, read_topic_counts(np.zeros(24), said, kept), audit


def plant_policy_step(runs: int) -> list[Finding]:
    """A measure by month, two and four years a side, its months depending on each other; with and without a step."""
    random = np.random.default_rng(6)
    findings = []
    for autocorrelation in (0.0, 0.3, 0.6):
        for n in (24, 48):
            covered, false, widths = [], [], []
            for _ in range(runs):
                effect = estimate_effect(_draw_noise(random, 2 * n, autocorrelation), n, periods_per_year=12)
                covered.append(effect.mean.low <= 0 <= effect.mean.high)
                false.append(effect.verdict != "no_change_seen")
                widths.append(effect.mean.high - effect.mean.low)
            name = f"policy, {n} months a side, autocorrelation {autocorrelation}"
            findings += [
                Finding(f"{name}: coverage", np.mean(covered), least=COVERED),
                Finding(f"{name}: width in deviations", np.mean(widths)),
            ]
    odd = [estimate_effect(_draw_noise(random, 96, 0.3, 0.3), 48).mean for _ in range(runs)]
    covered = np.mean([one.low <= 0 <= one.high for one in odd])
    findings.append(Finding("policy, 48 months a side, errors of second order: coverage", covered))
    return findings + _plant_steps(random, runs)


def _plant_steps(random: np.random.Generator, runs: int) -> list[Finding]:
    """A step of three deviations; and a shared bend at the mark, which is none, with and without a control."""
    found, alone, beside, found_beside = [], [], [], []
    after = np.arange(72) >= 36
    for _ in range(runs):
        noise, other = _draw_noise(random, 72, 0.3), _draw_noise(random, 72, 0.3)
        shared = np.where(after, 4.0, 0.0) + 0.05 * np.arange(72)
        found.append(estimate_effect(noise - 3 * after, 36).verdict == "fell")
        alone.append(estimate_effect(noise + shared, 36).verdict != "no_change_seen")
        beside.append(estimate_effect(noise + shared, 36, control=other + shared).verdict != "no_change_seen")
        found_beside.append(estimate_effect(noise + shared - 4 * after, 36, control=other + shared).verdict == "fell")
    return [
        Finding("policy step of 3 deviations: found", np.mean(found), least=0.8),
        Finding("policy, all rise at the mark, no control: taken for an effect", np.mean(alone)),
        Finding("policy, all rise at the mark, with control: taken for an effect", np.mean(beside), most=0.07),
        Finding("policy step of 4 deviations beside a control: found", np.mean(found_beside), least=0.8),
    ]


def _draw_noise(random: np.random.Generator, n: int, first: float, second: float = 0.0) -> np.ndarray:
    noise = random.standard_normal(n + 50)
    for period in range(2, n + 50):
        noise[period] += first * noise[period - 1] + second * noise[period - 2]
    return noise[50:] * np.sqrt(1 - first**2)


def plant_other_mix(runs: int) -> list[Finding]:
    """Drift of the mix, looked at each week beside other signs; and a shift of a fifth of the reports."""
    random = np.random.default_rng(7)
    threshold = share_budget(52, 3)
    false, found = 0, []
    for _ in range(runs):
        share = random.dirichlet(np.full(30, 0.6))
        reference = random.multinomial(3000, share)
        false += find_mix_change(random.multinomial(300, share), reference, threshold).is_alarm
        moved = 0.8 * share + 0.2 * np.eye(30)[0]
        found.append(find_mix_change(random.multinomial(300, moved), reference, threshold).is_alarm)
    return [
        Finding("drift of the mix: false alarms a year", 52 * false / runs, most=1.0),
        Finding("drift of the mix by a fifth: found in its week", np.mean(found), least=0.8),
    ]


PLANTS: tuple[Callable[[int], list[Finding]], ...] = (
    plant_repeats,
    plant_slow_unit,
    plant_misrouting_unit,
    plant_slow_durations,
    plant_burst,
    plant_better_bundle,
    plant_policy_step,
    plant_other_mix,
)


def main() -> None:
    """Print the table; exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    is_met = True
    for plant in PLANTS:
        begin = time.perf_counter()
        for finding in plant(runs):
            bar = f"bar >= {finding.least:g}" if finding.least is not None else ""
            bar = f"bar <= {finding.most:g}" if finding.most is not None else bar
            is_met &= finding.is_met
            print(f"{finding.what:72} {finding.value:8.3f}  {bar}{'' if finding.is_met else '  MISSED'}")
        print(f"  ({plant.__name__}: {time.perf_counter() - begin:.0f} s)", file=sys.stderr)
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
