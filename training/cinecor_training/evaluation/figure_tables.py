"""The tables of an evaluation: overlap, distance, levels, groups, clinical numbers, hardest cases."""

from collections.abc import Sequence

from cinecor.agreement.estimate import Estimate
from cinecor.agreement.level import THIRDS, Level
from cinecor_training.evaluation.figures import Figures
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult
from cinecor_training.evaluation.table import Table

_MOMENTS = {"ED and ES": "", "ED": "_ed", "ES": "_es"}
_LEVEL_NAMES = {
    Level.ABOVE: "above the base",
    Level.BASE: "base",
    Level.MID: "mid",
    Level.APEX: "apex",
    Level.BELOW: "below the apex",
}
_HARDEST = 10
NOTHING = "–"


def figure_tables(figures: Figures, patients: Sequence[PatientResult]) -> tuple[Table, ...]:
    """Return every table of an evaluation's figures, the most asked for first."""
    groups = sorted({patient.group for patient in patients})
    return (
        overlap_table(figures),
        agreement_table(figures),
        distance_table(figures),
        level_table(figures),
        level_error_table(figures),
        group_table(figures, groups),
        hardest_table(patients),
    )


def shown(value: Estimate | None, *, digits: int, signed: bool = False) -> str:
    """Return an estimate as text: value and, in brackets, its 95 % confidence interval."""
    if value is None:
        return NOTHING
    style = f"{'+' if signed else ''}.{digits}f"
    if value.low is None or value.high is None:
        return f"{value.value:{style}}"
    return f"{value.value:{style}} ({value.low:{style}} to {value.high:{style}})"


def overlap_table(figures: Figures) -> Table:
    """Return 3D Dice by structure and moment."""
    rows = [
        (
            title,
            *(shown(figures.get(f"dice_{name}{end}"), digits=3) for end in _MOMENTS.values()),
            shown(figures.get(f"dice_{name}_worst"), digits=3),
        )
        for name, title in (*STRUCTURES.items(), ("mean", "Mean of the three"))
    ]
    return Table(
        "3D Dice",
        ("structure", *_MOMENTS, "worst stack"),
        tuple(rows),
        "On the native grid; the mean over patients of the mean of ED and ES. In brackets the 95 % confidence interval "
        "from 2000 bootstrap samples of patients.",
    )


def agreement_table(figures: Figures) -> Table:
    """Return bias, limits of agreement, error and correlation of the clinical numbers."""
    rows = []
    for quantity, title in QUANTITIES.items():
        bias = figures.get(f"{quantity}_bias")
        signed = [
            shown(figures.get(f"{quantity}_{end}"), digits=1, signed=True) for end in ("bias", "loa_low", "loa_high")
        ]
        rows.append(
            (
                title,
                NOTHING if bias is None else str(bias.count),
                signed[0],
                shown(figures.get(f"{quantity}_sd"), digits=1),
                *signed[1:],
                shown(figures.get(f"{quantity}_mae"), digits=1),
                shown(figures.get(f"{quantity}_r"), digits=3),
            )
        )
    return Table(
        "Clinical numbers",
        ("quantity", "n", "bias", "SD", "lower limit", "upper limit", "mean absolute error", "r"),
        tuple(rows),
        "Model − reader, at the reader's phases. Limits of agreement are bias ± 1.96 SD (Bland and Altman 1986). "
        "n is below the number of patients where a number could not be computed.",
    )


def distance_table(figures: Figures) -> Table:
    """Return HD95 and average surface distance by structure and moment."""
    rows = []
    for name, title in STRUCTURES.items():
        for metric, label in (("hd95_mm", "HD95"), ("asd_mm", "average surface distance")):
            cells = (
                shown(figures.get(f"{metric}_{name}{end}"), digits=1 + (metric == "asd_mm"))
                for end in _MOMENTS.values()
            )
            rows.append((title, label, *cells))
    return Table(
        "Surface distances, mm",
        ("structure", "distance", *_MOMENTS),
        tuple(rows),
        "In 3D with the real slice spacing: a slice too many or too few is at least that far off. "
        "A stack where the model found nothing of a structure has no distance and is left out; "
        f"so many were missed: {_missed(figures)}.",
    )


def level_table(figures: Figures) -> Table:
    """Return Dice by slice level and moment."""
    rows = [
        (title, level, *(shown(figures.get(f"dice_{name}_{level}{end}"), digits=3) for end in _MOMENTS.values()))
        for name, title in STRUCTURES.items()
        for level in THIRDS
    ]
    return Table(
        "Dice by slice level",
        ("structure", "level", *_MOMENTS),
        tuple(rows),
        "Thirds of the slices in which the reader drew LV cavity. Stacks where both drew nothing are left out.",
    )


def level_error_table(figures: Figures) -> Table:
    """Return the volume error by slice level."""
    rows = []
    for name, title in STRUCTURES.items():
        for level, place in _LEVEL_NAMES.items():
            stem = f"error_ml_{name}_{level}"
            cells = [
                shown(figures.get(f"{stem}_{moment}_{end}"), digits=1, signed=end == "bias")
                for moment in ("ed", "es")
                for end in ("bias", "mae")
            ]
            rows.append((title, place, *cells))
    return Table(
        "Volume error by slice level, mL",
        ("structure", "level", "ED bias", "ED mean absolute", "ES bias", "ES mean absolute"),
        tuple(rows),
        "Model − reader over all slices of a level. Slices with LV cavity by the reader and none by the model: "
        f"{_count(figures, 'missed_lv_slices')}; the other way round: {_count(figures, 'added_lv_slices')}.",
    )


def group_table(figures: Figures, groups: Sequence[str]) -> Table:
    """Return Dice by disease group."""
    rows = []
    for group in groups:
        end = f"group_{group.lower()}"
        mean = figures.get(f"dice_mean_{end}")
        cells = (shown(figures.get(f"dice_{name}_{end}"), digits=3) for name in (*STRUCTURES, "mean"))
        rows.append((group, NOTHING if mean is None else str(mean.count), *cells))
    return Table("Dice by group", ("group", "patients", *STRUCTURES.values(), "mean of the three"), tuple(rows))


def hardest_table(patients: Sequence[PatientResult]) -> Table:
    """Return the structures with the lowest Dice, and where their volume error lies."""
    results = [
        (structure.dice, patient, stack.moment, name, structure)
        for patient in patients
        for stack in patient.stacks
        for name, structure in stack.structures.items()
    ]
    rows = []
    for value, patient, moment, name, structure in sorted(results, key=lambda entry: entry[0])[:_HARDEST]:
        level, error_ml = max(structure.level_error_ml.items(), key=lambda entry: abs(entry[1]))
        rows.append(
            (
                patient.patient,
                patient.group,
                moment,
                STRUCTURES[name],
                f"{value:.3f}",
                f"{structure.reader_ml:.0f}",
                f"{structure.model_ml:.0f}",
                f"{_LEVEL_NAMES[Level(level)]}, {error_ml:+.1f}",
            )
        )
    return Table(
        "Hardest cases",
        ("patient", "group", "moment", "structure", "Dice", "reader, mL", "model, mL", "largest error, mL"),
        tuple(rows),
        "The lowest 3D Dice of one structure in one stack, and the slice level that adds most to its volume error.",
    )


def _missed(figures: Figures) -> str:
    return ", ".join(f"{title} {_count(figures, f'missed_stacks_{name}')}" for name, title in STRUCTURES.items())


def _count(figures: Figures, name: str) -> str:
    found = figures.get(name)
    return NOTHING if found is None else f"{found.value:.0f}"
