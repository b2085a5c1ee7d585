"""Whole commands, from process start to end: wall-clock time and peak memory."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Finished:
    """What one command took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def finished(arguments: list[str]) -> Finished:
    """Run a command to its end; ends the benchmark when it fails.

    A small process of its own starts and watches it: Linux counts what the starter holds into the peak of what it
    starts, and a benchmark with PyTorch in it holds much.
    """
    watched = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, check=False, text=True)
    if watched.returncode:
        raise SystemExit(f"failed: {' '.join(arguments)}")
    return Finished(**json.loads(watched.stdout))


def _watch(arguments: list[str]) -> int:
    start = time.perf_counter()
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    kilobyte = 1 if sys.platform != "darwin" else 1024
    peak_mb = usage.ru_maxrss / kilobyte / 1024
    taken = Finished(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, peak_mb)
    sys.stdout.write(json.dumps(asdict(taken)))
    return child.returncode


def segmented(studies: list[Path], *, out: Path, model: Path) -> Finished:
    """Run `cinecor segment` on studies."""
    command = [sys.executable, "-m", "cinecor", "segment", *map(str, studies), "--out", str(out)]
    return finished([*command, "--device", "cpu", "--model", str(model)])


def first_mask_s(study: Path, *, model: Path) -> float:
    """Give the seconds from process start to the masks of the first phase."""
    start = time.perf_counter()
    script = Path(__file__).with_name("first_mask.py")
    child = subprocess.Popen([sys.executable, str(script), str(study), str(model)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    line = child.stdout.readline()
    elapsed = time.perf_counter() - start
    child.communicate()
    if not line:
        raise SystemExit(f"failed: {script}")
    return elapsed


def middle_of(runs: list[Finished]) -> float:
    """The median wall-clock time."""
    return median(run.wall_s for run in runs)


if __name__ == "__main__":
    sys.exit(_watch(sys.argv[1:]))
