"""Answers the later rows with fits on the rows before them, as a bundle in use would have answered them.

The curves are fitted on these answers, and where no test rows are given they are all that is known of the quality.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.calibration import Calibration, softmax
from model.decisions import DETECTED_OF_HEAD
from training.config import TrainingConfig
from training.evaluation import Evaluation
from training.fitting import HeadTask, LinearHead, fit_heads
from training.judging import judge_head
from training.preparing import PreparedRows, count_labels
from training.progress import Progress
from training.splitting import Fold, roll_forward
from training.vectors import Vocabulary, build_vocabulary, vectorise

Watch = Callable[[Fold, Vocabulary, dict[str, LinearHead]], None]
# The score of a label that a fit did not know yet: it never wins and takes no share.
NEVER = -1e3
# A head with less than this part of the answers that its labels let expect is rehearsed on slices of its own.
LEAST_PART = 0.5
_NO_ROWS = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Answers of one head to the n later rows that have a label, in order of time.

    ``labels`` are the K labels that the fits knew at most, ``scores`` (n, K) theirs, ``targets`` (n,) the column of
    the right label, -1 where the fit did not know it; ``truth`` and ``given`` (n,) the labels themselves, ``slices``
    (n,) the number of the slice of each row. ``detected`` (n,) are the scores of the detector of the head, ``NEVER``
    where a fit had none; None where no fit had one.
    """

    labels: tuple[str, ...]
    scores: NDArray[np.float32]
    targets: NDArray[np.int64]
    truth: NDArray[np.str_]
    given: NDArray[np.str_]
    slices: NDArray[np.int64]
    detected: NDArray[np.float32] | None = None

    @property
    def is_last(self) -> NDArray[np.bool_]:
        """Mask (n,) of the rows of the last slice that has any."""
        return np.asarray(self.slices == self.slices.max(initial=0))

    def take(self, chosen: NDArray[np.bool_]) -> "Rehearsal":
        """The answers to some of the rows, a mask (n,)."""
        return Rehearsal(
            self.labels,
            self.scores[chosen],
            self.targets[chosen],
            self.truth[chosen],
            self.given[chosen],
            self.slices[chosen],
            None if self.detected is None else self.detected[chosen],
        )


def fit_rows(
    rows: PreparedRows, heads: list[str], taken: NDArray[np.int64], config: TrainingConfig
) -> tuple[Vocabulary, dict[str, LinearHead]]:
    """Vocabulary of some rows, and those of the heads that have two labels among them, fitted on them."""
    forms = rows.take(taken)
    vocabulary = build_vocabulary(
        forms,
        minimum_token_rows=config.minimum_token_rows,
        minimum_pair_rows=config.minimum_pair_rows,
        minimum_ngram_rows=config.minimum_ngram_rows,
        reporters=rows.take_reporters(taken),
    )
    vectors = vectorise(vocabulary, forms)
    tasks = {
        head: HeadTask(
            vectors,
            rows.labels[head][taken],
            rows.weights[taken],
            config.penalty_of.get(head, config.penalty),
            config.class_weight_power_of.get(head, config.class_weight_power),
            config.seed,
            config.ridge_penalty,
            config.ridge_share,
            DETECTED_OF_HEAD.get(head),
        )
        for head in heads
        if len(count_labels(rows.labels[head][taken])) > 1
    }
    return vocabulary, fit_heads(tasks)


def rehearse(
    rows: PreparedRows, heads: list[str], config: TrainingConfig, progress: Progress, watch: Watch | None = None
) -> dict[str, Rehearsal]:
    """Answers of each head, pooled over the slices of `training.splitting.roll_forward`.

    A head whose labels lie mostly before the slices of all rows, as where officers lately say only some heads, is
    rehearsed once more on slices of its own labelled rows: on few rows left in the common slices, the thresholds of
    labels that must not be missed would move by chance. ``watch`` is called with every common fold and what was fitted
    on its earlier rows.
    """
    folds = list(roll_forward(len(rows.ids), config.calibration_folds, config.calibration_share))
    slices = _answer_folds(rows, heads, folds, config, progress, watch)
    for own, own_folds in _list_own(rows, heads, folds, config):
        slices |= _answer_folds(rows, own, own_folds, config, progress)
    return {head: _pool(answered) for head, answered in slices.items()}


