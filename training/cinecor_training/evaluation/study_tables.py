"""The tables of studies from other scanners, of who the patients are, and of single patients."""

from collections.abc import Iterator, Mapping, Sequence

from cinecor.measure.ventricular_function import VentricularFunction
from cinecor_training.evaluation.contoured_study import ContouredStudy
from cinecor_training.evaluation.demographics import GroupDemographics, Spread
from cinecor_training.evaluation.figure_tables import NOTHING
from cinecor_training.evaluation.patient_result import QUANTITIES, STRUCTURES, PatientResult
from cinecor_training.evaluation.table import Table
from cinecor_training.evaluation.unlabelled_study import UnlabelledStudy


def contoured_table(study: ContouredStudy) -> Table:
    """Return every contoured frame and their mean."""
    rows = [
        (
            str(f.slice_index + 1),
            str(f.phase + 1),
            f"{f.lv_dice:.3f}",
            _number(f.myo_dice, 3),
            str(f.reader_px),
            str(f.model_px),
        )
        for f in study.frames
    ]
    rows.append(("mean", "", f"{study.lv_dice:.3f}", _number(study.myo_dice, 3), "", ""))
    return Table(
        f"{study.study}: frames with an expert's contour",
        ("slice", "phase", "LV Dice", "myocardium Dice", "expert LV, pixels", "model LV, pixels"),
        tuple(rows),
        f"Worst frame: {study.worst.lv_dice:.3f} (slice {study.worst.slice_index + 1}, phase {study.worst.phase + 1}). "
        f"EF over the contoured slices: model {_number(study.ef_model_percent, 1)} %, "
        f"expert {_number(study.ef_reader_percent, 1)} %. The RV was not outlined and is not judged.",
    )


def unlabelled_table(study: UnlabelledStudy) -> Table:
    """Return numbers of a study without labels."""
    rows = [
        (name, *_ventricle(ventricle), _percent(rough))
        for name, ventricle, rough in (("LV", study.lv, study.lv_roughness), ("RV", study.rv, study.rv_roughness))
    ]
    said = "; ".join(study.findings) or "nothing"
    return Table(
        f"{study.study}: a study without labels",
        ("ventricle", "EDV, mL", "ESV, mL", "EF, %", "mass, g", "largest spike of the curve"),
        tuple(rows),
        f"{study.slices} slices, {study.phases} phases. Inner slices without LV cavity: {study.empty_mid_frames} of "
        f"{study.mid_frames} frames. A spike is a phase's departure from the median of itself and its neighbours, as a "
        f"share of the curve's range. What the application says of it: {said}.",
    )


def demographics_table(sides: Mapping[str, Sequence[GroupDemographics]]) -> Table:
    """Return groups of patients on both sides of the split."""
    rows = [
        (side, group.group, str(group.patients), _spread(group.height_cm), _spread(group.weight_kg))
        for side, groups in sides.items()
        for group in groups
    ]
    return Table(
        "Patients",
        ("side", "group", "patients", "height, cm: mean (range)", "weight, kg: mean (range)"),
        tuple(rows),
        "Age, sex and ethnicity are not published with these data.",
    )


def patient_table(patients: Sequence[PatientResult]) -> Table:
    """Return every patient on a row: Dice and clinical numbers."""
    rows = [(patient.patient, patient.group, *_dice_cells(patient), *_function_cells(patient)) for patient in patients]
    heads = tuple(f"{title} (reader)" for title in QUANTITIES.values())
    return Table("Every patient", ("patient", "group", *(f"Dice {s} ED/ES" for s in STRUCTURES), *heads), tuple(rows))


def _dice_cells(patient: PatientResult) -> Iterator[str]:
    for name in STRUCTURES:
        yield " / ".join(f"{stack.structures[name].dice:.3f}" for stack in patient.stacks)


def _function_cells(patient: PatientResult) -> Iterator[str]:
    for quantity in QUANTITIES:
        pair = patient.function.get(quantity)
        yield NOTHING if pair is None else f"{_number(pair.model, 1)} ({_number(pair.reader, 1)})"


def _ventricle(ventricle: VentricularFunction) -> tuple[str, ...]:
    values = (ventricle.edv_ml, ventricle.esv_ml, ventricle.ef_percent, ventricle.mass_g)
    return tuple(_number(value, 1) for value in values)


def _spread(spread: Spread | None) -> str:
    return NOTHING if spread is None else f"{spread.mean:.0f} ({spread.lowest:.0f} to {spread.highest:.0f})"


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{100 * value:.1f} %"
