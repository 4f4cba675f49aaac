"""Setting up says what is missing and what to ask for, and does nothing when nothing is to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAKE_USER = "#!/bin/sh\necho 1000\n"
PYTHON_WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *print*) echo python3.11-venv ;; esac\n'


@pytest.fixture
def checkout(root, tmp_path):
    """A folder to set up, and a path of commands on which the user is not root and there is no chromium."""
    shutil.copytree(root / "requirements", tmp_path / "requirements")
    shutil.copy(root / "pyproject.toml", tmp_path)
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("cat", "cksum", "dirname", "rm", "sh"):
        (commands / name).symlink_to(Path(shutil.which(name)).resolve())
    _write_command(commands / "id", FAKE_USER)
    return tmp_path


def _write_command(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _install(folder, *levels, **environment):
    script = folder / "requirements" / "install.sh"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    return subprocess.run(
        [script, *levels], env={**kept, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def _make_environment(folder, made_in):
    """What a finished ``install.sh dev`` leaves behind, without the packages."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (folder / ".venv" / ".made-in").write_text(f"{made_in}\n", encoding="utf-8")
    content = b"".join(
        (folder / name).read_bytes() for name in ("requirements/dev.lock", "pyproject.toml", "requirements/install.sh")
    )
    stamp = subprocess.run([shutil.which("cksum")], input=content, capture_output=True, check=True)
    (folder / ".venv" / ".installed-dev").write_bytes(stamp.stdout)


@pytest.mark.parametrize("level", ["run", "dev"])
def test_an_environment_that_is_current_is_left_alone(checkout, level):
    _make_environment(checkout, checkout.resolve())
    result = _install(checkout, level, PYTHON="/bin/false")
    assert (result.returncode, result.stdout) == (0, "")
    assert "making" not in result.stderr
    assert "installing" not in result.stderr


def test_an_environment_that_was_moved_is_made_anew(checkout):
    _make_environment(checkout, "/somewhere/else")
    result = _install(checkout, "dev", PYTHON="/bin/false")
    assert result.returncode == 1
    assert "no Python 3.11 or newer found" in result.stderr


@pytest.mark.parametrize("levels", [[], ["prod"]])
def test_an_unknown_level_is_refused(checkout, levels):
    result = _install(checkout, *levels)
    assert result.returncode == 2
    assert "say 'run' or 'dev'" in result.stderr


def test_a_python_that_is_too_old_is_named_with_what_to_do(checkout):
    result = _install(checkout, "run", PYTHON="/bin/false")
    assert result.returncode == 1
    assert "no Python 3.11 or newer found (looked at: /bin/false)" in result.stderr
    assert "set PYTHON=" in result.stderr


@pytest.mark.parametrize(
    ("level", "packages"), [("run", "python3.11-venv,"), ("dev", "python3.11-venv chromium libatomic1,")]
)
def test_without_root_the_missing_packages_are_named_at_once(checkout, level, packages):
    python = checkout / "commands" / "python3"
    _write_command(python, PYTHON_WITHOUT_VENV)
    result = _install(checkout, level, PATH=str(checkout / "commands"))
    assert result.returncode == 1
    assert f"Ask the administrator for: apt-get install {packages}" in result.stderr
    assert not (checkout / ".venv").exists()
