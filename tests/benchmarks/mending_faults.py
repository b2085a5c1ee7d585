"""Twelve planted faults mended by scripted gestures, and one change carried over the cycle; prints a table.

usage: mending_faults.py STUDY.npz [...]

Each file holds `pixels` and `labels` (slice, phase, row, column), `conf` (slice, phase) and `spacing` (mm). A fault is
planted in a frame with its middle one; to see what carrying does it is planted over a run of phases, mended in the
middle one alone, and carried; then the same with all other frames as they were.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from faults import Fault, dice, plant
from mending import mend

from cinecor.review.borders import Border, region
from cinecor.review.carry import carry_over_phases

_RUN = 4  # phases to each side that have the fault too


def main() -> None:
    """Print what was mended and what carrying changed."""
    for path in map(Path, sys.argv[1:]):
        study = np.load(path)
        labels, pixels, confidence = study["labels"], study["pixels"], study["conf"]
        spacing_mm = (float(study["spacing"][0]), float(study["spacing"][1]))
        whole = [
            (index, phase)
            for index, phase in np.ndindex(labels.shape[:2])
            if all(region(labels[index, phase], border).sum() > 60 for border in Border)
        ]
        slices = sorted({index for index, _ in whole})
        middle, apex = slices[len(slices) // 2], slices[-1]
        phases = labels.shape[1]
        random = np.random.default_rng(5)
        gestures, after = [], []
        print(f"{path.stem}: {labels.shape}, {spacing_mm[0]:.2f} mm")  # noqa: T201
        for number, fault in enumerate((*Fault, *Fault)):
            where = {Fault.NO_BASE: slices[0], Fault.OUTFLOW: slices[0], Fault.APEX: apex}.get(fault, middle)
            phase = next(p for p in (2 + number, *range(phases)) if (where, p) in whole)
            turn = 0.6 + 0.9 * number
            planted = plant(labels[where, phase], fault, pixel_spacing_mm=spacing_mm, turn=turn)
            mended = mend(planted, pixel_spacing_mm=spacing_mm, random=random)
            gestures.append(mended.gestures)
            after.append(dice(mended.frame, planted.truth))
            line = (
                f"  {fault.value:22s} {dice(planted.frame, planted.truth):.3f} -> {after[-1]:.3f} in {mended.gestures}"
            )
            for name, run in (("fault in 9 phases", _RUN), ("fault here alone", 0)):
                spoiled = labels.copy()
                for there in range(max(0, phase - run), min(phases, phase + run + 1)):
                    if (where, there) in whole:
                        spoiled[where, there] = plant(
                            labels[where, there], fault, pixel_spacing_mm=spacing_mm, turn=turn
                        ).frame
                before = spoiled[where, phase].copy()
                was = spoiled.copy()
                spoiled[where, phase] = mended.frame
                started = time.perf_counter()
                carried = carry_over_phases(
                    spoiled, (where, phase), before, pixels=pixels, confidence=confidence, pixel_spacing_mm=spacing_mm
                )
                seconds = time.perf_counter() - started
                others = [p for p in range(phases) if p != phase and (where, p) in whole]
                score = [dice(was[where, p], labels[where, p]) for p in others]
                now = [dice(carried.frames.get((where, p), was[where, p]), labels[where, p]) for p in others]
                change = [b - a for a, b in zip(score, now, strict=True)]
                line += (
                    f" | {name}: {len(carried.frames):2d} frames, {np.mean(score):.4f} -> {np.mean(now):.4f},"
                    f" worst {min(change):+.4f}, {seconds:.1f} s"
                )
            print(line)  # noqa: T201
        print(f"  median gestures {statistics.median(gestures)}, least Dice {min(after):.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
