"""Writes docs/commands.md from the help of the commands themselves: ``make docs``.

A test compares the page with what this script would write, so that neither can say what the other does not.
"""

from collections.abc import Iterator
from pathlib import Path

from typer import Context
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from pilah.app import app

PAGE = Path(__file__).with_name("commands.md")
HEADER = """\
# Commands

Written by `make docs` from the help of the commands; do not edit by hand.

Every command is `.venv/bin/pilah`, or `pilah` once the environment is active; `pilah --version` says which Pilah it
is. Exit codes: 0 done, 1 findings, 2 wrong
usage, 3 refused. The settings of the service are in [settings.md](settings.md).
"""


def render_page() -> str:
    """The whole page, ending in a line break."""
    group = get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError(f"{group!r} has no commands.")
    context = Context(group, info_name="pilah")
    return "\n".join([HEADER, *_render_group(group, context)])


def _render_group(group: TyperGroup, context: Context) -> Iterator[str]:
    """The sections of all commands, those of groups after the group's own place."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:
                yield "\n".join(_render_command(command, context))
            yield from _render_group(command, Context(command, info_name=name, parent=context))
        elif isinstance(command, TyperCommand):
            yield "\n".join(_render_command(command, context))


def _render_command(command: TyperCommand | TyperGroup, parent: Context) -> Iterator[str]:
    context = Context(command, info_name=command.name, parent=parent)
    yield f"## {context.command_path}\n"
    yield f"{(command.help or '').strip()}\n"
    pieces = [piece.upper().strip("{}") for piece in command.collect_usage_pieces(context)]
    yield f"    {' '.join([context.command_path, *pieces])}\n"
    yield "| | |\n|---|---|"
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            yield _render_row(str(parameter.metavar or parameter.name).upper(), parameter)
        elif isinstance(parameter, TyperOption):
            yield _render_row(", ".join(parameter.opts), parameter)
    yield ""


def _render_row(name: str, parameter: TyperArgument | TyperOption) -> str:
    notes = ["required"] if parameter.required and isinstance(parameter, TyperOption) else []
    if parameter.default and not callable(parameter.default):
        notes.append(f"default `{parameter.default}`")
    if parameter.envvar:
        notes.append(f"setting `{parameter.envvar}`")
    meaning = " ".join((parameter.help or "").split())
    note = f" ({', '.join(notes)})" if notes else ""
    return f"| `{name}` | {meaning}{note} |"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
