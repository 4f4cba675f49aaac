import json
from dataclasses import replace

import pytest

from training.config import ConfigError, TrainingConfig, parse_config, read_config


def test_reads_every_setting_from_toml(tmp_path):
    path = tmp_path / "training.toml"
    path.write_text(
        """
        heads = ["agency", "topic"]
        open_labels = true
        minimum_rows = 5
        penalty = 1
        [columns]
        agency = "Instansi Terdisposisi"
        [error_budget]
        topic = 0.2
        [recall]
        darurat = 0.99
        [merge.agency]
        kewilayahan = ["Kelurahan *", "Kecamatan ?*"]
        """,
        encoding="utf-8",
    )
    config = read_config(path)
    assert config.heads == ("agency", "topic")
    assert (config.open_labels, config.minimum_rows, config.penalty) == (True, 5, 1.0)
    assert config.columns == {"agency": "Instansi Terdisposisi"}
    assert (config.error_budget, config.recall) == ({"topic": 0.2}, {"darurat": 0.99})
    assert config.merge == {"agency": {"kewilayahan": ("Kelurahan *", "Kecamatan ?*")}}


def test_the_copy_in_the_manifest_reads_as_the_same_settings():
    config = TrainingConfig(heads=("topic",), merge={"topic": {"jalan": ("Jalan *",)}}, columns={"text": "isi"})
    assert parse_config(json.loads(json.dumps(config.to_json())), "manifest.json") == config


def test_merges_the_labels_that_match_a_pattern_with_their_capitals():
    config = TrainingConfig(merge={"agency": {"kewilayahan": ("Kelurahan *", "Kecamatan *")}})
    merged = [config.merge_label("agency", label) for label in ("Kecamatan Talawi", "kecamatan talawi", "Dinas PU", "")]
    assert merged == ["kewilayahan", "kecamatan talawi", "Dinas PU", ""]
    assert config.merge_label("topic", "Kecamatan Talawi") == "Kecamatan Talawi"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("colour = 1", "unknown setting colour; known are heads, open_labels"),
        ('heads = "agency"', "heads is 'agency'; expected a list of texts"),
        ("heads = [1]", "expected a list of texts"),
        ('heads = ["agncy"]', "agncy is no head; heads are kind, agency"),
        ("open_labels = 1", "open_labels is 1; expected true or false"),
        ("minimum_rows = 2.5", "minimum_rows is 2.5; expected a whole number"),
        ("minimum_rows = true", "minimum_rows is True; expected a whole number"),
        ("minimum_rows = 1", "minimum_rows is 1; expected 2 to 10000"),
        ("minimum_token_rows = 2", "minimum_token_rows is 2; expected 3"),
        ("minimum_pair_rows = 0", "minimum_pair_rows is 0; expected 2"),
        ("minimum_ngram_rows = 1", "minimum_ngram_rows is 1; expected 2"),
        ('penalty = "strong"', "penalty is 'strong'; expected a number"),
        ("penalty = 0.0", "penalty is 0.0; expected 0.0001"),
        ("penalty = nan", "penalty is nan; expected 0.0001"),
        ("[penalty_of]\nagency = 0", "penalty is 0.0; expected 0.0001"),
        ("[penalty_of]\nagency = 'x'", "penalty_of.agency is 'x'; expected a number"),
        ("penalty_of = 3", r"penalty_of is 3; expected \[penalty_of\] with lines like"),
        ("[class_weight_power_of]\ninstansi = 1", "instansi is no head"),
        ("class_weight_power = 2", "class_weight_power is 2.0; expected 0.0 to 1.0"),
        ("calibration_folds = 0", "calibration_folds is 0; expected 1 to 12"),
        ("calibration_share = 0.9", "calibration_share is 0.9; expected 0.05 to 0.8"),
        ("[error_budget]\nagency = 0", "error_budget is 0.0; expected 0.001 to 0.5"),
        ("[error_budget]\nagency = 'small'", "error_budget.agency is 'small'; expected a number"),
        ("error_budget = 0.05", r"error_budget is 0.05; expected \[error_budget\] with lines like"),
        ("[error_budget]\ninstansi = 0.05", "instansi is no head"),
        ("[recall]\ndarurat = 1.0", "recall is 1.0; expected 0.5 to 0.999"),
        ("[recall]\ntinggi = 0.9", "tinggi never alarms; labels that do are darurat, pengaduan-pengawasan"),
        ("[false_alarms]\ndarurat = 0.9", "false_alarms is 0.9; expected 0.0001 to 0.5"),
        ("[false_alarms]\nrendah = 0.1", "rendah never alarms"),
        ("seed = -1", "seed is -1; expected 0 to"),
        ("[columns]\nagency = 3", "expected \\[columns\\] with lines like"),
        ("columns = []", "expected \\[columns\\] with lines like"),
        ('[merge]\nagency = "Kelurahan *"', "merge must be written as \\[merge.agency\\]"),
        ('[merge.agency]\nkelurahan = "Kelurahan *"', "merge must be written as \\[merge.agency\\]"),
        ("[merge.agency]\nkelurahan = [1]", "merge must be written as \\[merge.agency\\]"),
        ("merge = 1", "merge must be written as \\[merge.agency\\]"),
        ('[merge.agncy]\nkelurahan = ["Kelurahan *"]', "agncy is no head"),
        ("heads = [", "is no TOML"),
    ],
)
def test_a_wrong_value_is_named_with_its_file(tmp_path, content, message):
    path = tmp_path / "training.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as refusal:
        read_config(path)
    assert str(refusal.value).startswith(str(path))


def test_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"training\.toml cannot be read"):
        read_config(tmp_path / "training.toml")


def test_refuses_a_folder(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path)


def test_refuses_a_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "training.toml"
    path.write_bytes(b'heads = ["\xff"]')
    with pytest.raises(ConfigError, match="is no TOML"):
        read_config(path)


def test_what_the_command_line_overrules_is_checked_too():
    with pytest.raises(ConfigError, match="agncy is no head"):
        replace(TrainingConfig(), heads=("agncy",))
