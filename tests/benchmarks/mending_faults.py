"""Twelve planted faults mended by scripted gestures, each change carried over the cycle; prints a table a study.

usage: mending_faults.py [--study FOLDER]

The phantom's truth is closed form; of a study (by default none) the truth are the bundled model's outlines before the
faults are planted.
"""

import argparse
import statistics
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mending import Repair, mend_study

from cinecor_phantom import make_phantom


def _print(name: str, repairs: list[Repair]) -> None:
    print(name)  # noqa: T201
    print("  fault                   Dice          gestures | in 9 phases: frames, Dice, worst | alone: frames, worst")  # noqa: T201
    for one in repairs:
        print(  # noqa: T201
            f"  {one.fault.value:22s} {one.spoiled:.3f} -> {one.mended:.3f} {one.gestures:5d}    |"
            f" {one.run.frames:2d}, {one.run.before:.4f} -> {one.run.after:.4f}, {one.run.worst:+.4f}, "
            f"{one.run.seconds:.1f} s | {one.alone.frames:2d}, {one.alone.worst:+.4f}"
        )
    print(  # noqa: T201
        f"  median gestures {statistics.median(one.gestures for one in repairs):.1f}, median Dice after "
        f"{statistics.median(one.mended for one in repairs):.3f}, least {min(one.mended for one in repairs):.3f}, "
        f"worst loss {min(min(one.run.worst, one.alone.worst) for one in repairs):+.4f}"
    )


def main() -> None:
    """Mend the phantom, and a study where one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path)
    options = parser.parse_args()
    phantom = make_phantom()
    unsure = np.full(phantom.labels.shape[:2], 0.9, np.float32)
    spacing_mm = phantom.geometry.pixel_spacing_mm
    _print(
        "phantom", mend_study(phantom.labels, phantom.pixels.astype(np.float32), unsure, pixel_spacing_mm=spacing_mm)
    )
    if options.study is not None:
        from cinecor.app.session import open_session
        from cinecor.inference.outline.pipeline import segment
        from cinecor.study import open_input

        stack, _ = open_input(options.study)
        found = segment(stack, open_session(device="cpu"))
        spacing_mm = stack.geometry.pixel_spacing_mm
        repairs = mend_study(found.labels, stack.pixels, found.confidence, pixel_spacing_mm=spacing_mm)
        _print(options.study.name, repairs)


if __name__ == "__main__":
    main()