def _answer_folds(
    rows: PreparedRows,
    heads: list[str],
    folds: list[Fold],
    config: TrainingConfig,
    progress: Progress,
    watch: Watch | None = None,
) -> dict[str, list[Rehearsal]]:
    slices: dict[str, list[Rehearsal]] = {head: [] for head in heads}
    for number, fold in enumerate(folds, start=1):
        progress.step(f"calibrating on later rows, slice {number} of {len(folds)} ({len(fold.later):,} rows)")
        vocabulary, fitted = fit_rows(rows, heads, fold.earlier, config)
        vectors = vectorise(vocabulary, rows.take(fold.later))
        for head, linear in fitted.items():
            # A label too rare to be learnt still comes in later rows; that no answer can be right is part of the truth.
            detected = None if linear.detector is None else linear.detector.score(vectors)
            slices[head].append(_answer(linear, linear.score(vectors), detected, rows.true_labels[head], fold))
        if watch is not None:
            watch(fold, vocabulary, fitted)
    return slices


def _list_own(
    rows: PreparedRows, heads: list[str], folds: list[Fold], config: TrainingConfig
) -> Iterator[tuple[list[str], list[Fold]]]:
    """Heads that the common slices tell too little of, those with the same labelled rows together, and their folds."""
    later = np.concatenate([_NO_ROWS, *(fold.later for fold in folds)])
    groups: dict[bytes, list[str]] = {}
    for head in heads:
        is_labelled = rows.true_labels[head] != ""
        expected = config.calibration_share * is_labelled.sum()
        if is_labelled[later].sum() < LEAST_PART * expected:
            groups.setdefault(is_labelled.tobytes(), []).append(head)
    for own in groups.values():
        labelled = np.flatnonzero(rows.true_labels[own[0]] != "")
        cut = roll_forward(len(labelled), config.calibration_folds, config.calibration_share)
        yield own, [Fold(np.arange(labelled[fold.later[0]]), labelled[fold.later]) for fold in cut]


def judge_rehearsals(rehearsals: dict[str, Rehearsal], curves: dict[str, Calibration], seed: int) -> Evaluation:
    """What the rehearsals say of the quality.

    Accuracy and macro-F1 are honest and a little low, since each fit saw fewer rows than the last one. What is said
    of the confidence is not: the curves were fitted on these very answers.
    """
    judged = {}
    for head, rehearsal in rehearsals.items():
        if len(rehearsal.truth):
            raw = softmax(rehearsal.scores, curves[head].temperature).max(axis=1)
            judged[head] = judge_head(head, rehearsal.truth, rehearsal.given, curves[head].confidence(raw), seed)
    return Evaluation(judged, {head: {} for head in judged})


def _answer(
    linear: LinearHead,
    scores: NDArray[np.float64],
    detected: NDArray[np.float64] | None,
    labels: NDArray[np.object_],
    fold: Fold,
) -> Rehearsal:
    column = {label: place for place, label in enumerate(linear.labels)}
    is_labelled = labels[fold.later] != ""
    truth = labels[fold.later][is_labelled].astype(str)
    targets = np.array([column.get(label, -1) for label in truth], dtype=np.int64)
    given = np.array(linear.labels)[scores[is_labelled].argmax(axis=1)]
    slices = np.zeros(len(truth), np.int64)
    known = None if detected is None else detected[is_labelled].astype(np.float32)
    return Rehearsal(linear.labels, scores[is_labelled].astype(np.float32), targets, truth, given, slices, known)


def _pool(answered: list[Rehearsal]) -> Rehearsal:
    """All slices as one; the columns are those of the first fit, then the labels that later ones knew beside them."""
    labels = tuple(dict.fromkeys(label for each in answered for label in each.labels))
    nothing = np.array([], dtype=str)
    widened = [_widen(each, labels, number) for number, each in enumerate(answered)]
    pooled = [
        Rehearsal(labels, np.zeros((0, max(len(labels), 1)), np.float32), _NO_ROWS, nothing, nothing, _NO_ROWS),
        *widened,
    ]
    return Rehearsal(
        labels,
        np.vstack([each.scores for each in pooled]),
        np.concatenate([each.targets for each in pooled]),
        np.concatenate([each.truth for each in pooled]),
        np.concatenate([each.given for each in pooled]),
        np.concatenate([each.slices for each in pooled]),
        _pool_detected(answered),
    )


def _pool_detected(answered: list[Rehearsal]) -> NDArray[np.float32] | None:
    if all(each.detected is None for each in answered):
        return None
    never = (np.full(len(each.truth), NEVER, np.float32) for each in answered)
    parts = [none if each.detected is None else each.detected for each, none in zip(answered, never, strict=True)]
    return np.concatenate(parts)


def _widen(answered: Rehearsal, labels: tuple[str, ...], number: int) -> Rehearsal:
    """A slice under its number, with a column for each of ``labels``."""
    columns = np.array([labels.index(label) for label in answered.labels], dtype=np.int64)
    scores = np.full((len(answered.truth), len(labels)), NEVER, np.float32)
    scores[:, columns] = answered.scores
    targets = np.where(answered.targets >= 0, columns[answered.targets], -1)
    return replace(answered, labels=labels, scores=scores, targets=targets, slices=answered.slices + number)
