"""From a training run to a package that passed every gate: what `export-onnx` does."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from cinecor.inference.outline.segmentation import ModelIdentity
from cinecor.inference.package.contract import (
    CONTRACT_VERSION,
    EXPECTED_LABELS,
    InputContract,
    ModelContract,
    TrainingRecord,
)
from cinecor.inference.package.manifest import Gate, Precision
from cinecor.inference.package.model_package import ModelPackage, write_package
from cinecor.inference.package.reliability import Reliability
from cinecor_export.calibration import CALIBRATION_SLICES, calibration_frames
from cinecor_export.card import model_card
from cinecor_export.export_data import ExportData, export_data
from cinecor_export.fp16_graph import fp16_graph
from cinecor_export.fp32_graph import fp32_graph
from cinecor_export.gates import Arithmetic, interval_gates, require, size_gate, variant_gates
from cinecor_export.graph_session import GraphModel, open_graph
from cinecor_export.int8_graph import int8_graph
from cinecor_export.licence import consent_of, licence_of
from cinecor_export.parity import parity_gates
from cinecor_export.predecessor import Rivalry, compare_with
from cinecor_export.saturation import saturating_graph
from cinecor_export.sealing import sealed
from cinecor_export.side import judged_sides
from cinecor_export.variants import PackageEvaluation, Variant, frame_times_ms, text_table, variant, variant_table
from cinecor_training.data.settings import AnySettings
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.judgement import JudgedCases, judge
from cinecor_training.evaluation.patient_result import PatientResult
from cinecor_training.evaluation.record import EvaluationRecord
from cinecor_training.evaluation.segmenter import PipelineSegmenter
from cinecor_training.evaluation.unlabelled_study import read_unlabelled_study
from cinecor_training.loop import load_network
from cinecor_training.run_folder import RunFolder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_VARIANTS: Final[tuple[tuple[Precision, Arithmetic], ...]] = (
    ("fp32", "exact"),
    ("int8", "exact"),
    ("int8", "saturating"),
    ("fp16", "exact"),
)
Quantizer = Callable[[onnx.ModelProto, NDArray[np.float32]], onnx.ModelProto]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a model is called and what its weights come from; None: told by the run and its split."""

    id: str = "cinecor-sax"
    version: str = "1"
    trained_on: str | None = None
    licence: str | None = None
    patients: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be exported, judged on what, and where it goes."""

    run: Path
    out: Path
    terms: Terms = Terms()
    data: tuple[AnySettings, ...] = ()  # none: the data of the run's config
    predecessor: Path | None = None  # the model in use, which the new one must not fall behind
    allow_worse: bool = False
    signing_key: "Ed25519PrivateKey | None" = None
    sunnybrook: Path | None = None
    siemens: Path | None = None
    calibration_slices: int = CALIBRATION_SLICES
    without_int8: bool = False  # for a network that int8 gives other numbers: slower on a CPU, and right
    reliability: Reliability | None = None  # what `training/measure_doubt.py` found of the run


@dataclass(frozen=True, slots=True)
class Exported:
    """A written package, and what its gates found."""

    package: ModelPackage
    variants: tuple[Variant, ...]
    rivalry: Rivalry


@dataclass(frozen=True, slots=True, eq=False)
class _Passed:
    """Everything a package is written from."""

    contract: ModelContract  # of the fp32 graph
    contents: dict[Precision, bytes]
    record: EvaluationRecord
    variants: tuple[Variant, ...]
    gates: tuple[Gate, ...]
    rivalry: Rivalry
    sides: tuple[str, ...]  # how many judged on each, in words
    consent: str  # on what ground the site's own patients were learnt from; empty where there are none


def export_package(request: Request, *, listener: Callable[[str], None], quantizer: Quantizer = int8_graph) -> Exported:
    """Write the package, whole or not at all, and give what its gates found; `listener` hears of each stage.

    Raises `ExportRefused` with the figures when a gate is not passed, and other `CinecorError`s when run or data cannot
    be used.
    """
    network, config = load_network(request.run)
    data = export_data(RunFolder(request.run), request.data or config.data, learnt=config.data)
    cases = data.judged()
    taken_in = InputContract(spacing_mm=config.spacing_mm, size_px=config.size_px, neighbours=config.neighbours)
    licence = licence_of(request.terms.licence, config)
    contract = _contract(request.terms, taken_in, data, licence=licence, summary={})

    listener("fp32: exporting, comparing with PyTorch")
    program = fp32_graph(network, taken_in)
    draft = open_graph(sealed(program, contract))
    frames = calibration_frames(data.training, draft, count=request.calibration_slices)
    gates = [*parity_gates(network, draft, frames)]
    if request.reliability is not None:
        gates += interval_gates(request.reliability)
    require(gates, remedy="The exporter changed what the network computes (report it), or the interval does not hold.")

    heard = _counted(listener, stage="fp32", patients=len({case.patient for case in cases.judged}))
    record = _judged(draft, cases, request, heard)
    sides = tuple(judged_sides(data.sides, record.patients, record.skipped))
    for line in (*sides, *(f"not judged: {one.patient}: {one.reason}" for one in record.skipped)):
        listener(line)
    rivalry = _beside_the_one_in_use(request, data, record, listener)  # before time goes into variants of a worse model
    contract = _contract(request.terms, taken_in, data, licence=licence, summary=record.summary)
    # The very graph that was judged; only its contract now holds the figures.
    contents: dict[Precision, bytes] = {"fp32": sealed(program, contract)}
    parent = hashlib.sha256(contents["fp32"]).hexdigest()
    sessions: dict[Precision, GraphModel] = {"fp32": draft}
    results: dict[Precision, tuple[PatientResult, ...]] = {"fp32": record.patients}
    makers: dict[Precision, Callable[[], onnx.ModelProto]] = {"fp16": lambda: fp16_graph(program)}
    if not request.without_int8:
        makers = {"int8": lambda: quantizer(program, frames), **makers}
    graphs: dict[Precision, onnx.ModelProto] = {}
    for precision, make in makers.items():
        own = contract.model_copy(update={"precision": precision, "fp32_parent_sha256": parent})
        graphs[precision] = make()
        contents[precision] = sealed(graphs[precision], own)
        sessions[precision] = open_graph(contents[precision])
        heard = _counted(listener, stage=precision, patients=len(record.patients))
        results[precision] = evaluate(cases.judged, PipelineSegmenter(sessions[precision]), listener=heard).patients
        gates += variant_gates(precision, own=results[precision], parent=record.patients)
    saturated: tuple[PatientResult, ...] = ()
    if "int8" in graphs:
        heard = _counted(listener, stage="int8, saturating", patients=len(record.patients))
        own = contract.model_copy(update={"precision": "int8", "fp32_parent_sha256": parent})
        saturated = _saturating(graphs["int8"], own, cases, heard=heard) or results["int8"]
        gates += variant_gates("int8", own=saturated, parent=record.patients, arithmetic="saturating")
        gates.append(size_gate(contents["int8"]))

    times_ms = frame_times_ms(sessions, frames)
    variants = tuple(
        variant(
            precision,
            arithmetic=arithmetic,
            size_bytes=len(contents[precision]),
            patients=saturated if arithmetic == "saturating" else results[precision],
            parent=record.patients,
            ms_per_frame=None if arithmetic == "saturating" else times_ms[precision],
        )
        for precision, arithmetic in _VARIANTS
        if precision in contents
    )
    listener(text_table(variant_table(variants)).rstrip())
    require(
        gates,
        remedy="Calibrate on more slices by --calibration-slices, train longer, or leave int8 out by --without-int8 "
        "(slower on a CPU), and export again.",
    )

    consent = consent_of(config.data)
    passed = _Passed(contract, contents, record, variants, (*gates, *rivalry.gates), rivalry, sides, consent)
    return Exported(_written(request, passed), variants, rivalry)


def _beside_the_one_in_use(
    request: Request, data: ExportData, record: EvaluationRecord, listener: Callable[[str], None]
) -> Rivalry:
    """Judge the model in use on the same patients. Raises `ExportRefused` when the new one is worse on a side."""
    if request.predecessor is None:
        return Rivalry(absent="no model to compare with was named")
    heard = _counted(listener, stage="model in use", patients=len(record.patients))
    rivalry = compare_with(
        request.predecessor, record.patients, sides=data.sides, allow_worse=request.allow_worse, listener=heard
    )
    for line in rivalry.not_judged:
        listener(line)
    if not request.allow_worse:
        require(rivalry.gates, remedy="Export with --allow-worse if it shall replace that model all the same.")
    return rivalry


def _saturating(
    graph: onnx.ModelProto, contract: ModelContract, cases: JudgedCases, *, heard: Callable[[PatientResult], None]
) -> tuple[PatientResult, ...] | None:
    """Return what the graph finds where sums are cut off at 16 bit; None where none of its sums can reach that."""
    twin = saturating_graph(graph)
    if twin is graph:
        return None
    return evaluate(cases.judged, PipelineSegmenter(open_graph(sealed(twin, contract))), listener=heard).patients


def _written(request: Request, passed: _Passed) -> ModelPackage:
    contract, comparison = passed.contract, passed.rivalry.comparison
    sha256 = hashlib.sha256(passed.contents["fp32"]).hexdigest()
    judged = {name: getattr(passed.record, name) for name in EvaluationRecord.model_fields}
    judged["model"] = ModelIdentity(contract.id, contract.version, sha256, "fp32")
    evaluation = PackageEvaluation(**judged, variants=passed.variants)
    return write_package(
        request.out,
        id=contract.id,
        version=contract.version,
        graphs=passed.contents,
        created=datetime.now(UTC).date(),
        card=model_card(
            contract,
            evaluation,
            gates=passed.gates,
            rivalry=passed.rivalry,
            reliability=request.reliability,
            sides=passed.sides,
            consent=passed.consent,
        ),
        reliability=request.reliability,
        evaluation=evaluation.model_dump_json(indent=1) + "\n",
        gates=passed.gates,
        compared_with=comparison,
        allow_worse=comparison is not None and comparison.allowed_worse,
        signing_key=request.signing_key,
    )


def _judged(
    model: GraphModel, cases: JudgedCases, request: Request, heard: Callable[[PatientResult], None]
) -> EvaluationRecord:
    judgement = judge(
        PipelineSegmenter(model),
        cases=cases,
        identity=model.identity,
        provider_used=model.provider_used,
        sunnybrook=request.sunnybrook,
        listener=heard,
    )
    if request.siemens is None:
        return judgement.record
    return judgement.record.model_copy(update={"unlabelled": read_unlabelled_study(request.siemens, model).result})


def _contract(
    terms: Terms, taken_in: InputContract, data: ExportData, *, licence: str, summary: Mapping[str, float]
) -> ModelContract:
    return ModelContract(
        contract_version=CONTRACT_VERSION,
        id=terms.id,
        version=terms.version,
        precision="fp32",
        input=taken_in,
        labels=EXPECTED_LABELS,
        training=TrainingRecord(
            data=terms.trained_on or data.trained_on,
            licence=licence,
            patients=data.patients if terms.patients is None else terms.patients,
            figures=dict(summary),
        ),
    )


def _counted(listener: Callable[[str], None], *, stage: str, patients: int) -> Callable[[PatientResult], None]:
    """Return a listener for patients that says where the stage is, five times in all."""
    done = 0
    step = max(1, patients // 5)

    def heard(_: PatientResult) -> None:
        nonlocal done
        done += 1
        if done % step == 0:
            listener(f"{stage}: {done} of {patients} patients judged")

    return heard
