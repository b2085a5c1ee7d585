"""`Cinecor`: the program that acceptance tests run."""

import contextlib
import io
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cinecor:
    """The program as other programs see it: from source, or the installed one that `CINECOR_FROZEN` names."""

    command: tuple[str, ...]
    frozen: bool

    def process(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run one command in a process of its own."""
        command = [*self.command, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run one command: from source within this process, which is faster."""
        if self.frozen:
            return self.process(*arguments)
        from cinecor.cli.main import main

        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
