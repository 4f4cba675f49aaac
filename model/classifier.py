"""Classifies a text with a bundle: clean, mask, cut into tokens, score, calibrate, decide, explain."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.bundle import BundleFiles, Manifest, read_bundle
from model.bundle_contents import (
    NEED_CURVE_FILE,
    take_gatekeeper,
    take_label_names,
    take_need_curve,
    take_rulebook,
    take_units,
)
from model.calibration import Calibration, Doubles, Floats, read_calibration
from model.clauses import Clauses, read_clauses
from model.cleaning import clean
from model.decisions import HEADS_OF_ALARM, HeadAnswer, decide, raise_alarms
from model.errors import BundleCorruptError, BundleTaxonomyError, DatasetError, TextError
from model.explanation import explain
from model.gates import Chances
from model.language import LanguageWords, parse_language_words
from model.masking import mask
from model.needs import Whole, find_needs, share_urgent
from model.places import Gazetteer, parse_gazetteer
from model.prediction import About, Alarm, Evidence, FurtherNeed, Gates, JsonValue, Place, Prediction
from model.senses import Reading
from model.table import Parts, Table
from model.taxonomy import Taxonomy
from model.thresholds import THRESHOLDS_FILE, Thresholds, read_thresholds
from model.tokens import MAX_SCORED_CHARS, MAX_SCORED_TOKENS, Tokens, is_mask, tokenize
from model.units import ACCUSATION, COMPLAINT, Named, UnitFinder

MAX_TEXT_BYTES = 64 * 1024
N_ALTERNATIVES = 3
CALIBRATION_FILE = "calibration.json"
PLACES_FILE = "lexicons/places.csv"
MINANG_FILE = "lexicons/minang.csv"
# Probability of the top label before the curve, and those of all labels behind it: of one text or of n.
Rated = tuple[Doubles, Doubles]


@dataclass(frozen=True, slots=True)
class Head:
    """One head of a bundle: its labels and the columns of the table that hold them, and that of its detector."""

    name: str
    labels: tuple[str, ...]
    columns: slice
    calibration: Calibration
    detector: int | None = None

    def rate(self, scores: Floats) -> Rated:
        """Probabilities from the scores (K,) or (n, K) of all heads."""
        return self.calibration.rate(scores[..., self.columns])

    def answer(self, scores: Floats, rated: Rated, thresholds: Thresholds) -> HeadAnswer:
        """What the head says of a text, given the scores (K,) of all heads and what it makes of them."""
        own = scores[self.columns]
        raw, probabilities = rated
        order = np.argsort(-own, kind="stable")[: N_ALTERNATIVES + 1]
        return HeadAnswer(
            ranked=tuple((self.labels[place], round(float(probabilities[place]), 4)) for place in order),
            raw=float(raw),
            watched={
                label: thresholds.find_alarm(label).rate(
                    float(own[place] if self.detector is None else scores[self.detector]), float(probabilities[place])
                )
                for label, heads in HEADS_OF_ALARM.items()
                if heads[0] == self.name and label in self.labels
                for place in [self.labels.index(label)]
            },
        )


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as far as it is read without the table: masked, cut into ``tokens``, with the units and places it names.

    ``cut_chars`` are the characters at its end that are beyond what is scored.
    """

    masked: str
    tokens: Tokens
    cut_chars: int
    named: Named


@dataclass(frozen=True, slots=True)
class Scored:
    """What the table says of a text: ``scores`` (K,) of all heads, ``rated`` by head, and its clauses when asked.

    ``parts`` are its tokens as the table takes them apart, where they were.
    """

    scores: Floats
    rated: Mapping[str, Rated]
    read_clauses: Callable[[], Clauses]
    parts: Parts | None = None


