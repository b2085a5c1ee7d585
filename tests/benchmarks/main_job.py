"""Speed and memory of the main job: `make bench`.

Prints medians of whole processes and of calls, on SC-HF-I-1 (where the real studies are) and on a phantom.
usage: python tests/benchmarks/main_job.py --data FOLDER [--repeats N]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cinecor.study import open_input


def _timed(call: Callable[[], object], repeats: int) -> list[float]:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def _process(arguments: list[str]) -> tuple[float, float]:
    """Run a command to its end: wall seconds, peak memory in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(arguments)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def _segment(study: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "cinecor", "segment", str(study), "--out", str(out), "--device", "cpu"]


def _row(name: str, values: list[float], unit: str, limit: str) -> None:
    spread = f"{min(values):.2f}–{max(values):.2f}"
    sys.stdout.write(f"| {name} | {median(values):.2f} {unit} | {spread} | {limit} |\n")
    sys.stdout.flush()


def _real_study(data: Path, scratch: Path) -> Path | None:
    if (data / "sunnybrook" / "SCD0000101").is_dir():
        return data / "sunnybrook" / "SCD0000101"
    if not (data / "unpack.py").is_file():
        return None
    subprocess.run([sys.executable, data / "unpack.py", scratch, "--only", "sunnybrook"], check=True)
    return scratch / "sunnybrook" / "SCD0000101"


def _bench(data: Path, repeats: int) -> None:
    sys.stdout.write(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ")
    sys.stdout.write(f"Python {platform.python_version()}; medians of {repeats} runs after one warm-up\n\n")
    sys.stdout.write("| what | median | min–max | target |\n|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        phantom = scratch / "phantom"
        phantom_arguments = ["--out", str(phantom), "--style", "ge", "--slices", "12", "--phases", "25"]
        subprocess.run(
            [sys.executable, "-m", "cinecor", "phantom", *phantom_arguments], check=True, stdout=subprocess.DEVNULL
        )
        study = phantom / "study"
        count = sum(1 for path in study.rglob("*") if path.is_file())
        open_input(study)
        _row(f"scan and decode, phantom of {count} files", _timed(lambda: open_input(study), repeats), "s", "≤ 1.5 s")
        studies = [("phantom, 12 slices × 25 phases", study, "")]
        real = _real_study(data, scratch)
        if real is None:
            sys.stdout.write("| SC-HF-I-1 | not measured: the real studies are not here | | |\n")
        else:
            open_input(real)
            _row("scan and decode, SC-HF-I-1 (240 files)", _timed(lambda: open_input(real), repeats), "s", "")
            studies.append(("SC-HF-I-1, 12 slices × 20 phases", real, "≤ 10 s"))
        for title, folder, limit in studies:
            runs = [_process(_segment(folder, scratch / "out")) for _ in range(repeats + 1)][1:]
            _row(f"cinecor segment, {title}, whole process", [run[0] for run in runs], "s", limit)
            _row(f"cinecor segment, {title}, peak memory", [run[1] for run in runs], "MB", "≤ 1000 MB")
            written = json.loads(next((scratch / "out").glob(f"{folder.name}/results.json")).read_text())
            stages = ", ".join(f"{stage} {value:.2f}" for stage, value in written["runtime"]["seconds"].items())
            sys.stdout.write(f"| … its stages in the last run, s | {stages} | | |\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    _bench(options.data, options.repeats)
