"""Fits how further needs are recognised: on clauses of later rows, scored by fits on the rows before them."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from model.clauses import Clauses, cut_clauses
from model.needs import SIGNALS, NeedCurve, Whole, read_signals, share_urgent
from model.tokens import tokenize
from model.units import INSPECTORATE, Named, UnitNames
from training.calibrating import fit_curve
from training.fitting import LinearHead
from training.joining import Told, join_reports, read_reports
from training.needed import fit_needed
from training.preparing import PreparedRows
from training.splitting import Fold
from training.vectors import Vocabulary, vectorise

Doubles = NDArray[np.float64]
# Fewer needs than these teach no weights, and fewer given ones no threshold.
MINIMUM_NEEDS = 30
MINIMUM_GIVEN = 10
# Of the agencies that are given as further needs, the row must name at least this share. The F1 of the needs, too, is
# highest about here (bench/needs.py).
LEAST_PRECISION = 0.6


@dataclass(frozen=True, slots=True)
class NeedAnswers:
    """One line for each later report and each agency but the one chosen for it.

    ``signals`` (n, S) of `model.needs.read_signals`; ``is_need`` (n,) whether the agency is one of several that the
    report names, ``is_named`` whether it is named at all; ``rows`` (n,) the number of the row, -1 for a report joined
    of two rows: such a one teaches weights, and says nothing of how often needs occur.
    """

    signals: Doubles
    is_need: NDArray[np.bool_]
    is_named: NDArray[np.bool_]
    rows: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "NeedAnswers":
        """Some of the lines, a mask (n,)."""
        return NeedAnswers(self.signals[chosen], self.is_need[chosen], self.is_named[chosen], self.rows[chosen])


@dataclass(slots=True)
class NeedRehearsal:
    """Collects the answers of every slice of a rehearsal; rows without an ``also`` column give none."""

    rows: PreparedRows
    names: UnitNames
    seed: int = 0
    slices: list[NeedAnswers] = field(default_factory=list)

    def watch(self, fold: Fold, vocabulary: Vocabulary, fitted: dict[str, LinearHead]) -> None:
        """Answer the later rows of a fold with the fits on its earlier rows."""
        if self.rows.also is None or "agency" not in fitted:
            return
        reports = read_reports(self.rows, fold.later)
        reports += join_reports(reports, self.seed)
        if not reports:
            return
        agencies = fitted["agency"].labels
        needed = fit_needed(self.rows, vocabulary, agencies, fold.earlier)
        tokens = [tokenize(report.text) for report in reports]
        cuts = [cut_clauses(report.text, of_text) for report, of_text in zip(reports, tokens, strict=True)]
        pieces = [of_text.forms[a:b] for of_text, stretches in zip(tokens, cuts, strict=True) for a, b in stretches]
        vectors = vectorise(vocabulary, [of_text.forms for of_text in tokens])
        scores, needs = (head.score(vectors).astype(np.float32) for head in (fitted["agency"], needed))
        of_pieces = fitted["agency"].score(vectorise(vocabulary, pieces)).astype(np.float32)
        urgent = _share_urgent(fitted.get("urgency"), vectors)
        stops = np.cumsum([len(stretches) for stretches in cuts]).tolist()
        for number, (report, stop) in enumerate(zip(reports, stops, strict=True)):
            clauses = Clauses(cuts[number], of_pieces[stop - len(cuts[number]) : stop], scores[number])
            named = Named(tokens[number], self.names.find(tokens[number].forms), ())
            if agencies[int(clauses.whole.argmax())] != INSPECTORATE:
                signals = read_signals(agencies, named, clauses, Whole(needs[number], urgent[number]))
                self.slices.append(_answer(report, agencies, int(clauses.whole.argmax()), signals))

    def pool(self) -> NeedAnswers:
        """All answers, in order of time."""
        nothing = np.zeros(0, np.bool_)
        slices = [NeedAnswers(np.zeros((0, len(SIGNALS))), nothing, nothing, np.zeros(0, np.int64)), *self.slices]
        return NeedAnswers(
            np.concatenate([each.signals for each in slices]),
            np.concatenate([each.is_need for each in slices]),
            np.concatenate([each.is_named for each in slices]),
            np.concatenate([each.rows for each in slices]),
        )


def fit_needs(answers: NeedAnswers) -> NeedCurve | None:
    """Weights by logistic regression, a rising curve, and the threshold of the precision.

    None where the rows tell too few needs, or no threshold reaches ``LEAST_PRECISION``: then no need is given.
    """
    of_rows = answers.take(answers.rows >= 0)
    if of_rows.is_need.sum() < MINIMUM_NEEDS:
        return None
    means, spreads = answers.signals.mean(axis=0), np.maximum(answers.signals.std(axis=0), 1e-9)
    machine = LogisticRegression(max_iter=1_000).fit((answers.signals - means) / spreads, answers.is_need)
    weights = machine.coef_[0] / spreads
    draft = NeedCurve(
        weights=tuple(round(float(weight), 6) for weight in weights),
        bias=round(float(machine.intercept_[0] - means @ weights), 6),
        raw=(0.0, 1.0),
        calibrated=(0.0, 1.0),
        threshold=1.0,
        n_rows=len(np.unique(of_rows.rows)),
    )
    raw, calibrated = fit_curve(draft.weigh(of_rows.signals), of_rows.is_named)
    curve = replace(draft, raw=raw, calibrated=calibrated)
    threshold = _find_threshold(curve.confidence(of_rows.signals), of_rows.is_named)
    return None if threshold is None else replace(curve, threshold=threshold)


def _answer(report: Told, agencies: tuple[str, ...], chosen: int, signals: Doubles) -> NeedAnswers:
    # Which of several needs is the main one is a close call: where the wrong one was chosen, the other is the need.
    is_other = np.arange(len(agencies)) != chosen
    is_named = np.array([agency in report.agencies for agency in agencies])[is_other]
    is_need = is_named & (len(report.agencies) > 1)
    return NeedAnswers(signals[is_other], is_need, is_named, np.full(len(is_named), report.row, dtype=np.int64))


def _share_urgent(urgency: LinearHead | None, vectors: sparse.csr_matrix) -> list[float]:
    if urgency is None:
        return [share_urgent((), np.zeros(0, np.float32))] * vectors.shape[0]
    return [share_urgent(urgency.labels, scores) for scores in urgency.score(vectors).astype(np.float32)]


def _find_threshold(confidence: Doubles, is_named: NDArray[np.bool_]) -> float | None:
    """The least confidence from which the precision is reached."""
    order = np.argsort(-confidence, kind="stable")
    n_given = np.arange(1, len(order) + 1)
    precision = np.cumsum(is_named[order]) / n_given
    # A threshold takes all lines of the same confidence, or none.
    is_end = np.append(np.diff(confidence[order]) < 0, True)
    fits = np.flatnonzero(is_end & (precision >= LEAST_PRECISION) & (n_given >= MINIMUM_GIVEN))
    return None if len(fits) == 0 else round(float(confidence[order][fits[-1]]) - 5e-7, 6)
