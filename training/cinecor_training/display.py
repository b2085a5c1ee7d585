"""What `cinecor-train` shows: a progress bar on a terminal, plain lines in a pipe or a log file."""

import sys
import time
from types import TracebackType
from typing import Any

from cinecor.progress import Progress
from cinecor_training.metrics import STRUCTURE_NAMES, StepReport


class Display:
    """Shows reading and training; a context manager, because a bar must be ended."""

    def __init__(self, *, every_s: float = 30.0) -> None:
        """Show lines while cases are read, without a terminal, every so many seconds."""
        self._every_s, self._told = every_s, time.monotonic()
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> "Display":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end_bar()

    def say(self, line: str) -> None:
        """Print one line, above a bar if there is one."""
        if self._bar is None:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        else:
            self._bar.write(line)

    def reading(self, progress: Progress) -> None:
        """Show how many cases are read."""
        if self._terminal:
            self._show(progress.done, progress.total, what=str(progress.stage))
            if progress.done == progress.total:
                self._end_bar()
        elif time.monotonic() - self._told >= self._every_s:
            self._told = time.monotonic()
            self.say(f"{progress.stage}: {progress.done} of {progress.total}")

    def step(self, report: StepReport) -> None:
        """Show a training step; recorded ones get a line."""
        if self._terminal:
            self._show(report.step, report.steps, what="training")
            self._bar.set_postfix_str(f"loss {report.loss:.4f}", refresh=False)
        if report.recorded:
            values = zip(STRUCTURE_NAMES, report.dice or (), strict=False)
            dice = "".join(f" {name} {value:.3f}" for name, value in values)
            left = f"{report.seconds_left / 60:.0f} min left" + ("  dice" if dice else "")
            if report.dice is not None or not self._terminal:
                self.say(f"step {report.step}/{report.steps}  loss {report.loss:.4f}  {left}{dice}")
        if report.step == report.steps:
            self._end_bar()

    def _show(self, done: int, total: int, *, what: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, initial=done, desc=what, file=sys.stderr, dynamic_ncols=True)
        self._bar.update(done - self._bar.n)

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
