"""How far long work has come: a bar on a terminal, plain lines elsewhere, silence when a program reads."""

import sys
from collections.abc import Iterator, Sequence
from typing import Protocol, TextIO, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as RichBar

Item = TypeVar("Item")


class Progress(Protocol):
    """What long work reports to."""

    def track(self, items: Sequence[Item], task: str) -> Iterator[Item]:
        """Pass the items on, showing how many are done."""
        ...

    def step(self, task: str) -> None:
        """Say that a stage begins."""
        ...


class Silence:
    """Progress nobody watches."""

    def track(self, items: Sequence[Item], task: str) -> Iterator[Item]:  # noqa: ARG002  # the interface of Progress
        """Pass the items on."""
        return iter(items)

    def step(self, task: str) -> None:
        """Say nothing."""


class PlainLines:
    """One line a stage, and one for each tenth of long loops; for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def track(self, items: Sequence[Item], task: str) -> Iterator[Item]:
        """Pass the items on, a line for each tenth."""
        tenth = max(len(items) // 10, 1)
        for number, item in enumerate(items, start=1):
            yield item
            if number % tenth == 0:
                self.step(f"{task}: {number:,} of {len(items):,}")

    def step(self, task: str) -> None:
        """Write the stage on a line of its own."""
        print(task, file=self._stream, flush=True)


class TerminalBar:
    """A bar that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def track(self, items: Sequence[Item], task: str) -> Iterator[Item]:
        """Pass the items on under a bar."""
        with RichBar(console=self._console, transient=True) as bar:
            yield from bar.track(items, description=escape(task))

    def step(self, task: str) -> None:
        """Write the stage on a line of its own."""
        self._console.print(f"• {task}", highlight=False, markup=False)


def choose_progress(*, is_quiet: bool) -> Progress:
    """Progress fit for where standard error goes."""
    if is_quiet:
        return Silence()
    console = Console(stderr=True)
    return TerminalBar(console) if console.is_terminal else PlainLines(sys.stderr)
