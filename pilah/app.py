"""The command ``pilah``: its sub-commands and how errors become exit codes.

Codes: 0 done, 1 findings, 2 wrong usage, 3 refused.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from model.errors import PilahError
from pilah import (
    backup,
    check,
    classify,
    compare,
    demo,
    doctor,
    erase,
    evaluate,
    export,
    gather,
    importing,
    keys,
    models,
    rebuild,
    report,
    search,
    serve,
    suspects,
    train,
    users,
)

REFUSED = 3

app = typer.Typer(
    name="pilah",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads what citizens write to their government and says which agency must act, on what, and how fast.",
)


def _print_version(asked: bool) -> None:  # typer gives it so
    if asked:
        typer.echo(f"pilah {version('pilah')}")
        raise typer.Exit


@app.callback()
def _take_options(
    asked: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


app.command("check")(check.check)
app.command("gather")(gather.gather)
app.command("search")(search.search)
app.command("suspects")(suspects.suspects)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("compare")(compare.compare)
app.command("classify")(classify.classify)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("export")(export.export)
app.command("import")(importing.import_history)
app.command("rebuild")(rebuild.rebuild)
app.command("report")(report.report)
app.command("erase")(erase.erase)
app.command("retention")(erase.retention)
app.add_typer(demo.app, name="demo")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(users.app, name="users")


def main() -> None:
    """Run the command line; an error Pilah can explain is one message and exit code 3."""
    try:
        app()
    except PilahError as error:
        typer.echo(f"pilah: {error}", err=True)
        sys.exit(REFUSED)
    except OSError as error:
        typer.echo(f"pilah: {_explain_fault(error)}", err=True)
        sys.exit(REFUSED)
    except ModuleNotFoundError as error:
        typer.echo(f"pilah: {_explain_missing(error)}", err=True)
        sys.exit(REFUSED)


def _explain_fault(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}; check the path, its permissions and the space on the disk."


def _explain_missing(error: ModuleNotFoundError) -> str:
    return (
        f"the package {error.name} is not installed. Serving needs pip install 'pilah[service]', "
        "check, train, evaluate and classifying files need 'pilah[training]'."
    )
