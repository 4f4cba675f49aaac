"""Finds further needs in a text: other agencies than the chosen one whose duty a clause of the text tells.

Signals of each agency are weighed by how far they tell one of several needs; a curve fitted on later rows turns the sum
into the probability that a person would name the agency. Weights come from training; without them there are no needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.calibration import Doubles, softmax
from model.clauses import Clauses, Stretch
from model.prediction import FurtherNeed, JsonValue
from model.table import Floats
from model.tokens import Tokens
from model.units import INSPECTORATE, Mention, Named

SIGNALS = (
    "clause",
    "whole",
    "asked_with_others",
    "asked_alone",
    "named",
    "n_clauses",
    "urgent",
    "needed",
    "score",
    "chosen_score",
)
# Where a report of these is, several agencies are often needed at once.
URGENT_LABELS = ("darurat", "tinggi")
MOST_NEEDS = 3
# Of the softmax of the signals only: their weights are fitted to it.
_TEMPERATURE = 0.3
_LEAST_SHARE = 1e-4
# Words that ask a unit to act, this many tokens before its name or two behind it ("mohon Dinas PUPR …").
_REQUESTS = frozenset(
    "agar bantu bia cubo dimohon harap mangga meminta memohon minta mintak mnta mohon mohonkan punten supaya tlg "
    "tolong tulung".split()
)
_TOKENS_BEFORE, _TOKENS_BEHIND = 8, 2
# A clause next to the best one is told with it when this share of it is the agency's.
_SHARE_OF_NEIGHBOUR = 0.5


@dataclass(frozen=True, slots=True)
class NeedCurve:
    """How S signals become confidence: ``weights`` (S,) and ``bias`` of a logistic sum, then a rising curve.

    ``raw`` ascending knots in [0, 1], ``calibrated`` non-decreasing in [0, 1]. ``threshold`` is the confidence from
    which a need is given, ``n_rows`` the later rows all this was fitted on.
    """

    weights: tuple[float, ...]
    bias: float
    raw: tuple[float, ...]
    calibrated: tuple[float, ...]
    threshold: float
    n_rows: int

    def confidence(self, signals: Doubles) -> Doubles:
        """Confidence (…,) of signals (…, S)."""
        return np.asarray(np.interp(self.weigh(signals), self.raw, self.calibrated))

    def weigh(self, signals: Doubles) -> Doubles:
        """The logistic sum (…,) of signals (…, S), before the curve."""
        return np.asarray(1 / (1 + np.exp(-(signals @ np.array(self.weights) + self.bias))))

    def to_json(self) -> dict[str, JsonValue]:
        """The curve as it is kept in a bundle."""
        return {
            "signals": list(SIGNALS),
            "weights": list(self.weights),
            "bias": self.bias,
            "raw": list(self.raw),
            "calibrated": list(self.calibrated),
            "threshold": self.threshold,
            "n_rows": self.n_rows,
        }


def read_need_curve(fields: Mapping[str, object]) -> NeedCurve:
    """Inverse of `NeedCurve.to_json`.

    Raises
    ------
    KeyError, TypeError, ValueError
        A field is missing, not of its type, or of other signals.
    """
    if fields["signals"] != list(SIGNALS):
        raise ValueError(f"signals {fields['signals']!r} where {list(SIGNALS)} are known")
    bias, threshold, n_rows = _numbers([fields["bias"], fields["threshold"], fields["n_rows"]])
    return NeedCurve(
        weights=_numbers(fields["weights"]),
        bias=bias,
        raw=_numbers(fields["raw"]),
        calibrated=_numbers(fields["calibrated"]),
        threshold=threshold,
        n_rows=int(n_rows),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """What the whole text says beside the scores of the agencies.

    ``needed`` (K,) are scores that do not compete: each says how far a text needs that agency, as the first or as a
    further one. ``urgent`` is the `share_urgent` of the text.
    """

    needed: Floats
    urgent: float


def find_needs(
    curve: NeedCurve, agencies: Sequence[str], named: Named, clauses: Clauses, whole: Whole
) -> tuple[FurtherNeed, ...]:
    """Needs of other agencies than the one with the highest score, surest first, at most ``MOST_NEEDS``.

    What goes to the inspectorate goes to nobody else: the other unit it
    names is mostly the accused one.
    """
    if agencies[int(clauses.whole.argmax())] == INSPECTORATE:
        return ()
    confidence = curve.confidence(read_signals(agencies, named, clauses, whole))
    confidence[clauses.whole.argmax()] = -1.0
    chosen = [int(column) for column in np.argsort(-confidence, kind="stable")[:MOST_NEEDS]]
    return tuple(
        FurtherNeed(agencies[column], round(float(confidence[column]), 4), _find_span(column, agencies, named, clauses))
        for column in chosen
        if confidence[column] >= curve.threshold
    )


def share_urgent(labels: Sequence[str], scores: Floats) -> float:
    """What part in [0, 1] the scores of the head ``urgency`` give to ``URGENT_LABELS``; 1 without such a head."""
    if not labels:
        return 1.0
    return float(_share(scores)[[label in URGENT_LABELS for label in labels]].sum())


def read_signals(agencies: Sequence[str], named: Named, clauses: Clauses, whole: Whole) -> Doubles:
    """The signals (K, S) of each agency, in the order of ``SIGNALS``.

    Logarithms of its share in its best clause and in the whole text; whether a unit of it is asked to act while others
    are asked too, is asked alone, or is only named; the logarithms of the number of clauses and of the urgent share;
    how far the text needs it; its score, and the highest one.
    """
    column_of = {agency: column for column, agency in enumerate(agencies)}
    asked, named_only = np.zeros(len(agencies)), np.zeros(len(agencies))
    for mention in named.mentions:
        column = column_of.get(mention.agency)
        if column is not None and not mention.is_everyday:
            (asked if _is_asked(mention, named.tokens) else named_only)[column] = 1.0
    has_others = asked.sum() - asked > 0
    return np.column_stack(
        [
            _log(_share(clauses.scores).max(axis=0)),
            _log(_share(clauses.whole)),
            asked * has_others,
            asked * ~has_others,
            np.where(asked > 0, 0.0, named_only),
            np.full(len(agencies), np.log(len(clauses.stretches))),
            np.full(len(agencies), _log(np.array(whole.urgent))),
            whole.needed,
            clauses.whole,
            np.full(len(agencies), clauses.whole.max()),
        ]
    )


def _is_asked(mention: Mention, tokens: Tokens) -> bool:
    before = tokens.forms[max(0, mention.start - _TOKENS_BEFORE) : mention.start]
    behind = tokens.forms[mention.stop : mention.stop + _TOKENS_BEHIND]
    return not _REQUESTS.isdisjoint(before) or not _REQUESTS.isdisjoint(behind)


def _find_span(column: int, agencies: Sequence[str], named: Named, clauses: Clauses) -> tuple[int, int]:
    """The clause that tells the need, with the neighbours that tell it too.

    It is the one that names the agency, where one does; else the one where the agency has the largest share.
    """
    shares = _share(clauses.scores)[:, column]
    naming = [
        mention.start for mention in named.mentions if mention.agency == agencies[column] and not mention.is_everyday
    ]
    best = _clause_of(naming[0], clauses.stretches) if naming else int(shares.argmax())
    first, last = best, best
    while first > 0 and shares[first - 1] >= _SHARE_OF_NEIGHBOUR:
        first -= 1
    while last + 1 < len(shares) and shares[last + 1] >= _SHARE_OF_NEIGHBOUR:
        last += 1
    tokens = named.tokens
    return tokens.starts[clauses.stretches[first][0]], tokens.ends[clauses.stretches[last][1] - 1]


def _clause_of(token: int, stretches: Sequence[Stretch]) -> int:
    return next(number for number, (_, stop) in enumerate(stretches) if token < stop)


def _share(scores: Floats) -> Doubles:
    return softmax(scores, _TEMPERATURE)


def _log(shares: Doubles) -> Doubles:
    return np.asarray(np.log(np.maximum(shares, _LEAST_SHARE)))


def _numbers(values: object) -> tuple[float, ...]:
    if not isinstance(values, list) or not all(isinstance(value, int | float) for value in values):
        raise TypeError(f"{values!r} is no list of numbers")
    return tuple(float(value) for value in values)
