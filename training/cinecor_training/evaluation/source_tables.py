"""The tables of further data sets: figures of each, and what happens slice by slice at the base."""

from collections.abc import Mapping, Sequence

import numpy as np

from cinecor_training.evaluation.figure_tables import shown
from cinecor_training.evaluation.patient_result import STRUCTURES
from cinecor_training.evaluation.source_result import LV, SourceResult
from cinecor_training.evaluation.table import Table

_AROUND_BASE = range(-2, 3)
_ROWS = (
    *(
        (f"dice_{name}{end}", f"{title}: 2D Dice, {what}", 3)
        for name, title in STRUCTURES.items()
        for end, what in (
            ("", "drawn slices"),
            ("_base", "basal third"),
            ("_mid", "middle third"),
            ("_apex", "apical third"),
            ("_worst", "worst slice"),
        )
    ),
    *((f"dice_pooled_{name}", f"{title}: 2D Dice, all slices pooled", 3) for name, title in STRUCTURES.items()),
    *((f"dice3d_{name}", f"{title}: 3D Dice of a stack", 3) for name, title in STRUCTURES.items()),
    *(
        (f"{kind}_slices_{moment}", f"LV slices {kind} at {moment.upper()}, a patient", 2)
        for kind in ("missed", "added")
        for moment in ("ed", "es")
    ),
    ("edv_ml_bias", "EDV − true EDV, mL", 1),
    ("edv_ml_mae", "EDV, mean absolute error, mL", 1),
    ("esv_ml_bias", "ESV − true ESV, mL", 1),
    ("ef_points_mae", "EF against the true EF, points", 1),
    ("reader_ef_points_mae", "the masks' EF against the true EF, points", 1),
)


def sources_table(
    results: Sequence[SourceResult], *, beside: Mapping[str, Sequence[SourceResult]] | None = None
) -> Table:
    """Return figures of every data set and convention in one table; `beside` are other models', by their names."""
    columns = [(f"{result.source}, {result.convention} convention", result) for result in results]
    for other, found in (beside or {}).items():
        columns += [(f"{result.source}, {other}", result) for result in found]
    heads = tuple(head for head, _ in columns)
    rows = []
    for name, title, digits in _ROWS:
        if any(name in result.figures for result in results):
            signed = name.endswith("bias")
            cells = (shown(result.figures.get(name), digits=digits, signed=signed) for _, result in columns)
            rows.append((title, *cells))
    counts = "; ".join(
        f"{result.source}: {len({stack.patient for stack in result.stacks})} patients ({result.split})"
        for result in results
        if result is next(other for other in results if other.source == result.source)
    )
    return Table(
        "Other data sets",
        ("", *heads),
        tuple(rows),
        f"Held-out patients: {counts}. Means over patients of the mean of their slices or stacks; in brackets the 95 % "
        "confidence interval. A slice counts where its structure was labelled. Levels are thirds of the slices in "
        "which the reader drew LV. Pooled: one Dice over the pixels of all labelled slices, empty ones included. The "
        "model's convention is that in which it ships.",
    )


def has_base(result: SourceResult) -> bool:
    """Return whether whole stacks were labelled, slices above the base included."""
    return any(one.from_base is not None and one.from_base < 0 for stack in result.stacks for one in stack.slices)


def base_table(result: SourceResult) -> Table:
    """Return what reader and model draw around the base: where conventions differ."""
    rows = []
    for moment in sorted({stack.moment for stack in result.stacks}):
        for distance in _AROUND_BASE:
            here = [
                one
                for stack in result.stacks
                if stack.moment == moment
                for one in stack.slices
                if one.from_base == distance and LV in one.reader_px
            ]
            if not here:
                continue
            reader, model = (np.array([getattr(one, side)[LV] for one in here]) for side in ("reader_px", "model_px"))
            dice = [value for one in here if (value := one.dice(LV)) is not None]
            rows.append(
                (
                    moment,
                    f"{distance:+d}",
                    str(len(here)),
                    f"{np.mean(reader > 0):.2f}",
                    f"{np.mean(model > 0):.2f}",
                    f"{reader.mean():.0f}",
                    f"{model.mean():.0f}",
                    f"{np.mean(dice):.3f}" if dice else "–",
                )
            )
    return Table(
        f"{result.source}, {result.convention} convention: around the base",
        (
            "moment",
            "slice",
            "stacks",
            "reader draws LV",
            "model draws LV",
            "reader, pixels",
            "model, pixels",
            "2D Dice",
        ),
        tuple(rows),
        "Slice 0 is the most basal one in which the reader drew LV, −1 the one above it, +1 the next towards the apex.",
    )