class Classifier:
    """A loaded bundle; thread-safe, holds no state of the texts it saw but a bounded cache of unknown tokens."""

    def __init__(self, files: BundleFiles) -> None:
        self.manifest: Manifest = files.manifest
        self.bundle_id = str(files.manifest["bundle"])
        self.taxonomy_version = _taxonomy_version(files.manifest)
        self.heads = _read_heads(files)
        self.thresholds: Thresholds = _read_thresholds(files)
        self.gazetteer: Gazetteer = parse_gazetteer(files.read_text(PLACES_FILE), PLACES_FILE)
        self._language: LanguageWords = parse_language_words(files.read_text(MINANG_FILE), MINANG_FILE)
        self.rulebook = take_rulebook(files)
        self._gatekeeper = take_gatekeeper(files, self.rulebook, self.gazetteer)
        self._names = take_label_names(files)
        self.table = Table(files.arrays)
        self._agency = next((head for head in self.heads if head.name == "agency"), None)
        self.need_curve = take_need_curve(files)
        self._unit_names = take_units(files)
        self._unit_finder = UnitFinder(self._agency.labels if self._agency else (), self.gazetteer)

    @property
    def agency_columns(self) -> slice:
        """The columns of the table that hold the agencies."""
        return self._agency.columns if self._agency else slice(0, 0)

    def name_label(self, head: str, slug: str) -> str:
        """The name of a label for people; the label itself where the bundle was trained on labels of its own."""
        return self._names.get((head, slug), slug)

    def classify(self, text: str, *, with_explanation: bool = True) -> Prediction:
        """Everything this bundle says about ``text``.

        Raises
        ------
        TextError
            ``text`` is longer than ``MAX_TEXT_BYTES`` in UTF-8. An empty or meaningless text is no error: it gets
            the prior of each head and the decision of a person.
        """
        read = self.read(text)
        parts = self.table.take_apart(read.tokens.forms)
        scores = self.table.sum_parts(parts)
        scored = Scored(
            scores,
            {head.name: head.rate(scores) for head in self.heads},
            lambda: read_clauses(self.table, parts, read.masked, read.tokens, self.agency_columns, scores),
            parts,
        )
        return self.conclude(read, scored, with_explanation=with_explanation)

    def read(self, text: str) -> ReadText:
        """The first half of `classify`, which asks no score.

        Raises
        ------
        TextError
            As `classify`.
        """
        n_bytes = len(text.encode("utf-8", "replace"))
        if n_bytes > MAX_TEXT_BYTES:
            raise TextError(f"The text has {n_bytes:,} bytes; at most {MAX_TEXT_BYTES:,} are read. Shorten it.")
        masked = mask(clean(text)).text
        tokens = tokenize(masked[:MAX_SCORED_CHARS])
        cut_chars = max(len(masked) - MAX_SCORED_CHARS, 0)
        if len(tokens.forms) > MAX_SCORED_TOKENS:
            tokens = _cut(tokens)
            cut_chars = len(masked) - tokens.ends[-1]
        named = Named(tokens, self._unit_names.find(tokens.forms), self.gazetteer.find(tokens))
        return ReadText(masked, tokens, cut_chars, named)

    def conclude(self, read: ReadText, scored: Scored, *, with_explanation: bool) -> Prediction:
        """The second half of `classify`: what scores and rules say together."""
        tokens, scores, places = read.tokens, scored.scores, read.named.places
        reading = self.rulebook.read(read.masked, tokens)
        hits = self.rulebook.rules.find(reading)
        answers = {head.name: head.answer(scores, scored.rated[head.name], self.thresholds) for head in self.heads}
        alarms = raise_alarms(answers, self.thresholds, hits)
        words = [form for form in tokens.forms if not is_mask(form)]
        return Prediction(
            bundle=self.bundle_id,
            taxonomy=self.taxonomy_version,
            text=read.masked,
            cut_chars=read.cut_chars,
            heads=decide(answers, self.thresholds, alarms, hits, self._find_unread(tokens, words, read.cut_chars)),
            places=places,
            language=self._language.shares(tokens.forms),
            explanation=self._explain(read.masked, tokens, scored, answers) if with_explanation else {},
            gates=self._judge(reading, places, scored),
            rules=hits,
            alarms=alarms,
            also=self._find_needs(read.named, scored, alarms),
            about=self._find_about(read.named, scores, answers, alarms),
            unknown=round(self.table.share_unknown(words), 4),
        )

    def score_heads(self, forms: Sequence[str]) -> dict[str, Floats]:
        """Uncalibrated scores of each head for a text given as token forms."""
        scores = self.table.score(list(forms))
        return {head.name: scores[head.columns] for head in self.heads}

    def _find_unread(self, tokens: Tokens, words: Sequence[str], cut_chars: int) -> str | None:
        if not tokens.forms:
            return "no word that could be read"
        if cut_chars:
            return f"the text is too long: {cut_chars:,} characters at its end were not read"
        if not words:
            return "no word beside masked personal data"
        return None if self.table.knows_any(words) else "no word that this bundle knows"

    def _judge(self, reading: Reading, places: tuple[Place, ...], scored: Scored) -> Gates | None:
        """The gates; None for a bundle without a taxonomy, or without the heads they rest on."""
        heads = {head.name: head for head in self.heads}
        if self._gatekeeper is None or not heads.keys() >= {"kind", "agency"}:
            return None
        kind, agency = (
            dict(zip(heads[name].labels, scored.rated[name][1].tolist(), strict=True)) for name in ("kind", "agency")
        )
        topic = heads.get("topic")
        label = topic.labels[int(scored.scores[topic.columns].argmax())] if topic else None
        return self._gatekeeper.judge(reading, places, Chances(kind, agency, label))

    def _find_needs(self, named: Named, scored: Scored, alarms: Sequence[Alarm]) -> tuple[FurtherNeed, ...]:
        # An accusation must not reach the unit it accuses, and that is the other unit it tells of.
        if self.need_curve is None or self._agency is None or not named.tokens.forms or _is_accusation(alarms):
            return ()
        urgency = next((head for head in self.heads if head.name == "urgency"), None)
        scores = scored.scores
        urgent = share_urgent(urgency.labels, scores[urgency.columns]) if urgency else share_urgent((), scores)
        first = self.heads[-1].columns.stop
        whole = Whole(scores[first : first + len(self._agency.labels)], urgent)
        return find_needs(self.need_curve, self._agency.labels, named, scored.read_clauses(), whole)

    def _find_about(
        self, named: Named, scores: Floats, answers: Mapping[str, HeadAnswer], alarms: Sequence[Alarm]
    ) -> About | None:
        if self._agency is None or "kind" not in answers or not named.tokens.forms:
            return None
        kind = answers["kind"].label
        if kind == COMPLAINT and _is_accusation(alarms):
            kind = ACCUSATION
        return self._unit_finder.find(named, scores[self._agency.columns], kind)

    def _explain(
        self, masked: str, tokens: Tokens, scored: Scored, answers: Mapping[str, HeadAnswer]
    ) -> dict[str, tuple[Evidence, ...]]:
        columns = {
            head.name: [head.columns.start + head.labels.index(label) for label, _ in answers[head.name].ranked[:2]]
            for head in self.heads
            if len(head.labels) > 1
        }
        return explain(self.table, masked, tokens, columns, scored.parts) if columns else {}


