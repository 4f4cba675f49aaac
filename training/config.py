"""The settings of a training run: one TOML file, read strictly and copied whole into the bundle."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path

from model.decisions import HEADS_OF_ALARM
from model.errors import PilahError
from model.prediction import JsonValue
from model.taxonomy import HEADS

_RANGES = {
    "minimum_rows": (2, 10_000),
    "minimum_token_rows": (3, 10_000),  # below three, a name of one person could enter the vocabulary
    "minimum_pair_rows": (2, 10_000),
    "minimum_ngram_rows": (2, 10_000),
    "penalty": (1e-4, 1e4),
    "class_weight_power": (0.0, 1.0),
    "ridge_penalty": (1e-4, 1e4),
    "ridge_share": (0.0, 100.0),
    "calibration_folds": (1, 12),
    "calibration_share": (0.05, 0.8),
    "error_budget": (0.001, 0.5),
    "recall": (0.5, 0.999),
    "false_alarms": (0.0001, 0.5),
    "seed": (0, 2**32 - 1),
}
_NAMES = {tuple: "a list of texts", bool: "true or false", int: "a whole number", float: "a number"}


class ConfigError(PilahError):
    """A training configuration cannot be used."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How rows become a bundle. Every field may stand in the TOML file under its own name.

    Attributes
    ----------
    heads
        Heads to train; empty for all that the rows label.
    open_labels
        True when the labels are the data's own; False when they must be slugs of the taxonomy.
    minimum_rows
        A label with fewer rows is not learnt: its rows count as unlabelled for that head.
    merge
        For each head: the new label, and the patterns (``*`` and ``?``) of the labels it replaces.
    columns
        Our column name, and the name it has in the file.
    minimum_token_rows, minimum_pair_rows, minimum_ngram_rows
        How many rows (or reporters, where known) must hold a token, pair or n-gram for it to enter the vocabulary.
    penalty
        Inverse strength of the regularisation (C) of the linear support vector machines.
    class_weight_power
        0 weighs rows alike, 1 weighs labels alike.
    penalty_of, class_weight_power_of
        The two for single heads. The defaults were chosen by rolling origin inside January–October 2022 of real
        reports (bench/quality.py --choose): agency gains from equal weights, topic with its many labels does not.
    ridge_penalty, ridge_share
        Strength of the regularisation of the ridge regressions, and how much of them is added to the machines.
    calibration_folds, calibration_share
        The last share of the rows is cut into so many slices of time; each is scored by a fit on all rows before it.
    error_budget
        For each head that may decide alone: the share of wrong answers among what it decides that is accepted. A head
        that is not named only suggests.
    recall
        For each label that must not be missed: the share of its reports that must raise an alarm.
    false_alarms
        For the same labels: the share of other reports whose probability may at most reach that of an urgent alarm. A
        label that is not named is urgent only where it is chosen or a rule holds.
    seed
        Of every random choice.

    Raises
    ------
    ConfigError
        A head is not known, or a number out of range.
    """

    heads: tuple[str, ...] = ()
    open_labels: bool = False
    minimum_rows: int = 10
    merge: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    minimum_token_rows: int = 3
    minimum_pair_rows: int = 2
    minimum_ngram_rows: int = 3
    penalty: float = 0.2
    class_weight_power: float = 0.5
    ridge_penalty: float = 2.0
    ridge_share: float = 1.0
    penalty_of: Mapping[str, float] = field(default_factory=lambda: {"agency": 0.5})
    class_weight_power_of: Mapping[str, float] = field(default_factory=lambda: {"agency": 1.0})
    calibration_folds: int = 2
    calibration_share: float = 0.4
    error_budget: Mapping[str, float] = field(default_factory=lambda: {"agency": 0.05, "topic": 0.10})
    recall: Mapping[str, float] = field(default_factory=lambda: {"darurat": 0.95, "pengaduan-pengawasan": 0.90})
    false_alarms: Mapping[str, float] = field(default_factory=lambda: {"darurat": 0.005, "pengaduan-pengawasan": 0.005})
    seed: int = 20261124

    def __post_init__(self) -> None:
        """Refuse values that no run can use, wherever they come from."""
        wrong_heads = [
            head
            for head in (
                *self.heads,
                *self.merge,
                *self.penalty_of,
                *self.class_weight_power_of,
                *self.error_budget,
            )
            if head not in HEADS
        ]
        if wrong_heads:
            raise ConfigError(f"{', '.join(wrong_heads)} is no head; heads are {', '.join(HEADS)}.")
        foreign = [label for label in (*self.recall, *self.false_alarms) if label not in HEADS_OF_ALARM]
        if foreign:
            raise ConfigError(f"{', '.join(foreign)} never alarms; labels that do are {', '.join(HEADS_OF_ALARM)}.")
        for setting, (least, most) in _RANGES.items():
            for value in self._list_values(setting):
                if not least <= value <= most:
                    raise ConfigError(f"{setting} is {value}; expected {least} to {most}.")

    def _list_values(self, setting: str) -> list[float]:
        value = getattr(self, setting)
        of_heads: Mapping[str, float] = getattr(self, f"{setting}_of", {})
        return [*(value.values() if isinstance(value, Mapping) else (value,)), *of_heads.values()]

    def to_json(self) -> dict[str, JsonValue]:
        """The settings as they stand in the manifest."""
        plain: dict[str, JsonValue] = asdict(self)
        return plain

    def merge_label(self, head: str, label: str) -> str:
        """The label under which ``label`` is learnt."""
        for target, patterns in self.merge.get(head, {}).items():
            if any(fnmatchcase(label, pattern) for pattern in patterns):
                return target
        return label


def read_config(path: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises
    ------
    ConfigError
        The file is missing, no TOML, or holds an unknown name, a wrong type or a value out of range.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); name a TOML file with --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no TOML: {error}.") from error
    return parse_config(content, str(path))


def parse_config(content: Mapping[str, object], name: str) -> TrainingConfig:
    """As `read_config`, from parsed TOML; ``name`` is for messages."""
    types = {entry.name: type(getattr(TrainingConfig(), entry.name)) for entry in fields(TrainingConfig)}
    unknown = sorted(set(content) - set(types))
    if unknown:
        raise ConfigError(f"{name}: unknown setting {', '.join(unknown)}; known are {', '.join(types)}.")
    try:
        values = {setting: _convert(setting, value, types[setting]) for setting, value in content.items()}
        return TrainingConfig(**values)  # type: ignore[arg-type]  # each value was converted to its field's type
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error


def _convert(setting: str, value: object, wanted: type) -> object:
    if setting == "merge":
        return _convert_merge(value)
    if setting == "columns":
        return _convert_columns(value)
    if setting.endswith("_of") or setting in {"error_budget", "recall", "false_alarms"}:
        return _convert_numbers(setting, value)
    if wanted is tuple and _is_texts(value):
        return tuple(value)  # type: ignore[arg-type]  # a list of texts, as was just seen
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool)):
        return value
    raise ConfigError(f"{setting} is {value!r}; expected {_NAMES[wanted]}.")


def _convert_columns(value: object) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(column, str) for column in value.values()):
        return {str(ours): theirs for ours, theirs in value.items()}
    raise ConfigError(f"columns is {value!r}; expected [columns] with lines like agency = 'Instansi'.")


def _convert_numbers(setting: str, value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{setting} is {value!r}; expected [{setting}] with lines like agency = 0.5.")
    return {str(head): float(str(_convert(f"{setting}.{head}", number, float))) for head, number in value.items()}


def _convert_merge(value: object) -> dict[str, dict[str, tuple[str, ...]]]:
    if not isinstance(value, Mapping) or not all(_is_merger(targets) for targets in value.values()):
        raise ConfigError("merge must be written as [merge.agency] with lines like new-label = ['Old *', 'Other'].")
    return {
        str(head): {str(target): tuple(patterns) for target, patterns in targets.items()}
        for head, targets in value.items()
    }


def _is_merger(targets: object) -> bool:
    return isinstance(targets, Mapping) and all(_is_texts(patterns) for patterns in targets.values())


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value)
