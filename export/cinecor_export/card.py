"""The model card: what a model is, what it was made from, how good it is, where it fails, what it was not tried on.

Sections after Mitchell et al., Model Cards for Model Reporting, FAT* 2019.
"""

from collections.abc import Iterator, Sequence

from cinecor.agreement.level import Level
from cinecor.inference.package.contract import ModelContract
from cinecor.inference.package.manifest import Gate
from cinecor.inference.package.reliability import Reliability
from cinecor.measure.conventions import NOTICE
from cinecor_export.gates import shown
from cinecor_export.predecessor import Rivalry
from cinecor_export.variants import PackageEvaluation, variant_table
from cinecor_training.doubt.page import interval_tables
from cinecor_training.evaluation.figure_tables import figure_tables, hardest_table
from cinecor_training.evaluation.patient_result import STRUCTURES
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.study_tables import contoured_table, demographics_table, unlabelled_table
from cinecor_training.evaluation.table import Table

DOUBT_HEADING = "## Doubt"
_POOR_DICE = 0.80  # below this a reader would rather draw anew than correct


def model_card(
    contract: ModelContract,
    evaluation: PackageEvaluation,
    *,
    gates: Sequence[Gate],
    rivalry: Rivalry,
    reliability: Reliability | None = None,
    sides: Sequence[str] = (),
    consent: str = "",
) -> str:
    """Return the card (Markdown) of a package, from the contract of its fp32 graph and its evaluation.

    `sides` tell how many judged, in words; `consent` is on what ground a site's own patients were learnt from, empty
    where there are none. The card shows no image of a patient: those stay in the evaluation's report.
    """
    sections = (
        f"# {contract.id} {contract.version}\n\n{NOTICE}\n",
        _facts(contract, evaluation),
        _intended_use(),
        _training(contract, evaluation, consent),
        _how_measured(evaluation, sides),
        *(table.markdown() for table in figure_tables(evaluation.figures, evaluation.patients)[:-1]),
        *_other_scanners(evaluation),
        variant_table(evaluation.variants).markdown(),
        _gates(gates, rivalry),
        _known_failures(evaluation, model_id=contract.id),
        _not_tried(evaluation),
        *(() if reliability is None else (doubt_section(reliability),)),
    )
    return "\n".join(sections)


def doubt_section(reliability: Reliability) -> str:
    """Return how the model's doubt is told, and how often its intervals held the truth."""
    head = (
        f"{DOUBT_HEADING}\n\nChance and size of errors in single frames are told from those of {reliability.data}; a "
        "frame is marked from "
        + " and ".join(
            f"{100 * one.outlined:.0f} % ({chamber.upper()}; where nothing is outlined {100 * one.empty:.0f} %)"
            for chamber, one in reliability.limits.items()
        )
        + " on.\n"
    )
    return "\n".join((head, *(table.markdown().replace("## ", "### ", 1) for table in interval_tables(reliability))))


def _facts(contract: ModelContract, evaluation: PackageEvaluation) -> str:
    channels = contract.input.channels
    sees = "one frame at a time" if channels == 1 else f"a frame with its {channels - 1} neighbouring slices"
    graphs = [one for one in evaluation.variants if one.arithmetic == "exact"]
    sizes = ", ".join(f"{one.precision} {one.size_bytes / 1e6:.1f} MB" for one in graphs)
    return f"""| | |
|---|---|
| what it does | outlines the RV cavity, the LV myocardium and the LV cavity in short-axis cine frames |
| network | 2D U-Net (convolutions, max pooling, skip connections), {sees} |
| input | {contract.input.size_px}² pixels of {contract.input.spacing_mm} mm around the heart, which the program finds |
| graphs | {sizes} |
| SHA-256 of the fp32 graph | `{evaluation.model.sha256}` |
| licence of the weights | {contract.training.licence} |
"""


def _intended_use() -> str:
    return """## Intended use

For research: a first outline of both ventricles in short-axis cine MRI of adults, which a qualified reader checks and
corrects slice by slice before any number is used. Users are cardiologists, radiologists and core labs.

Not for: diagnosis or treatment without a reader; other sequences (late enhancement, mapping, perfusion, flow) or other
planes; children; hearts with a single ventricle or other complex congenital disease.
"""


def _training(contract: ModelContract, record: EvaluationRecord, consent: str) -> str:
    ground = f" The site’s own patients were learnt from on this ground: {consent}." if consent else ""
    text = f"""## Training data

{contract.training.data}; {contract.training.patients} patients. Licence: {contract.training.licence}.{ground}

Papillary muscles and trabeculae: {contract.papillary_muscles}. The infundibulum is not RV. A model learns its reader's
conventions with the images: one that counts papillary muscles as myocardium will find lower masses here.
"""
    if record.demographics:
        text += "\n" + demographics_table(record.demographics).markdown().replace("## ", "### ", 1)
    return text


