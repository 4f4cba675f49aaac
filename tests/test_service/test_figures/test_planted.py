"""What `bench/planted.py` prints, held to its bars: what is planted is found, intervals cover, few false alarms."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench" / "planted.py"


def _load():
    spec = importlib.util.spec_from_file_location("bench_planted", BENCH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


PLANTED = _load()


@pytest.mark.long
@pytest.mark.parametrize("plant", PLANTED.PLANTS, ids=lambda plant: plant.__name__)
def test_what_is_planted_is_found_and_told_truly(plant):
    findings = plant(1000)
    for finding in findings:
        print(f"{finding.what:72} {finding.value:8.3f}")  # noqa: T201 - `-s` shows the figures
    assert [finding for finding in findings if not finding.is_met] == []


def test_plants_are_the_same_every_time():
    assert PLANTED.plant_other_mix(20) == PLANTED.plant_other_mix(20)
