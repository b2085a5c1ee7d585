"""Speed, memory and growth of the main job and of its rivals: `make bench`.

One run, one table, medians, on SC-HF-I-1 (where the real studies are) and on a phantom; written to --out after each
part as well, so that a run that is broken off leaves what it measured, and says so.
usage: python tests/benchmarks/bench.py --data FOLDER [--package FILE] [--peer-wheel FILE] [--rounds N] [--out FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the application does

from growth import by_frames, exponent
from machine import machine
from processes import first_mask_s, middle_of, segmented
from regional import regional_s
from table import Table
from timing import repeated

from cinecor.console import extras_needed
from cinecor.inference.device.model_session import open_model
from cinecor.study import open_input
from cinecor.study.series.scan import scan
from cinecor_resources import bundled_model

_HEAD = """# Benchmarks

`make bench` writes this file: one run, medians. Processes are timed from start to end with their peak memory; networks
are timed in turn, round after round, and ratios are taken round by round.

"""
_UNFINISHED = "\nBroken off: what would follow was not measured.\n"
_LIMITS = {"SC-HF-I-1": ("wanted: ≤ 2.0 s", "wanted: ≤ 600 MB", "wanted: ≤ 0.7 s")}


def _phantom(scratch: Path, *, slices: int, phases: int, matrix: int = 208) -> Path:
    folder = scratch / f"phantom-{slices}-{phases}"
    size = ["--slices", str(slices), "--phases", str(phases), "--rows", str(matrix), "--columns", "256"]
    command = [sys.executable, "-m", "cinecor", "phantom", "--out", str(folder), "--style", "ge", *size]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "study"


def _real(data: Path, scratch: Path) -> Path | None:
    if (data / "sunnybrook" / "SCD0000101").is_dir():
        return data / "sunnybrook" / "SCD0000101"
    if not (data / "unpack.py").is_file():
        return None
    subprocess.run([sys.executable, data / "unpack.py", scratch, "--only", "sunnybrook"], check=True)
    return scratch / "sunnybrook" / "SCD0000101"


def _main_job(title: str, study: Path, *, model: Path, scratch: Path, repeats: int, table: Table) -> None:
    index = scan(study)
    files = index.files_given
    scans = repeated(lambda: scan(study), repeats)
    table.add(f"{title}: scan of {files} files", [files / value for value in scans], "files/s", decimals=0)
    table.add(f"{title}: scan and decode", repeated(lambda: open_input(study), repeats), "s")
    segmented([study], out=scratch / "out", model=model)
    runs = [segmented([study], out=scratch / "out", model=model) for _ in range(repeats)]
    whole, memory, inference = _LIMITS.get(title, ("", "", ""))
    table.add(f"{title}: DICOM folder to all files, whole process", [run.wall_s for run in runs], "s", whole)
    table.add(f"{title}: its processor time", [run.cpu_s for run in runs], "s", "user and system, all cores")
    table.add(f"{title}: its peak memory", [run.peak_mb for run in runs], "MB", memory, decimals=0)
    written = next((scratch / "out").glob(f"{study.name}/results.json"))
    runtime = json.loads(written.read_text())["runtime"]
    stages = ", ".join(f"{stage} {value:.2f}" for stage, value in runtime["seconds"].items())
    note = f"{inference}; {runtime['precision']}; all stages: {stages}".removeprefix("; ")
    table.add(f"{title}: inference in its last run", [runtime["seconds"]["infer"]], "s", note)
    first = [first_mask_s(study, model=model) for _ in range(repeats)]
    table.add(f"{title}: process start to the first phase's masks", first, "s")


def _growth(study: Path, *, model: Path, scratch: Path, repeats: int, table: Table) -> None:
    points = by_frames(open_input(study)[0], open_model(model, device="cpu"), repeats=repeats)
    power, each = exponent([point[0] for point in points], [point[1] for point in points])
    told = ", ".join(f"{frames}: {taken:.2f}" for frames, taken in points)
    note = f"seconds of `segment` by frames: {told}; {1000 * each:.1f} ms a frame at the most frames"
    table.add("growth with slices × phases: exponent", [power], "", note)
    counts = (1, 2, 4)
    runs = {
        count: [segmented([study] * count, out=scratch / "many", model=model) for _ in range(repeats)]
        for count in counts
    }
    seconds = [middle_of(runs[count]) for count in counts]
    told = ", ".join(f"{count}: {taken:.2f} s" for count, taken in zip(counts, seconds, strict=True))
    per_study = (seconds[-1] - seconds[0]) / (counts[-1] - counts[0])
    note = f"whole processes by studies: {told}; {per_study:.2f} s for each further study"
    table.add("growth with the number of studies: exponent", [exponent(counts, seconds)[0]], "", note)
    memory = ", ".join(f"{count}: {max(run.peak_mb for run in runs[count]):.0f} MB" for count in counts)
    table.add("peak memory with 4 studies", [run.peak_mb for run in runs[4]], "MB", memory, decimals=0)


def _desktop(study: Path, title: str, *, rounds: int, table: Table) -> None:
    """Add what the desktop takes: measured in a process of its own, which holds Qt and nothing of the rivals."""
    script = Path(__file__).with_name("desktop.py")
    command = [sys.executable, script, "--study", study, "--rounds", str(rounds), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    table.rows += [(f"{title}: {row[0]}", *row[1:]) for row in json.loads(done.stdout)]


def _bench(options: argparse.Namespace, keep: Callable[[str], None]) -> str:
    from networks import compare  # with the extras

    table = Table()
    head = _HEAD + machine() + "\n"
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        os.environ["CINECOR_HOME"] = str(scratch / "home")  # the choice of device is made for this run
        real = _real(options.data, scratch)
        phantom = _phantom(scratch, slices=12, phases=20)
        studies = [("phantom", phantom)] if real is None else [("SC-HF-I-1", real), ("phantom", phantom)]
        if real is None:
            table.say("SC-HF-I-1", "the real studies are not here")
        common = {"model": options.package, "scratch": scratch, "repeats": options.rounds, "table": table}
        for title, study in studies:
            _main_job(title, study, **common)
            keep(head + table.markdown() + _UNFINISHED)
        for number, (title, study) in enumerate(studies):
            compare(
                open_input(study)[0],
                title,
                model=options.package,
                peer_wheel=None if number else options.peer_wheel,
                rounds=2 * options.rounds,
                table=table,
            )
            keep(head + table.markdown() + _UNFINISHED)
        _desktop(studies[0][1], studies[0][0], rounds=options.rounds, table=table)
        keep(head + table.markdown() + _UNFINISHED)
        _growth(studies[0][1], **{**common, "repeats": min(options.rounds, 3)})
        keep(head + table.markdown() + _UNFINISHED)
        table.add("regional function of 12 × 25 frames (phantom)", regional_s(rounds=9), "s", "wanted: ≤ 0.3 s")
        large = _phantom(scratch, slices=13, phases=80, matrix=256)
        run = segmented([large], out=scratch / "large", model=options.package)
        table.add("1,040 frames of 256 × 256 (phantom): whole process", [run.wall_s], "s")
        table.add(
            "1,040 frames of 256 × 256 (phantom): peak memory", [run.peak_mb], "MB", "wanted: ≤ 600 MB", decimals=0
        )
    return head + table.markdown()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--package", type=Path, default=bundled_model(), help="model (default: the bundled one)")
    parser.add_argument("--peer-wheel", type=Path, help="pip download --no-deps myopari==0.1.6")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="file that gets the table")
    options = parser.parse_args()

    def keep(text: str) -> None:
        if options.out is not None:
            options.out.write_text(text, encoding="utf-8")

    with extras_needed("bench"):
        text = _bench(options, keep)
    sys.stdout.write(text)
    keep(text)