def load_classifier(folder: Path, taxonomy: Taxonomy | None = None) -> Classifier:
    """Verify and load the bundle in ``folder``.

    Parameters
    ----------
    taxonomy
        The taxonomy in force. A bundle trained for another one is refused, unless it was trained on labels of its
        own (``open_labels``).

    Raises
    ------
    BundleError
        With what is wrong and what to do.
    """
    files = read_bundle(folder)
    trained_for = files.manifest.get("taxonomy")
    if taxonomy is not None and isinstance(trained_for, dict) and trained_for["digest"] != taxonomy.digest:
        raise BundleTaxonomyError(
            f"{folder} was trained for taxonomy {trained_for['version']} ({trained_for['digest']}), in force is "
            f"{taxonomy.version} ({taxonomy.digest}). Train again, or put the old taxonomy back."
        )
    try:
        return Classifier(files)
    except (KeyError, TypeError, ValueError, DatasetError) as error:
        raise BundleCorruptError(f"{folder}: the manifest does not fit the files ({error!r}); train again.") from error


def _is_accusation(alarms: Sequence[Alarm]) -> bool:
    """Whether a text is an accusation with some certainty; what is only watched is mostly none."""
    return any(alarm.label == ACCUSATION and alarm.level == "urgent" for alarm in alarms)


def _taxonomy_version(manifest: Manifest) -> str:
    taxonomy = manifest.get("taxonomy")
    return str(taxonomy["version"]) if isinstance(taxonomy, dict) else "open"


def _read_heads(files: BundleFiles) -> tuple[Head, ...]:
    curves: Mapping[str, Mapping[str, object]] = json.loads(files.read_text(CALIBRATION_FILE))
    heads: list[Head] = []
    start = 0
    listed: JsonValue = files.manifest["heads"]
    if not isinstance(listed, list):
        raise TypeError("heads is no list")
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry["labels"], list):
            raise TypeError("a head is no object with labels")
        labels = tuple(str(label) for label in entry["labels"])
        name = str(entry["name"])
        columns = slice(start, start + len(labels))
        heads.append(Head(name, labels, columns, read_calibration(curves[name])))
        start = columns.stop
    detected = files.manifest.get("detectors", [])  # a bundle of before there were detectors has none
    if not isinstance(detected, list) or not {str(name) for name in detected} <= {head.name for head in heads}:
        raise TypeError("detectors is no list of heads")
    first = start + _count_needed(files, heads)
    n_columns = first + len(detected)
    if n_columns != len(files.arrays.bias) or not all(math.isfinite(value) for value in files.arrays.bias):
        raise ValueError(f"{n_columns} columns of labels, needs and detectors wanted, {len(files.arrays.bias)} found")
    place_of = {str(name): first + place for place, name in enumerate(detected)}
    return tuple(replace(head, detector=place_of.get(head.name)) for head in heads)


def _count_needed(files: BundleFiles, heads: Sequence[Head]) -> int:
    """How many columns stand between the heads and the detectors: how far a text needs each agency (`Whole`)."""
    return sum(len(head.labels) for head in heads if head.name == "agency") if NEED_CURVE_FILE in files else 0


def _read_thresholds(files: BundleFiles) -> Thresholds:
    """Those of the bundle; none for a bundle of before there were any, whose every answer is a suggestion."""
    hashes = files.manifest["files"]
    if not isinstance(hashes, dict) or THRESHOLDS_FILE not in hashes:
        return Thresholds()
    try:
        return read_thresholds(json.loads(files.read_text(THRESHOLDS_FILE)))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{THRESHOLDS_FILE}: {error!r}") from error


def _cut(tokens: Tokens) -> Tokens:
    n_tokens = MAX_SCORED_TOKENS
    return Tokens(tokens.forms[:n_tokens], tokens.starts[:n_tokens], tokens.ends[:n_tokens])
