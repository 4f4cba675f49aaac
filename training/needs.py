"""Fits how further needs are recognised: on clauses of later rows, scored by fits on the rows before them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from model.clauses import Clauses, cut_clauses
from model.needs import SIGNALS, NeedCurve, read_signals, share_urgent
from model.tokens import tokenize
from model.units import INSPECTORATE, Named, UnitNames
from training.calibrating import fit_curve
from training.fitting import LinearHead
from training.preparing import PreparedRows
from training.splitting import Fold
from training.vectors import Vocabulary, vectorise

Doubles = NDArray[np.float64]
# Fewer needs than these teach no weights, and fewer given ones no threshold.
MINIMUM_NEEDS = 30
MINIMUM_GIVEN = 10
# Of the needs that are given, at least this share must be named by a person too.
LEAST_PRECISION = 0.6


@dataclass(frozen=True, slots=True)
class NeedAnswers:
    """One line for each later row and each agency but the one chosen for it.

    ``signals`` (n, 7) of `model.needs.read_signals`, ``is_need`` (n,) whether the agency is one of several that the row
    names, ``rows`` (n,) the number of the row.
    """

    signals: Doubles
    is_need: NDArray[np.bool_]
    rows: NDArray[np.int64]


@dataclass(slots=True)
class NeedRehearsal:
    """Collects the answers of every slice of a rehearsal; rows without an ``also`` column give none."""

    rows: PreparedRows
    names: UnitNames
    slices: list[NeedAnswers] = field(default_factory=list)

    def watch(self, fold: Fold, vocabulary: Vocabulary, fitted: dict[str, LinearHead]) -> None:
        """Answer the later rows of a fold with the fits on its earlier rows."""
        if self.rows.also is None or "agency" not in fitted:
            return
        labelled = [row for row in fold.later.tolist() if self.rows.true_labels["agency"][row] and self.rows.forms[row]]
        if not labelled:
            return
        texts = [self.rows.texts[row] for row in labelled]
        tokens = [tokenize(text) for text in texts]
        cuts = [cut_clauses(text, of_text) for text, of_text in zip(texts, tokens, strict=True)]
        pieces = [of_text.forms[a:b] for of_text, stretches in zip(tokens, cuts, strict=True) for a, b in stretches]
        vectors = vectorise(vocabulary, [of_text.forms for of_text in tokens])
        whole = fitted["agency"].score(vectors).astype(np.float32)
        scores = fitted["agency"].score(vectorise(vocabulary, pieces)).astype(np.float32)
        urgent = _share_urgent(fitted.get("urgency"), vectors)
        stops = np.cumsum([len(stretches) for stretches in cuts]).tolist()
        for number, (row, stop) in enumerate(zip(labelled, stops, strict=True)):
            clauses = Clauses(cuts[number], scores[stop - len(cuts[number]) : stop], whole[number])
            named = Named(tokens[number], self.names.find(tokens[number].forms), ())
            agencies = fitted["agency"].labels
            if agencies[int(clauses.whole.argmax())] != INSPECTORATE:
                signals = read_signals(agencies, named, clauses, urgent[number])
                self.slices.append(self._answer(row, agencies, clauses, signals))

    def pool(self) -> NeedAnswers:
        """All answers, in order of time."""
        nothing = NeedAnswers(np.zeros((0, len(SIGNALS))), np.zeros(0, np.bool_), np.zeros(0, np.int64))
        slices = [nothing, *self.slices]
        return NeedAnswers(
            np.concatenate([each.signals for each in slices]),
            np.concatenate([each.is_need for each in slices]),
            np.concatenate([each.rows for each in slices]),
        )

    def _answer(self, row: int, agencies: tuple[str, ...], clauses: Clauses, signals: Doubles) -> NeedAnswers:
        also = (self.rows.also or ())[row]
        # Which of several needs is the main one is a close call: where the wrong one was chosen, the other is the need.
        needs = also | {self.rows.true_labels["agency"][row]} if also else also
        is_other = np.arange(len(agencies)) != clauses.whole.argmax()
        is_need = np.array([agency in needs for agency in agencies])
        return NeedAnswers(signals[is_other], is_need[is_other], np.full(len(agencies) - 1, row, dtype=np.int64))


def fit_needs(answers: NeedAnswers) -> NeedCurve | None:
    """Weights by logistic regression, a rising curve by isotonic regression, and the threshold of the precision.

    None where the rows tell too few needs, or no threshold reaches ``LEAST_PRECISION``: then no need is given.
    """
    if answers.is_need.sum() < MINIMUM_NEEDS:
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
        n_rows=len(np.unique(answers.rows)),
    )
    raw, calibrated = fit_curve(draft.weigh(answers.signals), answers.is_need)
    curve = NeedCurve(draft.weights, draft.bias, raw, calibrated, 1.0, draft.n_rows)
    threshold = _find_threshold(curve.confidence(answers.signals), answers.is_need)
    return None if threshold is None else NeedCurve(curve.weights, curve.bias, raw, calibrated, threshold, curve.n_rows)


def _share_urgent(urgency: LinearHead | None, vectors: sparse.csr_matrix) -> list[float]:
    if urgency is None:
        return [share_urgent((), np.zeros(0, np.float32))] * vectors.shape[0]
    return [share_urgent(urgency.labels, scores) for scores in urgency.score(vectors).astype(np.float32)]


def _find_threshold(confidence: Doubles, is_need: NDArray[np.bool_]) -> float | None:
    """The least confidence from which the precision is reached."""
    order = np.argsort(-confidence, kind="stable")
    n_given = np.arange(1, len(order) + 1)
    precision = np.cumsum(is_need[order]) / n_given
    # A threshold takes all lines of the same confidence, or none.
    is_end = np.append(np.diff(confidence[order]) < 0, True)
    fits = np.flatnonzero(is_end & (precision >= LEAST_PRECISION) & (n_given >= MINIMUM_GIVEN))
    return None if len(fits) == 0 else round(float(confidence[order][fits[-1]]) - 5e-7, 6)
