"""How fast the desktop is: start, first image, masks, frames a second, stalls, memory; prints a table.

Run by `make bench-desktop`, offscreen.
"""

import argparse
import gc
import itertools
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `cinecor` does

_START = """
import os, time
from pathlib import Path
from cinecor.app.settings import Settings
from cinecor.ui.desktop import Desktop, make_application
application = make_application(["cinecor"])
desktop = Desktop(application, Settings(None))
desktop.window.show()
application.processEvents()
os._exit(0)
"""
_FRAMES = 200


def main() -> None:
    """Measure, and print one row a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, help="a study; the phantom when left out")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        study = options.study
        if study is None:
            from cinecor.phantom import make_phantom, write_dicom

            study = Path(temporary) / "phantom"
            write_dicom(make_phantom(), study, style="siemens")
        _row("figure", "measured", "target")
        _row("---", "---", "---")
        starts = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", _START], check=True)
            starts.append(time.perf_counter() - begun)
        _row("start of the process to a usable window (best of 3)", f"{min(starts):.2f} s", "≤ 2.0 s")
        _measure(study)


def _measure(study: Path) -> None:
    from PySide6.QtCore import QEvent, QTimer

    from cinecor.app.settings import Settings
    from cinecor.ui.desktop import Desktop, make_application

    application = make_application(["cinecor-bench"])

    def until(ready: Callable[[], bool]) -> float:
        begun = time.perf_counter()
        while not ready():
            application.processEvents()
            time.sleep(0.0005)
        return time.perf_counter() - begun

    desktop = Desktop(application, Settings(None))
    desktop.window.resize(1440, 900)
    desktop.window.show()
    application.processEvents()
    desktop.warm_up()  # as `cinecor` does when its window is there
    until(lambda: not desktop.busy)
    beats: list[float] = []
    heartbeat = QTimer()
    heartbeat.timeout.connect(lambda: beats.append(time.perf_counter()))
    heartbeat.start(1)
    begun = time.perf_counter()
    desktop.open(study)
    page = desktop.window.page
    assert page is not None
    desk = page.desk
    until(lambda: desk.study is not None)
    page.cine.grab()
    _row("dropped to first image", f"{time.perf_counter() - begun:.2f} s", "≤ 1.0 s")
    opened, opening = time.perf_counter(), beats.copy()
    until(lambda: bool(desk.segmented.any()))
    _row("dropped to first masks", f"{time.perf_counter() - begun:.2f} s", "≤ 2.5 s")
    until(lambda: desk.measures is not None)
    _row("dropped to all curves and numbers", f"{time.perf_counter() - begun:.2f} s", "≤ 6 s")
    heartbeat.stop()
    _row("longest stall of the event loop while opening", _longest(opening), "")
    _row("longest stall of the event loop while segmenting", _longest([opened, *beats[len(opening) :]]), "≤ 50 ms")
    until(lambda: not desk.busy)
    desktop.settings.change("overlay", "both")
    for layout, view, name, target in (
        ("2", page.cine, "cine of one slice, outlines and fill", "≥ 60 fps"),
        ("3", page.grid, "grid of all slices, outlines and fill", "≥ 25 fps"),
    ):
        desktop.settings.change("layout", layout)
        application.processEvents()
        for _ in range(desk.cursor.phases):  # the first cycle traces the outlines
            desk.cursor.step(phases=1)
            view.repaint()
        begun = time.perf_counter()
        for _ in range(_FRAMES):
            desk.cursor.step(phases=1)
            view.repaint()
        _row(name, f"{_FRAMES / (time.perf_counter() - begun):.0f} fps", target)
    desktop.settings.change("layout", "1")
    for _ in range(desk.cursor.phases):
        desk.cursor.step(phases=1)
        application.processEvents()
    _row("memory with everything shown", f"{_resident_mb():.0f} MB", "≤ 900 MB")
    desktop.settings.change("auto_segment", False)
    desktop.window.close_page(page)
    after = []
    for _ in range(10):
        desktop.open(study)
        page = desktop.window.page
        assert page is not None
        until(lambda page=page: page.desk.study is not None and not page.desk.busy)
        desktop.window.close_page(page)
        del page
        until(lambda: not desktop.leaving)
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        after.append(_resident_mb())
    _row("memory after closing ten studies, against after the second", f"{after[-1] - after[1]:+.0f} MB", "no growth")
    desktop.close()


def _longest(beats: list[float]) -> str:
    return f"{1000 * max(later - earlier for earlier, later in itertools.pairwise(beats)):.0f} ms"


def _resident_mb() -> float:
    """Memory of this process and of the one that holds the model."""
    pids = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _row(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
