"""``pilah demo``: makes a history that is made up, in a store of its own, and takes it out again."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pilah import options

if TYPE_CHECKING:
    from service.demo.building import Tell
    from service.demo.places import Prepared
    from service.settings import Settings

app = typer.Typer()

_MIN_REPORTS: Final = 24
_LINE_SHARE: Final = 0.1
_STAGES: Final = {
    "writing": "telling what happened",
    "deriving": "summing up",
    "putting in": "putting it in",
    "done": "done",
}


@app.callback(invoke_without_command=True)
def make(
    context: typer.Context,
    n_reports: Annotated[
        int | None,
        typer.Option(
            "--reports", min=_MIN_REPORTS, help="So many reports (all); up to 720 are a year of a small city."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another one gives another history.")] = 1,
    home: options.ServiceHome = None,
    as_json: options.AsJson = False,
) -> None:
    """Make three years of made-up history that end now, beside no report of anybody; all of it or nothing."""
    if context.invoked_subcommand is not None:
        context.obj = home
        return
    from service.demo.building import build
    from service.demo.dating import Order
    from service.demo.places import prepare
    from service.settings import read_settings

    # Told to stop it cleans up; the drafts of one that was killed are deleted by the next.
    signal.signal(signal.SIGTERM, _leave)
    prepared = prepare(read_settings().changed(home=home))
    keep_logins(prepared, is_quiet=as_json)
    with _show_progress(is_quiet=as_json) as tell:
        n_made = build(prepared, Order(datetime.now(UTC), seed, n_reports), tell)
    if as_json:
        typer.echo(json.dumps({"reports": n_made, "home": str(prepared.settings.home)}))
    else:
        typer.echo(f"{n_made:,} made-up reports are in {prepared.settings.home}.")


@app.command("remove")
def take_out(
    context: typer.Context,
    home: options.ServiceHome = None,
    force: Annotated[
        bool, typer.Option("--force", help="Delete also the reports that somebody sent into the demo.")
    ] = False,
) -> None:
    """Take out all of the demo: its store, accounts, keys and bundle. Stop the service first.

    Refused while a service runs on it, and when it holds reports that somebody sent.
    """
    from service.demo.places import find_home, remove
    from service.settings import read_settings

    settings = read_settings().changed(home=home or context.obj)
    is_gone = remove(settings, is_forced=force)
    typer.echo(f"{find_home(settings)} {'is taken out' if is_gone else 'was not there'}.")


def keep_logins(prepared: "Prepared", *, is_quiet: bool = False) -> None:
    """Say the logins and their password once on a terminal; elsewhere put them into a file for its owner alone."""
    from service.demo.cast import describe_logins
    from service.demo.places import LOGINS_FILE
    from service.home import write_private

    if prepared.password is None:
        return
    words = describe_logins(prepared.password)
    if sys.stdout.isatty() and not is_quiet:
        typer.echo(f"Demo accounts, shown this once:\n{words}")
    else:
        write_private(prepared.settings.home / LOGINS_FILE, words, replace=True)


def open_demo(settings: "Settings") -> "Prepared | None":
    """The demo that a start serves; None where the installation is in use, which is said."""
    from service.demo.places import is_wanted, prepare

    if is_wanted(settings):
        return prepare(settings)
    if settings.database_url is None:
        typer.echo(f"{settings.home} is in use; its own store is served, without demo data.")
    return None


@contextmanager
def making(settings: "Settings") -> Iterator[Callable[[], None]]:
    """Gives what begins to make the history beside a running service; in the end it is stopped if it still runs."""
    begun: list[subprocess.Popen[bytes]] = []
    # The server raises the signal that ended it once more; by default this process would die of it, and leave the
    # other one running.
    before = signal.signal(signal.SIGTERM, _leave)

    def begin() -> None:
        command = [sys.executable, "-m", "pilah", "demo", "--home", str(settings.home)]
        begun.append(subprocess.Popen(command))  # noqa: S603  # this very program

    try:
        yield begin
    finally:
        for process in begun:
            process.terminate()
            process.wait()
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


@contextmanager
def _show_progress(*, is_quiet: bool) -> "Iterator[Tell]":
    """A bar on a terminal, a line now and then elsewhere, nothing when a program reads."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if is_quiet:
        yield lambda _, __: None
    elif console.is_terminal:
        columns = (TextColumn("Demo data: {task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=1.0)
            yield lambda stage, share: bar.update(task, description=_STAGES[stage], completed=share)
    else:
        told = [0.0]

        def tell(stage: str, share: float) -> None:
            if share >= told[0]:
                told[0] = share + _LINE_SHARE
                typer.echo(f"Demo data: {_STAGES[stage]}, {share:.0%}", err=True)

        yield tell
