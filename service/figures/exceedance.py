"""How improbable the latest count of each series is, given its own season and scatter. It decides no alarm."""

from dataclasses import dataclass

import numpy as np

from service.figures.counts import Floats
from service.figures.special import betainc, gammaln, ndtri

YEARS_FOR_SEASON = 2
MINIMUM_HISTORY = 12  # periods before the latest; fewer say nothing of the usual scatter
N_GUARD = 4  # periods before the latest that the usual is not learnt from: a burst must not hide itself
_UNKNOWN_SEASON = 0.1  # what the season may add to the dispersion of a series of less than two years
_ALLOWANCE = 0.5  # standard errors added to the dispersion; by simulation, bench/planted.py
_N_ROUNDS = 12
_UNUSUAL = 2.58  # residuals above it count less, as in Noufaily et al. (2013)


@dataclass(frozen=True, slots=True)
class Usual:
    """What a series usually has in the latest period: mean and dispersion of a negative binomial, (n_series,) each."""

    mean: Floats
    dispersion: Floats


def find_usual(history: Floats, exposure: Floats, periods_per_year: int) -> Usual:
    """The negative binomial each latest count is drawn from if nothing is new.

    A log-linear fit of level, slow trend and, from two years on, the first two harmonics of the year, to all periods
    but the latest and a guard before it; earlier bursts weigh less. The dispersion is that of the residuals, drawn
    towards the one of all series where a series tells little, plus what the fit itself leaves open.

    Source: Noufaily et al. (2013), Stat. Med. 32, 1206-1222 (Farrington flexible); Salmon, Schumacher & Hoehle (2016),
    J. Stat. Softw. 70(10).

    Parameters
    ----------
    history : shape (n_series, n_periods)
        Counts; the last period is the one to judge.
    exposure : shape (n_periods,)
        What counts are in proportion to, above 0; ones where nothing.
    periods_per_year : int
    """
    n_periods = history.shape[1]
    design, penalty = _make_design(n_periods, periods_per_year)
    offset = np.log(exposure)
    n_learnt = n_periods - 1 - min(N_GUARD, max(0, n_periods - 1 - MINIMUM_HISTORY))
    counts, rows = history[:, :n_learnt], design[:n_learnt]
    weight = np.ones_like(counts)
    dispersion = np.full(history.shape[0], 0.1)
    for _ in range(2):
        beta, covariance = _fit(counts, rows, offset[:n_learnt], penalty, dispersion, weight)
        mean = np.exp(_clip(beta @ rows.T + offset[:n_learnt]))
        dispersion = _find_dispersion(counts, mean, weight, rows.shape[1])
        residual = -ndtri(np.clip(find_mid_p(counts, Usual(mean, dispersion[:, None])), 1e-12, 1.0))
        weight = np.where(residual > _UNUSUAL, (_UNUSUAL / np.maximum(residual, _UNUSUAL)) ** 2, 1.0)
    latest = design[-1]
    left_open = np.einsum("k,skl,l->s", latest, covariance, latest)
    if rows.shape[1] <= 2:  # noqa: PLR2004  # level and trend only: no season was fitted
        dispersion += _UNKNOWN_SEASON
    return Usual(np.exp(_clip(beta @ latest + offset[-1])), dispersion + np.minimum(left_open, 4.0))


def find_mid_p(counts: Floats, usual: Usual) -> Floats:
    """The probability of more than the count, plus half of that of the count itself; shape (n_series,), in [0, 1].

    Source: Lancaster (1961), J. Am. Stat. Assoc. 56, 223-234.
    """
    size = 1 / np.maximum(usual.dispersion, 1e-9)
    share = size / (size + usual.mean)
    more = betainc(counts + 1, size, 1 - share)
    log_exactly = (
        gammaln(counts + size) - gammaln(size) - gammaln(counts + 1) + size * np.log(share) + counts * np.log1p(-share)
    )
    return np.asarray(np.minimum(more + 0.5 * np.exp(log_exactly), 1.0), dtype=np.float64)


def _make_design(n_periods: int, periods_per_year: int) -> tuple[Floats, Floats]:
    """Columns of level, trend and season, and how strongly each is drawn to 0 (1 / variance of its prior)."""
    time = (np.arange(n_periods) - n_periods / 2) / max(n_periods, 1)
    columns, penalty = [np.ones(n_periods), time], [1e-3, 16.0]
    if n_periods > YEARS_FOR_SEASON * periods_per_year:
        angle = 2 * np.pi * np.arange(n_periods) / periods_per_year
        for harmonic in (1, 2):
            columns += [np.sin(harmonic * angle), np.cos(harmonic * angle)]
            penalty += [4.0, 4.0]
    return np.column_stack(columns), np.array(penalty)


def _fit(
    counts: Floats, design: Floats, offset: Floats, penalty: Floats, dispersion: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Penalised maximum likelihood of all series at once, by Fisher scoring: coefficients and their covariance."""
    level = np.log((counts.sum(axis=1) + 0.5) / np.exp(offset).sum())
    start = np.zeros((counts.shape[0], design.shape[1]))
    start[:, 0] = level
    beta = start.copy()
    for _ in range(_N_ROUNDS):
        mean = np.exp(_clip(beta @ design.T + offset))
        worth = weight / (1 + dispersion[:, None] * mean)
        score = (worth * (counts - mean)) @ design - penalty * (beta - start)
        curvature = np.einsum("st,tk,tl->skl", worth * mean, design, design) + np.diag(penalty)
        step = np.linalg.solve(curvature, score[:, :, None])[:, :, 0]
        beta += np.clip(step, -1.0, 1.0)
    return beta, np.linalg.inv(curvature)


def _find_dispersion(counts: Floats, mean: Floats, weight: Floats, n_columns: int) -> Floats:
    """By moments for each series, drawn towards that of all by how little it tells, with an allowance for its error."""
    n_periods = counts.shape[1]
    scale = n_periods / max(n_periods - n_columns, 1)
    excess = (weight * (scale * (counts - mean) ** 2 - mean)).sum(axis=1)
    own = np.clip(excess / np.maximum((weight * mean**2).sum(axis=1), 1e-9), 0.0, 5.0)
    variance = 2 * (1 / np.maximum(mean.mean(axis=1), 1e-9) + np.maximum(own, 0.1)) ** 2 / n_periods
    everyone = float((own / variance).sum() / (1 / variance).sum())
    prior = max(everyone, 0.05) ** 2
    worth = 1 / variance + 1 / prior
    drawn = (own / variance + everyone / prior) / worth
    return np.asarray(np.maximum(drawn + _ALLOWANCE / np.sqrt(worth), 1e-3), dtype=np.float64)


def _clip(linear: Floats) -> Floats:
    return np.asarray(np.clip(linear, -30.0, 30.0), dtype=np.float64)
