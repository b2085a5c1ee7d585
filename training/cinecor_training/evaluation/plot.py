"""Plots of numbers: agreement of clinical numbers, Dice by level and group, volume curves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cinecor.agreement.level import THIRDS
from cinecor_training.evaluation.figures import Figures
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult
from cinecor_training.evaluation.picture import Picture, drawn
from cinecor_training.evaluation.unlabelled_study import UnlabelledStudy

_MARKERS = "osD^vP*X"


def agreement_plots(patients: Sequence[PatientResult], figures: Figures) -> tuple[Picture, ...]:
    """Return a Bland–Altman and a correlation plot for each clinical number, groups by marker."""
    return tuple(
        _agreement_plot(patients, figures, quantity, title)
        for quantity, title in QUANTITIES.items()
        if f"{quantity}_bias" in figures
    )


def dice_plot(patients: Sequence[PatientResult]) -> Picture:
    """Return every stack's Dice by slice level and by group, for each structure."""
    groups = sorted({patient.group for patient in patients})
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    panels = figure.subplots(2, len(STRUCTURES), sharey=True)
    for column, (name, title) in enumerate(STRUCTURES.items()):
        results = [(patient.group, stack.structures[name]) for patient in patients for stack in patient.stacks]
        by_level = [[found.level_dice[level] for _, found in results] for level in THIRDS]
        _strips(panels[0, column], [[v for v in values if v is not None] for values in by_level], list(THIRDS))
        _strips(panels[1, column], [[found.dice for own, found in results if own == group] for group in groups], groups)
        panels[0, column].set_title(title, fontsize=9)
    return drawn(
        figure,
        title="Dice by slice level and by group",
        caption="A dot is one stack (ED or ES of a patient); the bar is the mean.",
    )


def curve_plot(study: UnlabelledStudy) -> Picture:
    """Return the volume curves of a study over its phases."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    panel = figure.subplots()
    for name, curve in (("LV", study.lv_ml), ("RV", study.rv_ml), ("myocardium", study.myo_ml)):
        panel.plot(curve, marker="o", markersize=3, label=name)
    panel.set_xlabel("phase")
    panel.set_ylabel("volume, mL")
    panel.set_ylim(bottom=0)
    panel.legend(fontsize=8)
    return drawn(figure, title=f"{study.study}: volume curves", caption="As segmented, not smoothed.")


def _agreement_plot(patients: Sequence[PatientResult], figures: Figures, quantity: str, title: str) -> Picture:
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    difference, correlation = figure.subplots(1, 2)
    for marker, group in zip(_MARKERS, sorted({patient.group for patient in patients}), strict=False):
        pairs = np.array(
            [
                (pair.reader, pair.model)
                for patient in patients
                if patient.group == group and (pair := patient.function.get(quantity)) is not None
                if pair.reader is not None and pair.model is not None
            ]
        ).reshape(-1, 2)
        difference.scatter(pairs.mean(axis=1), pairs[:, 1] - pairs[:, 0], marker=marker, s=18, label=group)
        correlation.scatter(pairs[:, 0], pairs[:, 1], marker=marker, s=18, label=group)
    for name, style in (("bias", "solid"), ("loa_low", "dashed"), ("loa_high", "dashed")):
        if f"{quantity}_{name}" in figures:
            difference.axhline(figures[f"{quantity}_{name}"].value, color="0.3", linestyle=style, linewidth=1)
    difference.set_xlabel(f"mean of reader and model: {title}", fontsize=8)
    difference.set_ylabel("model − reader", fontsize=8)
    correlation.axline((0, 0), slope=1, color="0.3", linewidth=1)
    low, high = min(correlation.dataLim.min), max(correlation.dataLim.max)
    margin = 0.05 * (high - low) or 1.0
    correlation.set_xlim(low - margin, high + margin)
    correlation.set_ylim(low - margin, high + margin)
    correlation.set_xlabel(f"reader: {title}", fontsize=8)
    correlation.set_ylabel("model", fontsize=8)
    correlation.legend(fontsize=7)
    return drawn(
        figure,
        title=title,
        caption="Left: Bland–Altman plot with bias and 95 % limits of agreement. Right: model against reader with the "
        "line of identity.",
    )


def _strips(panel: Axes, columns: Sequence[Sequence[float]], names: Sequence[str]) -> None:
    spread = np.random.default_rng(0)  # dots beside each other, the same at every run
    for place, values in enumerate(columns):
        if values:
            panel.scatter(place + spread.uniform(-0.15, 0.15, len(values)), values, s=9, alpha=0.6)
            panel.hlines(float(np.mean(values)), place - 0.25, place + 0.25, color="0.2")
    panel.set_xticks(range(len(names)), names, fontsize=8)
    panel.set_ylabel("Dice", fontsize=8)
    panel.grid(axis="y", alpha=0.3)
