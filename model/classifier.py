"""Classifies a text with a bundle: clean, mask, cut into tokens, score, calibrate, decide, explain."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.bundle import BundleFiles, Manifest, read_bundle
from model.calibration import Calibration, Floats, read_calibration
from model.clauses import read_clauses
from model.cleaning import clean
from model.decisions import HEADS_OF_ALARM, HeadAnswer, decide, raise_alarms
from model.errors import BundleCorruptError, BundleTaxonomyError, DatasetError, TextError
from model.explanation import explain
from model.gates import Chances, Gatekeeper, make_gatekeeper, parse_needs
from model.language import LanguageWords, parse_language_words
from model.masking import mask
from model.needs import NeedCurve, find_needs, read_need_curve, share_urgent
from model.places import Gazetteer, parse_gazetteer
from model.prediction import About, Alarm, Evidence, FurtherNeed, Gates, JsonValue, Place, Prediction
from model.rulebook import NEEDS_FILE, RULEBOOK_FILES, Rulebook, parse_rulebook
from model.senses import Reading
from model.table import Parts, Table
from model.taxonomy import Taxonomy, read_taxonomy
from model.thresholds import THRESHOLDS_FILE, Thresholds, read_thresholds
from model.tokens import MAX_SCORED_CHARS, MAX_SCORED_TOKENS, Tokens, is_mask, tokenize
from model.units import ACCUSATION, COMPLAINT, Named, UnitFinder, UnitNames, parse_units

MAX_TEXT_BYTES = 64 * 1024
N_ALTERNATIVES = 3
CALIBRATION_FILE = "calibration.json"
PLACES_FILE = "lexicons/places.csv"
MINANG_FILE = "lexicons/minang.csv"
UNITS_FILE = "lexicons/units.csv"
NEED_CURVE_FILE = "needs.json"


@dataclass(frozen=True, slots=True)
class Head:
    """One head of a bundle: its labels and the columns of the table that hold them."""

    name: str
    labels: tuple[str, ...]
    columns: slice
    calibration: Calibration

    def answer(self, scores: Floats, thresholds: Thresholds) -> HeadAnswer:
        """What the head says of a text, given the scores (K,) of all heads."""
        own = scores[self.columns]
        raw, probabilities = self.calibration.rate(own)
        order = np.argsort(-own, kind="stable")[: N_ALTERNATIVES + 1]
        return HeadAnswer(
            ranked=tuple((self.labels[place], round(float(probabilities[place]), 4)) for place in order),
            raw=float(raw),
            watched={
                label: thresholds.find_alarm(label).rate(float(own[place]), float(probabilities[place]))
                for label, heads in HEADS_OF_ALARM.items()
                if heads[0] == self.name and label in self.labels
                for place in [self.labels.index(label)]
            },
        )


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
        self.rulebook: Rulebook = _read_rulebook(files)
        self._gatekeeper = _read_gatekeeper(files, self.rulebook, self.gazetteer)
        self._names = _read_names(files)
        self._table = Table(files.arrays)
        self._agency = next((head for head in self.heads if head.name == "agency"), None)
        self._need_curve = _read_need_curve(files)
        self._unit_names = _read_units(files)
        self._unit_finder = UnitFinder(self._agency.labels if self._agency else (), self.gazetteer)

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
        n_bytes = len(text.encode("utf-8", "replace"))
        if n_bytes > MAX_TEXT_BYTES:
            raise TextError(f"The text has {n_bytes:,} bytes; at most {MAX_TEXT_BYTES:,} are read. Shorten it.")
        masked = mask(clean(text)).text
        tokens = _cut(tokenize(masked[:MAX_SCORED_CHARS]))
        parts = self._table.take_apart(tokens.forms)
        scores = self._table.sum_parts(parts)
        named = Named(tokens, self._unit_names.find(tokens.forms), self.gazetteer.find(tokens))
        n_read = tokens.ends[-1] if len(tokens.ends) == MAX_SCORED_TOKENS else MAX_SCORED_CHARS
        cut_chars = max(len(masked) - n_read, 0)
        reading = self.rulebook.read(masked, tokens)
        hits = self.rulebook.rules.find(reading)
        answers = {head.name: head.answer(scores, self.thresholds) for head in self.heads}
        alarms = raise_alarms(answers, self.thresholds, hits)
        return Prediction(
            bundle=self.bundle_id,
            taxonomy=self.taxonomy_version,
            text=masked,
            cut_chars=cut_chars,
            heads=decide(answers, self.thresholds, alarms, hits, self._find_unread(tokens, cut_chars)),
            places=named.places,
            language=self._language.shares(tokens.forms),
            explanation=self._explain(masked, tokens, scores) if with_explanation else {},
            gates=self._judge(reading, named.places, scores),
            rules=hits,
            alarms=alarms,
            also=self._find_needs(masked, named, parts, scores, alarms),
            about=self._find_about(named, scores, answers, alarms),
        )

    def score_heads(self, forms: Sequence[str]) -> dict[str, Floats]:
        """Uncalibrated scores of each head for a text given as token forms."""
        scores = self._table.score(list(forms))
        return {head.name: scores[head.columns] for head in self.heads}

    def _find_unread(self, tokens: Tokens, cut_chars: int) -> str | None:
        if not tokens.forms:
            return "no word that could be read"
        if cut_chars:
            return f"the text is too long: {cut_chars:,} characters at its end were not read"
        words = [form for form in tokens.forms if not is_mask(form)]
        if not words:
            return "no word beside masked personal data"
        return None if self._table.knows_any(words) else "no word that this bundle knows"

    def _judge(self, reading: Reading, places: tuple[Place, ...], scores: Floats) -> Gates | None:
        """The gates; None for a bundle without a taxonomy, or without the heads they rest on."""
        heads = {head.name: head for head in self.heads}
        if self._gatekeeper is None or not heads.keys() >= {"kind", "agency"}:
            return None
        kind, agency = (
            dict(zip(head.labels, head.calibration.probabilities(scores[head.columns]).tolist(), strict=True))
            for head in (heads["kind"], heads["agency"])
        )
        topic = heads.get("topic")
        label = topic.labels[int(scores[topic.columns].argmax())] if topic else None
        return self._gatekeeper.judge(reading, places, Chances(kind, agency, label))

    def _find_needs(
        self, text: str, named: Named, parts: Parts, scores: Floats, alarms: Sequence[Alarm]
    ) -> tuple[FurtherNeed, ...]:
        # An accusation must not reach the unit it accuses, and that is the other unit it tells of.
        if self._need_curve is None or self._agency is None or not named.tokens.forms or _is_accusation(alarms):
            return ()
        clauses = read_clauses(self._table, parts, text, named.tokens, self._agency.columns, scores)
        urgency = next((head for head in self.heads if head.name == "urgency"), None)
        urgent = share_urgent(urgency.labels, scores[urgency.columns]) if urgency else share_urgent((), scores)
        return find_needs(self._need_curve, self._agency.labels, named, clauses, urgent)

    def _find_about(
        self, named: Named, scores: Floats, answers: Mapping[str, HeadAnswer], alarms: Sequence[Alarm]
    ) -> About | None:
        if self._agency is None or "kind" not in answers or not named.tokens.forms:
            return None
        kind = answers["kind"].label
        if kind == COMPLAINT and _is_accusation(alarms):
            kind = ACCUSATION
        return self._unit_finder.find(named, scores[self._agency.columns], kind)

    def _explain(self, masked: str, tokens: Tokens, scores: Floats) -> dict[str, tuple[Evidence, ...]]:
        columns = {}
        for head in self.heads:
            if len(head.labels) > 1:
                first, second = np.argsort(-scores[head.columns], kind="stable")[:2]
                columns[head.name] = (head.columns.start + int(first), head.columns.start + int(second))
        return explain(self._table, masked, tokens, columns) if columns else {}


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
    """Whether a text is labelled an accusation, or is one by a rule; the low threshold alone is mostly wrong."""
    return any(alarm.label == ACCUSATION and alarm.cause != "threshold" for alarm in alarms)


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
    if start != len(files.arrays.bias) or not all(math.isfinite(value) for value in files.arrays.bias):
        raise ValueError(f"{start} labels but {len(files.arrays.bias)} columns")
    return tuple(heads)


def _read_thresholds(files: BundleFiles) -> Thresholds:
    """Those of the bundle; none for a bundle of before there were any, whose every answer is a suggestion."""
    hashes = files.manifest["files"]
    if not isinstance(hashes, dict) or THRESHOLDS_FILE not in hashes:
        return Thresholds()
    try:
        return read_thresholds(json.loads(files.read_text(THRESHOLDS_FILE)))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{THRESHOLDS_FILE}: {error!r}") from error


def _read_rulebook(files: BundleFiles) -> Rulebook:
    """That of the bundle; an empty one for a bundle of before there were rules."""
    listed = files.manifest["files"]
    if not isinstance(listed, dict) or not all(name in listed for name in RULEBOOK_FILES):
        return Rulebook()
    return parse_rulebook({name: files.read_text(name) for name in RULEBOOK_FILES})


def _read_gatekeeper(files: BundleFiles, rulebook: Rulebook, gazetteer: Gazetteer) -> Gatekeeper | None:
    if not rulebook.named or not isinstance(files.manifest.get("taxonomy"), dict):
        return None
    needs = parse_needs(files.read_text(NEEDS_FILE), NEEDS_FILE)
    return make_gatekeeper(needs, rulebook.named, read_taxonomy(files.folder / "taxonomy"), gazetteer)


def _read_need_curve(files: BundleFiles) -> NeedCurve | None:
    """None for a bundle whose rows told too few further needs."""
    return read_need_curve(json.loads(files.read_text(NEED_CURVE_FILE))) if NEED_CURVE_FILE in files else None


def _read_units(files: BundleFiles) -> UnitNames:
    """No names for a bundle of before there were any; scores alone then tell the unit complained of."""
    return parse_units(files.read_text(UNITS_FILE), UNITS_FILE) if UNITS_FILE in files else UnitNames(())


def _read_names(files: BundleFiles) -> dict[tuple[str, str], str]:
    if not isinstance(files.manifest.get("taxonomy"), dict):
        return {}
    taxonomy = read_taxonomy(files.folder / "taxonomy")
    return {(head, slug): label.name for head, labels in taxonomy.heads.items() for slug, label in labels.items()}


def _cut(tokens: Tokens) -> Tokens:
    n_tokens = MAX_SCORED_TOKENS
    return Tokens(tokens.forms[:n_tokens], tokens.starts[:n_tokens], tokens.ends[:n_tokens])
