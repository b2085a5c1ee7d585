"""What the paths written by hand save, beside the libraries that do the same (docs/decisions/044-by-hand-for-speed.md).

usage: python tests/benchmarks/start.py [--files N]

Processor time, so that what else the machine does counts little; the best of several rounds. Libraries are imported in
processes of their own, since an import counts once.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
from machine import machine

from cinecor.inference.outline.pixel_runs import pieces, pixel_runs
from cinecor.inference.outline.segmentation import Label
from cinecor.study.dicom import header_reader
from cinecor.study.dicom.frame_pixels import decode_frames, read_stored_frame
from cinecor.study.dicom.header_reader import read_header
from cinecor_phantom import Acquisition, make_phantom, write_dicom

_ROUNDS = 5


def _best_ms(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return 1000 * min(taken)


def _import_ms(module: str, *, after: str = "numpy") -> float:
    code = f"import time, {after}; started = time.process_time(); import {module}; print(time.process_time() - started)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(_ROUNDS)]
    return 1000 * min(float(run.stdout) for run in runs)


def _table(folder: Path, *, files: int) -> str:
    phantom = make_phantom(acquisition=Acquisition(slices=11, phases=max(1, files // 11)))
    write_dicom(phantom, folder, style="ge")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())

    def headers() -> None:
        for path in paths:
            read_header(path, name=path.name)

    stored = [(path, read_header(path, name=path.name).frames[0].header.stored) for path in paths[:11]]
    mask = phantom.labels[:, 0] == Label.LV

    def label_mask() -> None:
        from scipy import ndimage

        ndimage.label(mask, structure=np.ones((3, 3, 3)))

    label_mask()
    own = _best_ms(headers)
    with mock.patch.object(header_reader, "read_plain", return_value=None):
        headers()  # pydicom is imported before it is timed
        library = _best_ms(headers)
    rows = (
        (f"headers of {len(paths)} plain files", "pydicom", own, library, _import_ms("pydicom")),
        (
            "pixels of one phase (11 frames)",
            "pydicom",
            _best_ms(lambda: [read_stored_frame(path, one) for path, one in stored if one is not None]),
            _best_ms(lambda: [decode_frames(path, [0]) for path, _ in stored]),
            0.0,
        ),
        (
            "connected pieces of a mask",
            "scipy.ndimage",
            _best_ms(lambda: pieces(pixel_runs(mask), corners=True)),
            _best_ms(label_mask),
            _import_ms("scipy.ndimage"),
        ),
        ("header of a NIfTI file", "nibabel", 0.0, 0.0, _import_ms("nibabel")),
    )
    lines = ["| what | by hand, ms | library, ms | its import, ms | library |", "|---|---|---|---|---|"]
    lines += [f"| {what} | {own:.1f} | {their:.1f} | {load:.0f} | {name} |" for what, name, own, their, load in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=220)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{machine()}\n{_table(Path(folder) / 'study', files=options.files)}")


if __name__ == "__main__":
    main()
