import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import training
from training import Gate, TrainingConfig, compare, evaluate, read_rows, tabulate, train

from .conftest import make_frame

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"


def test_importing_training_alone_loads_none_of_its_libraries():
    script = "import sys, training; print(sorted({'pandas', 'sklearn', 'scipy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_that_is_offered_is_there_and_described():
    assert set(training.__all__) <= set(dir(training))
    assert all(getattr(training, name).__doc__ for name in training.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = training.nothing


def test_the_example_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make_frame(300).to_csv("reports.csv", index=False)
    page = PAGE.read_text(encoding="utf-8").partition("## From a notebook")[2]
    (example,) = re.findall(r"```python\n(.+?)```", page.partition("\n## ")[0], re.DOTALL)
    found = {}
    exec(compile(example, PAGE.name, "exec"), found)  # noqa: S102  # the page of this project
    assert found["verdict"].n_rows == len(found["later"])
    assert "accuracy" in capsys.readouterr().out
    assert found["challenger"].folder == Path("bundles/june")


def test_rows_that_cannot_be_used_stand_among_the_rejects(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,text,Dinas\n1,jalan rusak,dinas-pupr\n2,,dinas-pupr\n", encoding="utf-8")
    rows = read_rows(path, {"agency": "Dinas"})
    assert list(rows.frame["agency"]) == ["dinas-pupr"]
    assert list(rows.rejects["row"].unique()) == [3]  # as it is counted in the file, the header first


def test_tables_have_a_row_for_each_head_and_each_check(classifier, trained):
    later = make_frame(40, seed=8, first_day=200)
    judged = evaluate(classifier, later)
    table = tabulate(judged)
    assert list(table["head"]) == list(judged.heads)
    assert (table["accuracy_low"] <= table["accuracy"]).all()
    verdict = compare(trained.folder, classifier, later, gate=Gate(n_resamples=20))
    checks = tabulate(verdict)
    assert isinstance(checks, pd.DataFrame)
    assert len(checks) == len(verdict.checks)
    assert set(checks["outcome"]) <= {"holds", "lost", "too few rows to tell"}


def test_settings_reach_the_fit(tmp_path):
    made = train(make_frame(150), tmp_path / "bundle", TrainingConfig(heads=("agency",)), make_frame(20, first_day=200))
    assert list(made.evaluation.heads) == ["agency"]