def _how_measured(record: EvaluationRecord, sides: Sequence[str]) -> str:
    stacks = sum(len(patient.stacks) for patient in record.patients)
    judged = "".join(f" {line[0].upper()}{line[1:]}." for line in sides)
    left_out = "".join(f" {entry.patient} was left out: {entry.reason}" for entry in record.skipped)
    held_out = (
        f"The model was trained on some of them, whose figures prove nothing: {', '.join(record.trained_on)}."
        if record.trained_on
        else "By the rule of the split none of them was trained on; they served to choose between recipes, so they are "
        "a validation set, not a test set."
    )
    return f"""## How it was measured

{len(record.patients)} patients, {stacks} stacks: {record.split}. {held_out} Images went through the pipeline that
`cinecor segment` runs, on their native grid, clean-up included.{left_out}{judged}

Figures are those of the fp32 graph; the other graphs stand beside it under Variants. Brackets hold 95 % confidence
intervals (bootstrap over patients). They tell how figures would move with other patients of the same hospital, not with
another hospital, and with few patients they are somewhat too narrow.
"""


def _other_scanners(record: EvaluationRecord) -> Iterator[str]:
    if record.contoured:
        yield contoured_table(record.contoured).markdown()
    if record.unlabelled:
        yield unlabelled_table(record.unlabelled).markdown()


def _gates(gates: Sequence[Gate], rivalry: Rivalry) -> str:
    rows = tuple((gate.name, shown(gate.value), shown(gate.limit), gate.unit) for gate in gates)
    note = "What had to hold before the package was written."
    if rivalry.absent:
        note += f" It was not compared with a model in use: {rivalry.absent}"
    note += "".join(f" {line}." for line in rivalry.not_judged)
    if rivalry.comparison and rivalry.comparison.allowed_worse:
        note += f" It is worse than {rivalry.comparison.id} {rivalry.comparison.version}, and was exported even so."
    return Table("Gates", ("figure", "value", "limit", "unit"), rows, note).markdown()


def failures_name(model_id: str) -> str:
    """Return the name of the picture beside a card: the worst slices' outlines (`failures.png` of a report)."""
    return f"{model_id}-failures.png"


def _known_failures(record: EvaluationRecord, *, model_id: str) -> str:
    """Return failures in figures; the pictures are in the evaluation's report, which holds patients' images."""
    figures = record.figures
    lines = ["## Known failures", ""]
    poor = [
        f"{STRUCTURES[name]} of {patient.patient} at {stack.moment} ({structure.dice:.3f})"
        for patient in record.patients
        for stack in patient.stacks
        for name, structure in stack.structures.items()
        if structure.dice < _POOR_DICE
    ]
    total = sum(len(stack.structures) for patient in record.patients for stack in patient.stacks)
    listed = f": {', '.join(poor)}" if poor else ""
    lines.append(f"- Below a Dice of {_POOR_DICE:.2f}: {len(poor)} of {total} structures{listed}.")
    for name, title in STRUCTURES.items():
        errors = {
            (level, moment): figures[key].value
            for level in Level
            for moment in ("ed", "es")
            if (key := f"error_ml_{name}_{level}_{moment}_mae") in figures
        }
        if errors:
            (level, moment), error_ml = max(errors.items(), key=lambda entry: entry[1])
            lines.append(
                f"- {title}: the largest mean volume error, {error_ml:.1f} mL, lies at level '{level}' "
                f"at {moment.upper()}."
            )
    missed, added = (figures.get(f"{kind}_lv_slices") for kind in ("missed", "added"))
    if missed and added:
        lines.append(
            f"- LV slices that the reader drew and the model did not: {missed.value:.0f}; "
            f"that the model added: {added.value:.0f}."
        )
    if record.contoured:
        worst = record.contoured.worst
        lines.append(
            f"- {record.contoured.study}: the worst frame (slice {worst.slice_index + 1}, phase {worst.phase + 1}) "
            f"has an LV Dice of {worst.lv_dice:.3f}."
        )
    hardest = hardest_table(record.patients).markdown().replace("## ", "### ", 1)
    lines += [
        "",
        f"![Outlines of the twelve worst slices, where kept beside this card]({failures_name(model_id)})",
        "",
        "Outlines of the twelve worst slices (blue: reader, orange and dashed: model; RV cavity, LV cavity, outer wall "
        "of the LV). The images behind them are in the evaluation's report.",
        "",
    ]
    return "\n".join(lines) + "\n" + hardest


def _not_tried(record: EvaluationRecord) -> str:
    studies = [study.study for study in (record.contoured, record.unlabelled) if study]
    others = f" and of single studies of others ({', '.join(studies)})" if studies else " alone"
    tried = f"The figures above are of patients from where the training data come{others}."
    return f"""## What it was not tried on

{tried} Not tried: children, pregnancy, complex congenital disease, ventricular assist devices and large implant
artefacts, real-time and compressed-sensing cines, scanners below 1.5 T, contrast-enhanced cines, and differences by
age, sex or ethnicity, which the data do not tell.
"""
