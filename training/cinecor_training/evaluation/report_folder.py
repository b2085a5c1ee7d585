"""From a request to a folder with the report: what `cinecor-evaluate` does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cinecor.inference.device.model_session import Device
from cinecor_training.data.case import Source
from cinecor_training.data.split import Split
from cinecor_training.evaluation.judgement import JudgedCases, Judgement, judge, judged_cases
from cinecor_training.evaluation.kept_outlines import KeptOutlines
from cinecor_training.evaluation.outline_picture import (
    cine_picture,
    contoured_picture,
    failures_picture,
    worst_slices_picture,
)
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.peer import PeerSegmenter, open_peer
from cinecor_training.evaluation.picture import Picture
from cinecor_training.evaluation.plot import agreement_plots, curve_plot, dice_plot
from cinecor_training.evaluation.record import RECORD_NAME, EvaluationRecord
from cinecor_training.evaluation.report_page import MARKDOWN_NAME, PAGE_NAME, report_markdown, report_page
from cinecor_training.evaluation.segmenter import PipelineSegmenter, Segmenter
from cinecor_training.evaluation.source_judgement import judge_source
from cinecor_training.evaluation.source_result import MODEL_CONVENTION, OWN_CONVENTION, SourceResult
from cinecor_training.evaluation.trained_run import open_run, open_subject
from cinecor_training.evaluation.unlabelled_study import UnlabelledReading, read_unlabelled_study
from cinecor_training.run_folder import RunFolder

FAILURES_NAME = "failures.png"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be evaluated, on what, and where the report goes."""

    model: Path  # ONNX file or folder of a training run
    source: Source
    out: Path
    device: Device = "auto"
    patients: tuple[str, ...] = ()  # none: those that the split holds out
    split: Path | None = None  # none: the run's own where the model is a run, else the data set's rule
    sunnybrook: Path | None = None
    siemens: Path | None = None
    also: tuple[Source, ...] = ()  # further data sets, labelled in part; judged by the data sets' own rules
    peer: Path | None = None  # wheel of the peer, to be judged on the same (see `peer`)
    peer_outlines: Path | None = None  # folder for what the peer outlines; none: outlined each time


def write_report(
    request: Request, *, listener: Callable[[PatientResult], None], told: Callable[[str], None] = lambda _: None
) -> EvaluationRecord:
    """Evaluate, write the report's four files into `request.out`, and give the record.

    Files of an earlier evaluation there are replaced. Raises `CinecorError` when model or data cannot be used.
    """
    with _opened_peer(request.peer) as peer:
        return _report(request, peer, listener=listener, told=told)


def _report(
    request: Request,
    peer: PeerSegmenter | None,
    *,
    listener: Callable[[PatientResult], None],
    told: Callable[[str], None],
) -> EvaluationRecord:
    split_file = request.split or (RunFolder(request.model).split if request.model.is_dir() else None)
    split = Split.from_file(split_file) if split_file and (request.split or split_file.is_file()) else None
    cases = judged_cases(request.source, patients=request.patients, split=split)
    model = open_subject(request.model, device=request.device)
    unlabelled = read_unlabelled_study(request.siemens, model) if request.siemens else None
    judgement = judge(
        PipelineSegmenter(model),
        cases=cases,
        identity=model.identity,
        provider_used=model.provider_used,
        sunnybrook=request.sunnybrook,
        listener=listener,
    )
    record = judgement.record.model_copy(
        update={
            "unlabelled": unlabelled.result if unlabelled else None,
            "sources": tuple(_sources(request, PipelineSegmenter(model), told)),
            "beside": _beside(peer, request, cases, told) if peer else None,
        }
    )
    request.out.mkdir(parents=True, exist_ok=True)
    record.write(request.out / RECORD_NAME)
    (request.out / MARKDOWN_NAME).write_text(report_markdown(record), encoding="utf-8")
    (request.out / FAILURES_NAME).write_bytes(failures_picture(judgement.evaluation.worst).png)
    page = report_page(record, tuple(_pictures(judgement, unlabelled)))
    (request.out / PAGE_NAME).write_text(page, encoding="utf-8")
    return record


def _sources(request: Request, segmenter: Segmenter, told: Callable[[str], None]) -> Iterator[SourceResult]:
    """Judge every further data set, a second time by its readers' convention where the model is a run that knows it."""
    learnt = RunFolder(request.model).read_config().conventions if request.model.is_dir() else ()
    for source in request.also:
        yield judge_source(source, segmenter, convention=MODEL_CONVENTION, listener=told)
        if source.name in learnt:
            own = open_run(request.model, device=request.device, convention=source.name)
            yield judge_source(source, PipelineSegmenter(own), convention=OWN_CONVENTION, listener=told)


@contextmanager
def _opened_peer(wheel: Path | None) -> Iterator[PeerSegmenter | None]:
    if wheel is None:
        yield None
        return
    with TemporaryDirectory() as folder:
        yield open_peer(wheel, folder=Path(folder))


def _beside(peer: PeerSegmenter, request: Request, cases: JudgedCases, told: Callable[[str], None]) -> EvaluationRecord:
    """Judge the peer on the same patients and data sets, by the same code; kept outlines tell no time."""
    kept = request.peer_outlines
    segmenter = peer if kept is None else KeptOutlines(peer, peer.identity.sha256, kept)
    record = judge(
        segmenter,
        cases=cases,
        identity=peer.identity,
        provider_used="CPUExecutionProvider",
        sunnybrook=request.sunnybrook,
        listener=lambda patient: told(f"{peer.identity.id} {patient.patient}"),
    ).record
    sources = [judge_source(one, segmenter, convention=MODEL_CONVENTION, listener=told) for one in request.also]
    patients = record.patients if kept is None else tuple(replace(one, seconds=0.0) for one in record.patients)
    return record.model_copy(update={"sources": tuple(sources), "patients": patients})


def _pictures(judgement: Judgement, unlabelled: UnlabelledReading | None) -> Iterator[Picture]:
    patients = judgement.evaluation.patients
    yield dice_plot(patients)
    yield from agreement_plots(patients, judgement.record.figures)
    if judgement.evaluation.worst:
        yield worst_slices_picture(judgement.evaluation.worst)
    if judgement.contoured:
        yield contoured_picture(judgement.contoured)
    if unlabelled:
        yield curve_plot(unlabelled.result)
        yield cine_picture(unlabelled)
