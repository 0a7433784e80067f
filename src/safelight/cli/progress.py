"""A progress bar with rate and time left, on a terminal only; elsewhere a line a stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from safelight.cli import terminal
from safelight.runs.progress import Progress


class _Quiet:
    def stage(self, name: str, total: int) -> None:
        if total:
            terminal.err(f"{name}: {total} {'file' if total == 1 else 'files'}")

    def step(self, done: int = 1) -> None:
        pass


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress while the block runs."""
    if not terminal.is_terminal():
        yield _Quiet()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    class Rate(TextColumn):
        """Pictures a minute."""

        def render(self, task):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            from rich.text import Text

            return Text(f"{task.speed * 60:.0f} a minute" if task.speed else "")

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(""),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:

        class _Shown:
            task: TaskID | None = None

            def stage(self, name: str, total: int) -> None:
                if self.task is not None:
                    bar.remove_task(self.task)
                self.task = bar.add_task(name, total=total)

            def step(self, done: int = 1) -> None:
                if self.task is not None:
                    bar.advance(self.task, done)

        yield _Shown()
