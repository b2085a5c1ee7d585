"""`Report`: what was tried, and how it went; `Failed`: a step that did not show what it must."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


class Failed(Exception):
    """A step did not show what it must; the text says what it showed."""


class Report:
    """The table that is printed and kept."""

    def __init__(self) -> None:
        self.failed = False
        self._lines: list[str] = []

    def step(self, name: str, work: Callable[[], str]) -> None:
        """Do one thing; what it returns stands beside its name."""
        begun = time.perf_counter()
        try:
            verdict, text = "pass", work()
        except (Failed, TimeoutError, OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            verdict, text = "FAIL", f"{type(error).__name__}: {error}" if not isinstance(error, Failed) else str(error)
            self.failed = True
        line = f"{verdict}  {time.perf_counter() - begun:6.1f} s  {name:<46}  {' '.join(text.split())}"
        self._lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def write(self, path: Path) -> None:
        """Keep the table."""
        path.write_text("\n".join(self._lines) + "\n", encoding="utf-8")
