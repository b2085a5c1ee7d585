"""`judge`: everything that can be measured of one segmenter, as a record and what is needed to draw it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.message import Message
from cinecor_training.acdc import VALIDATION_EVERY
from cinecor_training.data.acdc_source import AcdcSource
from cinecor_training.data.case import BadCase, Case, Source
from cinecor_training.data.split import Split
from cinecor_training.evaluation.contoured_study import ContouredReading, ContouredStudy, read_contoured_study
from cinecor_training.evaluation.demographics import demographics
from cinecor_training.evaluation.evaluation import Evaluation, Skipped, evaluate
from cinecor_training.evaluation.figures import figures, summary
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.segmenter import Segmenter


@dataclass(frozen=True, slots=True)
class JudgedCases:
    """Which cases are judged, which of the same data are not, and the rule in words."""

    judged: tuple[Case, ...]
    others: tuple[Case, ...]
    split: str
    trained_on: tuple[str, ...] = ()  # of the judged, whom the model saw in training, as far as it is known
    bad: tuple[BadCase, ...] = ()  # of the judged, who cannot be


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The figures, and the images that they came from."""

    record: EvaluationRecord
    evaluation: Evaluation
    contoured: ContouredReading | None


def judged_cases(source: Source, *, patients: Sequence[str] = (), split: Split | None = None) -> JudgedCases:
    """Choose whom to judge: `patients`; else whom `split` holds out; else whom the data set's own rule holds out.

    `split` is that of the run that made the model: patients that it trained on may be judged, and are told. A data set
    without a rule of its own is judged whole. Raises `InputError` for a patient who is not there, and when nobody is
    left.
    """
    found = source.find()
    there = {case.patient for case in found.cases}
    unknown = sorted(set(patients) - there)
    if unknown:
        raise InputError(
            Message("patients_unknown", "There are no patients {unknown} in the data.", unknown=", ".join(unknown))
        )
    if patients:
        chosen, rule = set(patients), f"the patients {', '.join(sorted(set(patients)))}"
    elif split:
        chosen, rule = there & _bare(split.validation), f"held out by the run's split: {split.rule}"
    elif found.held_out is not None:
        chosen, rule = there & found.held_out, _rule(source)
    else:
        chosen, rule = there, f"all patients of {source.name}"
    if not chosen:
        raise InputError(
            Message("no_patient_to_judge", "None of the patients to judge is in the data; name some with --patients.")
        )
    cases = sorted(found.cases, key=lambda case: case.patient)
    return JudgedCases(
        tuple(case for case in cases if case.patient in chosen),
        tuple(case for case in cases if case.patient not in chosen),
        rule,
        tuple(sorted(chosen & _bare(split.training))) if split else (),
        tuple(bad for bad in found.bad if not patients or bad.patient in patients),
    )


def _rule(source: Source) -> str:
    if isinstance(source, AcdcSource):
        return f"patients whose number is divisible by {VALIDATION_EVERY}"
    return f"held out by the fixed rule of {source.name}"


def _bare(names: Sequence[str]) -> set[str]:
    """Return patients' names without their source, as a split file has it before the slash."""
    return {name.rpartition("/")[2] for name in names}


def judge(
    segmenter: Segmenter,
    *,
    cases: JudgedCases,
    identity: ModelIdentity,
    provider_used: str,
    sunnybrook: Path | None = None,
    listener: Callable[[PatientResult], None],
) -> Judgement:
    """Measure `segmenter` on labelled patients and, where given, on a contoured study of another scanner."""
    contoured = read_contoured_study(sunnybrook, segmenter) if sunnybrook else None
    evaluation = evaluate(cases.judged, segmenter, listener=listener)
    found = figures(evaluation.patients)
    record = EvaluationRecord(
        model=identity,
        provider_used=provider_used,
        split=cases.split,
        trained_on=cases.trained_on,
        summary=summary(found) | (_headlines(contoured.result) if contoured else {}),
        figures=found,
        patients=evaluation.patients,
        skipped=(*(Skipped(bad.patient, bad.reason) for bad in cases.bad), *evaluation.skipped),
        demographics={"not judged": demographics(cases.others), "judged": demographics(cases.judged)},
        contoured=contoured.result if contoured else None,
    )
    return Judgement(record, evaluation, contoured)


def _headlines(study: ContouredStudy) -> dict[str, float]:
    return {
        "other_scanner_dice_lv": round(study.lv_dice, 4),
        "other_scanner_dice_lv_worst": round(study.worst.lv_dice, 4),
    }
