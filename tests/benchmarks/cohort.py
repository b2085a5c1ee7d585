"""`cinecor batch` on thousands of tiny studies: first result, overhead, memory, and kills at random moments.

usage: cohort.py [--studies 10000] [--kills 20] [--jobs 2] [--dask] [--bundled]

The studies are links to three phantoms of ten images. Without --bundled a model of thresholds takes the network's
place, so that what is measured is what the cohort costs. A process reads, outlines, measures, composes and writes one
study after the other; while it does that, so do the others. Overhead is the wall time a study less its reading and
outlining divided among the processes; told beside it is that of one process, which no number of processes makes
smaller. Measuring, composing and writing is what `cinecor segment` does with a study too, timed here alone beforehand;
the rest is the cohort's own, less than nothing where two processes get more out of the cores than one.

First a cohort is killed, by SIGKILL, while it starts, makes its manifest and begins to search. Another is timed while
the first three fifths are worked on; then it is killed and goes on by --resume, again and again, after as many studies
or as long a time from its start as chance says, and at last while it writes its tables. In the end each study must have
been done exactly once: no results are written anew, none are missing. With --dask the same studies once more on a dask
cluster of processes on this machine, of which one is killed half way. What each part gave is printed when it ends.
"""

import argparse
import contextlib
import csv
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cohorts import write_studies
from small_models import write_small_package

from cinecor.app.cohort.input_task import InputTask
from cinecor.app.cohort.input_work import OutlinedInput, outline_input
from cinecor.app.session import open_session
from cinecor.cohort.page import PAGE_NAME
from cinecor.cohort.table import CSV_NAME
from cinecor.inference.device.hardware import share_cores

_DISTINCT = 3
_SAMPLE_S = 1.0
_ALONE = 30  # studies that are timed one after the other
_TIMED = 0.6  # of the studies, before the first kill
_START_S = 2.0  # in which a run starts, finds what is done and begins to work
_EARLY_KILLS, _LATE_KILLS = 8, 4


@dataclass(slots=True)
class Memory:
    """Resident memory of a process and its children over time, in MB."""

    samples: list[float] = field(default_factory=list)

    def watch(self, process: int, ended: threading.Event) -> None:
        """Add a sample now and then until told to end."""
        while not ended.wait(_SAMPLE_S):
            self.samples.append(sum(map(_resident_mb, (process, *_children(process)))))

    def told(self) -> str:
        """Return the memory after a tenth of the run and at its end."""
        if len(self.samples) < 20:
            return "too short to tell"
        tenth = len(self.samples) // 10
        early, late = max(self.samples[tenth : 2 * tenth]), max(self.samples[-2 * tenth : -1])
        return f"{early:.0f} MB after a tenth, {late:.0f} MB at the end (all processes)"


def _resident_mb(process: int) -> float:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


