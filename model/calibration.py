"""Turns scores into calibrated probabilities; the curve itself is fitted in training.

Scores pass through a softmax with a temperature, then the probability of the top label through a monotone curve
fitted on later rows. The order of labels never changes; the other labels share what the top label leaves.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.prediction import JsonValue

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curve of one head: knots ``raw`` ascending in [0, 1], ``calibrated`` non-decreasing in [0, 1].

    ``n_rows`` is the number of later rows it was fitted on; 0 means that the probabilities are not calibrated and
    the curve is the identity.
    """

    temperature: float
    raw: tuple[float, ...]
    calibrated: tuple[float, ...]
    n_rows: int

    def probabilities(self, scores: Floats) -> Doubles:
        """Calibrated probabilities (K,) or (n, K) of scores of the same shape; each row sums to 1.

        The order of labels is that of the scores, whatever the curve says: where it leaves the top label less than
        another had, the others are drawn towards equal shares, just so far that none exceeds the top label; and the
        top label never falls below 1 / K, the share at which all are equal.
        """
        return self.rate(scores)[1]

    def rate(self, scores: Floats) -> tuple[Doubles, Doubles]:
        """Probability of the top label before the curve, () or (n,), and the `probabilities` of all labels."""
        if scores.ndim == 1:
            return self._rate_one(scores)
        n_labels = scores.shape[-1]
        probabilities = softmax(scores, self.temperature)
        raw = probabilities.max(axis=-1, keepdims=True)
        is_top = np.arange(n_labels) == scores.argmax(axis=-1)[..., None]
        confidence = np.maximum(self.confidence(raw), 1 / n_labels)
        shares = _share_rest(np.where(is_top, 0.0, probabilities), 1 / max(n_labels - 1, 1))
        return raw[..., 0], np.where(is_top, confidence, _level(shares, confidence, 1 / max(n_labels - 1, 1)))

    def _rate_one(self, scores: Floats) -> tuple[Doubles, Doubles]:
        """`rate` of one text: the same operations on plain numbers, which takes half the time."""
        equal = 1 / max(len(scores) - 1, 1)
        shares = softmax(scores, self.temperature)
        top = int(scores.argmax())
        raw = shares.max()
        confidence = max(interpolate(float(raw), self.raw, self.calibrated), 1 / len(scores))
        shares[top] = 0.0
        total = float(shares.sum())
        shares = shares / total if total > 0 else np.full(len(scores), equal)
        left, largest = 1 - confidence, float(shares.max())
        excess, room = max(left * largest - confidence, 0.0), left * (largest - equal)
        mixed = min(excess / room, 1.0) if room > 0 else 0.0
        if mixed:
            shares = (1 - mixed) * shares + mixed * equal
        probabilities = np.minimum(left * shares, confidence)
        probabilities[top] = confidence
        return raw, probabilities

    def confidence(self, raw: Doubles) -> Doubles:
        """Calibrated probability of top labels from their uncalibrated one, any shape."""
        return np.interp(raw, self.raw, self.calibrated).astype(np.float64)

    def to_json(self) -> dict[str, JsonValue]:
        """The curve as it is kept in a bundle."""
        return {
            "temperature": self.temperature,
            "raw": list(self.raw),
            "calibrated": list(self.calibrated),
            "n_rows": self.n_rows,
        }


def read_calibration(fields: Mapping[str, object]) -> Calibration:
    """Inverse of `Calibration.to_json`.

    Raises
    ------
    KeyError, TypeError, ValueError
        A field is missing or not of its type.
    """
    temperature = _number(fields["temperature"])
    if temperature <= 0:
        raise ValueError(f"the temperature is {temperature}; it must be above 0")
    return Calibration(
        temperature=temperature,
        raw=_numbers(fields["raw"]),
        calibrated=_numbers(fields["calibrated"]),
        n_rows=int(_number(fields["n_rows"])),
    )


def identity(temperature: float = 1.0) -> Calibration:
    """The curve that changes nothing, for a head without rows to calibrate on."""
    return Calibration(temperature, (0.0, 1.0), (0.0, 1.0), 0)


def softmax(scores: Floats, temperature: float) -> Doubles:
    """Softmax of ``scores / temperature`` along the last axis."""
    scaled = scores.astype(np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)


def interpolate(value: float, knots: Sequence[float], heights: Sequence[float]) -> float:
    """What `numpy.interp` gives for one number, without making arrays of the knots each time."""
    place = bisect_right(knots, value) - 1
    if place < 0:
        return heights[0]
    if place == len(knots) - 1 or knots[place] == value:
        return heights[place]
    slope = (heights[place + 1] - heights[place]) / (knots[place + 1] - knots[place])
    return slope * (value - knots[place]) + heights[place]


def _share_rest(rest: Doubles, equal: float) -> Doubles:
    """What each label but the top one has of their sum; ``equal`` for each where nothing is left of it."""
    total = rest.sum(axis=-1, keepdims=True)
    return np.where(total > 0, rest / np.where(total > 0, total, 1.0), equal)


def _level(shares: Doubles, confidence: Doubles, equal: float) -> Doubles:
    """What the other labels get of the rest: their shares, mixed with equal ones until none exceeds ``confidence``."""
    left = 1 - confidence
    largest = shares.max(axis=-1, keepdims=True)
    excess = np.maximum(left * largest - confidence, 0)
    room = left * (largest - equal)
    mixed = np.minimum(np.divide(excess, room, out=np.zeros_like(room), where=room > 0), 1)
    return np.asarray(np.minimum(left * ((1 - mixed) * shares + mixed * equal), confidence))


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)


def _numbers(values: object) -> tuple[float, ...]:
    if not isinstance(values, Sequence):
        raise TypeError(f"{values!r} is no list of numbers")
    return tuple(_number(value) for value in values)
