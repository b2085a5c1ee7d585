"""Size and speed of what was built, beside the same from source; run by `make bench-installer`.

Frozen and source take turns, so that a busy moment of the machine meets both. Exit code 1 when a target is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from display import invisible_display, is_painted, wait_until
from release import PAYLOAD, ROOT, this_release

_PAIRS = 7
_STARTS = 4
_SOURCE = "desktop", "training", "export", "resources"


def main() -> int:
    """Measure, and print one row a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="Python that has what Cinecor needs")
    parser.add_argument("--data", type=Path, help="folder with the real studies; the phantom when left out")
    options = parser.parse_args()
    program, python = [str(PAYLOAD / "cinecor")], [str(options.source.absolute()), "-m", "cinecor"]
    deb_mb = this_release().deb.stat().st_size / 1e6
    missed = [_row("Debian package", f"{deb_mb:.0f} MB", "≤ 250 MB", deb_mb <= 250)]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        study, name = _study(options.data, folder, program)
        frozen, source = _in_turns(program, python, study, folder)
        ratio = statistics.median(frozen) / statistics.median(source)
        _row(f"`cinecor segment` on {name}, installed", f"{statistics.median(frozen):.2f} s", "", True)
        _row(f"`cinecor segment` on {name}, from source", f"{statistics.median(source):.2f} s", "", True)
        missed.append(_row(f"installed to source, medians of {_PAIRS} in turns", f"{ratio:.2f}", "≤ 1.2", ratio <= 1.2))
        start = _start(program, folder)
        missed.append(_row("start to a painted window", f"{start:.2f} s", "≤ 3 s", start <= 3))
    return int(not all(missed))


def _study(data: Path | None, folder: Path, program: list[str]) -> tuple[Path, str]:
    packed = data / "sunnybrook-sc-hf-i-1.tar.xz" if data else None
    if packed is not None and packed.exists():
        subprocess.run(["tar", "-xJf", str(packed), "-C", str(folder)], check=True)
        return next(folder.rglob("SCD0000101")), "SC-HF-I-1"
    subprocess.run([*program, "phantom", "--out", str(folder / "phantom")], check=True, stdout=subprocess.DEVNULL)
    return folder / "phantom", "the phantom"


def _in_turns(program: list[str], python: list[str], study: Path, folder: Path) -> tuple[list[float], list[float]]:
    source = os.pathsep.join(str(ROOT / place) for place in _SOURCE)
    environment = {**os.environ, "CINECOR_HOME": str(folder / "home"), "PYTHONPATH": source}
    taken: tuple[list[float], list[float]] = [], []
    for turn in range(_PAIRS + 1):
        for seconds, command in zip(taken, (program, python), strict=True):
            begun = time.perf_counter()
            run = [*command, "segment", str(study), "--out", str(folder / "out")]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL, env=environment)
            if turn > 0:  # the first chooses the device and fills the system's cache
                seconds.append(time.perf_counter() - begun)
    return taken


def _start(program: list[str], folder: Path) -> float:
    """Give the best of some starts, in seconds."""
    seconds = []
    with invisible_display() as display:
        environment = {**os.environ, "DISPLAY": display.name, "HOME": str(folder), "QT_QPA_PLATFORM": "xcb"}
        for _ in range(_STARTS):
            begun = time.perf_counter()
            process = subprocess.Popen(program, env=environment)
            wait_until(display.has_window, 60)
            wait_until(lambda: is_painted(display.pixels()), 60)
            seconds.append(time.perf_counter() - begun)
            time.sleep(1.0)
            display.press("ctrl+q")
            process.wait(timeout=30)
    return min(seconds)


def _row(name: str, measured: str, target: str, held: bool) -> bool:
    sys.stdout.write(f"| {name} | {measured} | {target} |{'' if held else ' missed'}\n")
    sys.stdout.flush()
    return held


if __name__ == "__main__":
    sys.exit(main())
