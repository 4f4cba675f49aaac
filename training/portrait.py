"""Everything a person may read about a bundle, gathered for the model card and the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model.classifier import Classifier
from training.describing import BundleFacts, read_facts
from training.evaluation import Evaluation
from training.keywords import Keywords, read_keywords


@dataclass(frozen=True, slots=True)
class Portrait:
    """A bundle and what is known of it.

    ``name`` gives the name of a label (head, slug) for people. ``evaluation`` is None where no test rows were given;
    ``rehearsal`` is the judgement of `training.rehearsing`, None where it is not at hand.
    """

    facts: BundleFacts
    name: Callable[[str, str], str]
    keywords: Keywords
    evaluation: Evaluation | None
    rehearsal: Evaluation | None

    @property
    def judged(self) -> Evaluation | None:
        """The evaluation, or else the rehearsal, if it judged a head."""
        chosen = self.evaluation if self.evaluation is not None else self.rehearsal
        return chosen if chosen is not None and chosen.heads else None

    @property
    def is_tested_later(self) -> bool:
        """Whether the test rows all arrived after the rows the bundle was trained on, as far as they say."""
        if self.evaluation is None or self.evaluation.days is None or self.facts.days is None:
            return True
        return self.evaluation.days[0] >= self.facts.days[1]


def read_portrait(folder: Path, classifier: Classifier, evaluation: Evaluation) -> Portrait:
    """The portrait of a bundle that was read from ``folder``, judged anew.

    Raises
    ------
    BundleCorruptError
        The bundle does not say what a portrait needs.
    """
    return Portrait(
        read_facts(classifier.manifest), classifier.name_label, read_keywords(folder), evaluation, rehearsal=None
    )
