"""Which tests run where: long ones on demand, those of real reports and of the browser where these are at hand.

A test that cannot run is left out of the selection and named at the end; nothing is skipped in silence.
"""

import ctypes
import shutil
from pathlib import Path

import pytest

REAL_REPORTS = Path(__file__).resolve().parents[2] / "shared" / "data"

_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the harnesses of minutes too")


def pytest_configure(config):
    config.stash[_LEFT_OUT] = []


def pytest_collection_modifyitems(config, items):
    reasons = _find_reasons(config)
    left_out = {item: marker for item in items for marker in reasons if item.get_closest_marker(marker)}
    if not left_out:
        return
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
    config.stash[_LEFT_OUT] += [f"{marker}: {item.nodeid}: {reasons[marker]}" for item, marker in left_out.items()]


def pytest_sessionfinish(session):
    # Under xdist only the workers collect; they hand their list to the controller, which prints it.
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[_LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[_LEFT_OUT] += getattr(node, "workeroutput", {}).get("left_out", [])


def pytest_terminal_summary(terminalreporter, config):
    left_out = sorted(set(config.stash[_LEFT_OUT]))
    if left_out:
        terminalreporter.section("left out")
        for line in left_out:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def real_reports():
    """The folder of real reports; tests that use it are marked `real`."""
    return REAL_REPORTS


def _is_loadable(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _find_reasons(config):
    reasons = {}
    if not REAL_REPORTS.is_dir():
        reasons["real"] = "the folder ../shared/data is not there"
    if shutil.which("chromium") is None:
        reasons["browser"] = "no chromium on the PATH"
    elif not _is_loadable("libatomic.so.1"):
        reasons["browser"] = "no libatomic, which the driver of the browser needs"
    if not config.getoption("long") and "long" not in config.getoption("markexpr"):
        reasons["long"] = "give --long to run it"
    return reasons
