"""Classifies many texts at once: what `model.classifier.Classifier` says of each alone, up to rounding of the scores.

Owns what pays only for many: scores and calibration of all texts and all their clauses in one go.
"""

from collections.abc import Callable, Iterator, Sequence

from model.batch import BatchScorer, Sums
from model.classifier import Classifier, ReadText, Scored
from model.clauses import Clauses, cut_clauses
from model.prediction import Prediction
from model.table import Floats


class ManyClassifier:
    """A classifier for many texts; not for many threads.

    Parameters
    ----------
    classifier
        The bundle.
    sums
        Compiled sums of its table, where numba is installed; without them the sums run in numpy.
    """

    def __init__(self, classifier: Classifier, sums: Sums | None = None) -> None:
        self._classifier = classifier
        self._scorer = BatchScorer(classifier.table, sums)

    def classify(self, texts: Sequence[ReadText]) -> list[Prediction]:
        """Everything the bundle says about texts that `Classifier.read` has read, in their order, but explanations."""
        scores = self._scorer.score([read.masked for read in texts])
        rated = {head.name: head.rate(scores) for head in self._classifier.heads}
        clauses = self._read_clauses(texts, scores)
        predictions = []
        for place, (read, of_text) in enumerate(zip(texts, clauses, strict=True)):
            of_heads = {head: (raw[place], probabilities[place]) for head, (raw, probabilities) in rated.items()}
            scored = Scored(scores[place], of_heads, _give(of_text))
            predictions.append(self._classifier.conclude(read, scored, with_explanation=False))
        return predictions

    def _read_clauses(self, texts: Sequence[ReadText], scores: Floats) -> Iterator[Clauses]:
        """The clauses of each text; no scores of them where the bundle knows no further needs and nobody asks."""
        columns = self._classifier.agency_columns
        asks = self._classifier.need_curve is not None
        stretches = [cut_clauses(read.masked, read.tokens) if asks else [] for read in texts]
        of_clauses = self._scorer.score(
            [
                read.masked[read.tokens.starts[start] : read.tokens.ends[stop - 1]]
                for read, of_text in zip(texts, stretches, strict=True)
                for start, stop in of_text
            ]
        )[:, columns]
        first = 0
        for of_text, whole in zip(stretches, scores[:, columns], strict=True):
            last = first + len(of_text)
            yield Clauses(of_text, of_clauses[first:last], whole)
            first = last


def _give(clauses: Clauses) -> Callable[[], Clauses]:
    return lambda: clauses