def _children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def _processor_s(process: int) -> float:
    """Return the processor time of a process without its children."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _marks(out: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in out.glob("[!.]*/results.json")}


def _started(
    root: Path, out: Path, options: argparse.Namespace, model: Path | None, *, dask: str | None = None
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cinecor", "batch", str(root), "--out", str(out), "--device", "cpu", "--resume"]
    command += ["--json-lines", *(["--jobs", str(options.jobs)] if dask is None else ["--dask", dask])]
    command += ["--model", str(model)] if model else []
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _alone_s(studies: Sequence[Path], out: Path, model: Path | None) -> float:
    """Return what measuring, composing and writing take a study, one after the other, as `cinecor segment` does."""
    share_cores(1)
    session = open_session(model, device="cpu")
    taken_s = 0.0
    for at in range(-len(studies), _ALONE):
        study = studies[at % len(studies)]
        task = InputTask(at, study, "", f"s{at}", out, "", session.identity.sha256)
        started = time.perf_counter()
        outlined = outline_input(task, session=lambda: session)
        assert isinstance(outlined, OutlinedInput)
        assert outlined.write().done
        if at >= 0:  # the first of each loads what is needed
            seconds = outlined.study.results.runtime.seconds
            taken_s += time.perf_counter() - started - seconds["read"] - seconds["segment"]
    return taken_s / _ALONE


def _timed(root: Path, out: Path, options: argparse.Namespace, model: Path | None, *, alone_s: float) -> None:
    """Run over the first part of the studies, or all of them where nothing is killed, and print what they took."""
    wanted = round(_TIMED * options.studies) if options.kills else options.studies
    started = time.perf_counter()
    run = _started(root, out, options, model)
    assert run.stdout is not None
    memory, ended = Memory(), threading.Event()
    watcher = threading.Thread(target=memory.watch, args=(run.pid, ended))
    watcher.start()
    first_s = last_s = parent_s = 0.0
    used_s, count = 0.0, 0
    for line in run.stdout:
        last_s = time.perf_counter() - started
        first_s = first_s or last_s
        parent_s = _processor_s(run.pid)
        (study,) = json.loads(line)["studies"]
        used_s += study["seconds"]["read"] + study["seconds"]["segment"]
        count += 1
        if options.kills and count == wanted:
            run.send_signal(signal.SIGKILL)
            break
    ended.set()
    watcher.join()
    run.wait()
    wall_s = (last_s - first_s) / count
    overhead_s = wall_s - used_s / count / options.jobs
    for what, value, unit in (
        ("first result", first_s, f"s, of {options.studies} studies"),
        ("studies an hour", 3600 * count / last_s, f"({count} in {last_s:.0f} s)"),
        ("wall time a study", 1000 * wall_s, "ms"),
        ("  reading and outlining", 1000 * (wall_s - overhead_s), "ms"),
        ("  overhead", 1000 * overhead_s, "ms"),
        ("    of one process", 1000 * overhead_s * options.jobs, "ms"),
        ("    as `cinecor segment` has", 1000 * alone_s / options.jobs, "ms: measuring, composing, writing"),
        ("    the cohort's own", 1000 * (overhead_s - alone_s / options.jobs), "ms"),
        ("processor time of the search", 1000 * parent_s / count, "ms a study, with the manifest and giving out"),
    ):
        _tell(f"{what:32}{value:10.1f} {unit}")
    _tell(f"{'memory':32}{memory.told():>10}")
    assert count == wanted


def _killed(root: Path, out: Path, options: argparse.Namespace, model: Path | None) -> None:
    """Go on where the timed part was killed, be killed as often as wanted, and end."""
    chance = random.Random(18)
    before = _marks_of_orphans(out)
    for kill in range(1, options.kills):
        run = _started(root, out, options, model)
        assert run.stdout is not None
        if kill % 2:  # while it works
            most = max(2, (options.studies - len(before)) // (options.kills + 6 - kill))
            for _ in range(chance.randrange(1, most)):
                run.stdout.readline()
            time.sleep(chance.random() / 10)
        else:  # while it starts, looks what is done, or begins to work
            time.sleep(chance.random() * _START_S)
        before = _ended(run, out, before)
        _tell(f"killed {kill + 1} times: {len(before)} done, none twice, none lost")
    run = _started(root, out, options, model)
    run.communicate()
    before = _still(out, before)
    assert len(before) == options.studies
    _tell(f"killed {options.kills} times in all: each of {len(before)} studies done exactly once")
    _killed_at_the_end(root, out, options, model, before)


def _killed_in_the_beginning(root: Path, out: Path, options: argparse.Namespace, model: Path | None) -> None:
    """Be killed before anything is done: ever later, from the first moments on."""
    before: dict[str, int] = {}
    for kill in range(_EARLY_KILLS):
        run = _started(root, out, options, model)
        time.sleep(_START_S * (kill + 1) / _EARLY_KILLS)
        before = _ended(run, out, before)
    _tell(f"killed {_EARLY_KILLS} times while it starts: {len(before)} done, none twice, none lost")


def _killed_at_the_end(
    root: Path, out: Path, options: argparse.Namespace, model: Path | None, done: dict[str, int]
) -> None:
    """Be killed while tables and page are written: they are those of before, or whole."""
    for kill in range(_LATE_KILLS):
        started = time.time_ns()
        run = _started(root, out, options, model)
        while run.poll() is None and not _is_newer(out / CSV_NAME, started):
            time.sleep(0.002)
        time.sleep(kill * 0.02)
        _ended(run, out, done)
        with (out / CSV_NAME).open(newline="") as file:
            assert sum(1 for _ in csv.DictReader(file)) == options.studies
        assert (out / PAGE_NAME).read_text().endswith("</html>\n")
    run = _started(root, out, options, model)
    run.communicate()
    assert run.returncode == 0
    _tell(
        f"killed {_LATE_KILLS} times while tables are written: {len(_still(out, done))} done, none twice; tables whole"
    )


def _ended(run: subprocess.Popen[str], out: Path, before: dict[str, int]) -> dict[str, int]:
    """Kill a run; return what is done then, none of it anew."""
    run.send_signal(signal.SIGKILL)
    run.wait()
    return _still(out, before)


def _still(out: Path, before: dict[str, int]) -> dict[str, int]:
    now = _marks_of_orphans(out)
    again = [name for name, mark in before.items() if now.get(name) != mark]
    assert not again, f"done twice, or lost: {again[:5]}"
    return now


def _marks_of_orphans(out: Path) -> dict[str, int]:
    """Return what is done once the workers of a killed run have seen that it is gone."""
    time.sleep(1.0)
    return _marks(out)


def _is_newer(path: Path, moment_ns: int) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime_ns > moment_ns
    return False


def _on_cluster(root: Path, out: Path, options: argparse.Namespace, model: Path | None) -> None:
    """Run on a cluster of processes, kill one half way, and see that each study is told and written once."""
    import distributed

    with distributed.LocalCluster(
        n_workers=options.jobs,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as cluster:
        started = time.perf_counter()
        run = _started(root, out, options, model, dask=cluster.scheduler_address)
        assert run.stdout is not None
        victim = next(iter(cluster.workers.values())).pid
        told: list[str] = []
        for line in run.stdout:
            told.append(json.loads(line)["input"])
            if len(told) == options.studies // 2:
                os.kill(victim, signal.SIGKILL)
        run.wait()
        taken_s = time.perf_counter() - started
    assert run.returncode == 0
    assert len(told) == len(set(told)) == len(_marks(out)) == options.studies
    _tell(f"dask, one of {options.jobs} killed: each of {len(told)} studies done exactly once in {taken_s:.0f} s")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Make the studies and run over them, with kills, then on a cluster."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dask", action="store_true", help="also on a dask cluster of processes (extra `cluster`)")
    parser.add_argument("--bundled", action="store_true", help="with the bundled model")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        phantoms = write_studies(folder / "phantoms", [f"phantom{number}" for number in range(_DISTINCT)])
        root = folder / "root"
        root.mkdir()
        for number in range(options.studies):
            (root / f"s{number:05d}").symlink_to(phantoms[number % _DISTINCT], target_is_directory=True)
        model = None if options.bundled else write_small_package(folder / "small.cinecor")
        alone_s = _alone_s(phantoms, folder / "alone", model)
        if options.kills:
            _killed_in_the_beginning(root, folder / "early", options, model)
        _timed(root, folder / "cohort", options, model, alone_s=alone_s)
        if options.kills:
            _killed(root, folder / "cohort", options, model)
        if options.dask:
            _on_cluster(root, folder / "cluster", options, model)


if __name__ == "__main__":
    main()
