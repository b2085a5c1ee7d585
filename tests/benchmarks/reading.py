"""What reading a study takes of the processor: its headers, and its stack; beside another revision, in turn.

usage: python tests/benchmarks/reading.py STUDY … [--beside PYTHON] [--rounds 15]

`PYTHON` is the interpreter of an environment in which another revision is installed. Both are asked in turn, round
after round, each in a process that stays, after a round that is not counted; times are those of all its threads.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from machine import machine
from table import Table
from timing import ratio

_WORKER: Final = """
import sys, time
from pathlib import Path
from cinecor.study import read_stack, scan
for _ in sys.stdin:
    started = time.process_time()
    with scan(Path(sys.argv[1])) as index:
        scanned = time.process_time()
        read_stack(index)
    print(1000 * (scanned - started), 1000 * (time.process_time() - scanned), flush=True)
"""
_STEPS: Final = ("scan of the headers", "stack read from them")


class Reader:
    """A process that reads one study whenever it is asked to."""

    def __init__(self, python: str, study: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-c", _WORKER, str(study)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self) -> tuple[float, ...]:
        """Return the milliseconds of each step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a reader broke off")
        return tuple(map(float, line.split()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def measured(study: Path, pythons: dict[str, str], *, rounds: int) -> dict[str, list[tuple[float, ...]]]:
    """Return for each interpreter the milliseconds of every step, one a round."""
    readers = {name: Reader(python, study) for name, python in pythons.items()}
    taken: dict[str, list[tuple[float, ...]]] = {name: [] for name in readers}
    for number in range(rounds + 1):
        for name, reader in readers.items():
            times = reader.read()
            if number:
                taken[name].append(times)
    for reader in readers.values():
        reader.close()
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What reading a study takes of the processor.")
    parser.add_argument("studies", nargs="+", type=Path, metavar="STUDY")
    parser.add_argument("--beside", metavar="PYTHON", help="interpreter of an environment with another revision")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    pythons = {"this revision": sys.executable} | ({"the other": options.beside} if options.beside else {})
    table = Table()
    for study in options.studies:
        taken = measured(study, pythons, rounds=options.rounds)
        for at, step in enumerate(_STEPS):
            columns = {name: [times[at] for times in rounds] for name, rounds in taken.items()}
            for name, values in columns.items():
                table.add(f"{study.name}: {step}, {name}", values, "ms", decimals=0)
            if options.beside:
                own, other = columns.values()
                table.add(f"{study.name}: {step}, times the other", ratio(own, other), "×")
    sys.stdout.write(f"{machine()}\n\n{table.markdown()}")


if __name__ == "__main__":
    main()
