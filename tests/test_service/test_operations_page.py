"""docs/operations.md names settings, commands and metrics that there are."""

import re
from pathlib import Path

import pytest

from pilah.app import app
from service.metrics import Metrics
from service.settings import PREFIX, Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}


@pytest.mark.parametrize("name", sorted(set(re.findall(rf"{PREFIX}[A-Z_]+", PAGE))))
def test_every_setting_it_names_is_one(name):
    assert name.removeprefix(PREFIX).lower() in Settings.model_fields


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`pilah ([a-z]+)", PAGE))))
def test_every_command_it_names_is_one(name):
    assert name in COMMANDS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(pilah_[a-z_]+)`", PAGE))))
def test_every_metric_it_names_is_counted(name):
    described = {metric.name for metric in Metrics().registry.collect()}
    assert name.removesuffix("_total") in described
