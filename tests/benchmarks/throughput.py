"""Studies an hour: `cinecor batch` beside `cinecor segment` one after the other, and beside the peer's code.

usage: throughput.py [--study FOLDER …] [--copies 20] [--jobs 2] [--peer-wheel FILE] [--peer-phases 2]

Each study (without one: a phantom of 240 frames) is linked --copies times; with a few, `batch` shows what it takes to
begin, not what it does in an hour. Both commands are timed whole, process start
and writing of results included, with the bundled model on the CPU. The peer has no command: its own package segments
--peer-phases phases of each study, already read, and its time is scaled to all of them.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from processes import Finished, finished

from cinecor.study import open_input
from cinecor_phantom import HeartShape, make_phantom, write_dicom


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, action="append", default=[])
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peer-wheel", type=Path)
    parser.add_argument("--peer-phases", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        studies = [study.resolve() for study in options.study]
        if not studies:
            write_dicom(make_phantom(HeartShape()), folder / "phantom", style="ge")
            studies = [folder / "phantom"]
        root = folder / "root"
        root.mkdir()
        links = [root / f"s{copy:03d}-{at}" for copy in range(options.copies) for at in range(len(studies))]
        for at, link in enumerate(links):
            link.symlink_to(studies[at % len(studies)], target_is_directory=True)
        command = [sys.executable, "-m", "cinecor"]
        finished([*command, "segment", str(links[0]), "--out", str(folder / "warm"), "--device", "cpu"])
        one = finished([*command, "segment", *map(str, links), "--out", str(folder / "one"), "--device", "cpu"])
        both = finished(
            [
                *command,
                "batch",
                str(root),
                "--out",
                str(folder / "both"),
                "--device",
                "cpu",
                "--jobs",
                str(options.jobs),
            ]
        )
        one_an_hour = _told("cinecor segment, one after the other", one, len(links))
        both_an_hour = _told(f"cinecor batch --jobs {options.jobs}", both, len(links))
        print(f"{'batch against one after the other':40}{both_an_hour / one_an_hour:8.2f} ×")  # noqa: T201
        if options.peer_wheel is not None:
            peer_an_hour = 3600 / _peer_s(options.peer_wheel, studies, phases=options.peer_phases)
            print(f"{'the peer’s own code, without reading':40}{peer_an_hour:8.0f} studies an hour")  # noqa: T201
            print(f"{'batch against the peer':40}{both_an_hour / peer_an_hour:8.0f} ×")  # noqa: T201


def _told(what: str, taken: Finished, studies: int) -> float:
    an_hour = 3600 * studies / taken.wall_s
    print(  # noqa: T201
        f"{what:40}{an_hour:8.0f} studies an hour ({studies} in {taken.wall_s:.1f} s, {taken.cpu_s / taken.wall_s:.2f} "
        "cores busy)"
    )
    return an_hour


def _peer_s(wheel: Path, studies: Sequence[Path], *, phases: int) -> float:
    """Return the peer's seconds a study, all phases of it."""
    from cinecor_training.evaluation.peer import open_peer

    total = 0.0
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(sys.stderr):  # it prints what it has
        peer = open_peer(wheel, folder=Path(place))
        for study in studies:
            stack, _ = open_input(study)
            chosen = range(min(phases, stack.phases))
            peer(stack, phases=[0])  # its first call loads the network
            started = time.perf_counter()
            peer(stack, phases=chosen)
            total += (time.perf_counter() - started) * stack.phases / len(chosen)
    return total / len(studies)


if __name__ == "__main__":
    main()
