"""Ten minutes on one GPU: train, evaluate, export, and prove the CUDA provider, into one folder.

usage: python training/gpu_run.py --data FOLDER --out FOLDER [--minutes 10] [--recipe FILE.json] [--work FOLDER]

DATA holds the data sets (`acdc/training`, and where they lie beside it `kaggle`, `sunnybrook-frames`, `myops`,
`sunnybrook`), or an `unpack.py` and the archives it unpacks: ACDC and two hundred Kaggle patients are below 64 MiB
with this repository. Frames and labels go onto the GPU and are augmented there. The number of steps is what fits: a few
are timed first, and a share of the minutes is kept for the rest. It runs on the CPU too, which then is the device.

OUT gets eight files, none with a patient's image: the package, the weights, what other conventions add to them, the
recipe, the split, the curve of the training, the evaluation and gpu.json (device, pace, CUDA's gates and times).
Needs the extras `train` and `export`; neither MONAI nor a network.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from cinecor.errors import CinecorError
from cinecor.inference.device.model_session import open_model
from cinecor.inference.device.onnx_runtime import CUDA
from cinecor.inference.package.manifest import Gate, Precision
from cinecor_export.calibration import calibration_frames
from cinecor_export.export import Request, Terms, export_package
from cinecor_export.export_data import export_data
from cinecor_export.gates import failed, variant_gates
from cinecor_export.public_data import licences, origins
from cinecor_export.variants import PackageEvaluation, frame_times_ms
from cinecor_training.config import TrainingConfig
from cinecor_training.data.canvas import Canvas
from cinecor_training.data.run_data import RunData, find_data, prepare
from cinecor_training.data.settings import FolderSettings, open_sources
from cinecor_training.evaluation.evaluation import evaluate
from cinecor_training.evaluation.report_folder import Request as ReportRequest
from cinecor_training.evaluation.report_folder import write_report
from cinecor_training.evaluation.segmenter import PipelineSegmenter
from cinecor_training.loop import train
from cinecor_training.run_folder import RunFolder

_PILOT_STEPS: Final = 30  # timed before the number of steps is chosen; the first few are slower and do not count
_KEPT: Final = 0.35  # of all minutes, for evaluation, export and CUDA
_LEAST_STEPS: Final = 2
_SHARES: Final = {"acdc": 0.5, "kaggle": 0.3125, "sunnybrook-frames": 0.125, "myops": 0.0625}
_FIRST: Final = "acdc"  # whose convention ships
_CUDA_PRECISIONS: Final[tuple[Precision, ...]] = ("fp16", "fp32")
_PICTURES: Final = 4  # calls of the network that are timed


@dataclass(slots=True)
class GpuReport:
    """What gpu.json says."""

    device: str
    minutes: float
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    steps: int = 0
    frames_per_second: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    refused: str | None = None  # why there is no package
    cuda: dict[str, Any] = field(default_factory=dict)  # by precision: what ran, its gates, ms a frame

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")


class _Stages:
    """Times each stage, and tells what is left of the minutes."""

    def __init__(self, report: GpuReport) -> None:
        self._report = report
        self._begun = self._last = time.monotonic()

    def done(self, stage: str) -> None:
        now = time.monotonic()
        self._report.seconds[stage] = round(now - self._last, 1)
        self._last = now
        sys.stderr.write(f"{now - self._begun:6.1f} s  {stage}\n")

    @property
    def left_s(self) -> float:
        return self._report.minutes * 60 - (time.monotonic() - self._begun)


def gpu_run(data: Path, *, out: Path, work: Path, minutes: float, settings: dict[str, Any]) -> GpuReport:
    """Train, evaluate, export and prove; return what gpu.json in `out` says.

    `settings` are those of the recipe that differ from `recipe`. The package is missing from `out`, with the reason in
    the report, when a gate refuses it.
    """
    out.mkdir(parents=True, exist_ok=True)
    cuda = torch.cuda.is_available()
    report = GpuReport(torch.cuda.get_device_name() if cuda else "CPU", minutes)
    stages = _Stages(report)
    folder = _unpacked(data, work)
    config = recipe(folder, settings)
    frames = prepare(
        find_data(open_sources(config.data)),
        split=config.split,
        canvas=Canvas(config.spacing_mm, config.canvas_px),
        folder=work / "store",
    )
    stages.done("frames prepared")
    pace_s = _pace_s(config, frames, work / "pilot")
    report.steps = max(_LEAST_STEPS, int((stages.left_s - _KEPT * minutes * 60) / pace_s))
    report.frames_per_second = round(config.batch / pace_s, 1)
    stages.done(f"{report.steps} steps chosen")
    config = config.model_copy(
        update={
            "steps": report.steps,
            "evaluate_every": report.steps,
            "checkpoint_every": report.steps,
            "warmup_steps": max(1, min(config.warmup_steps, report.steps // 10)),
        }
    )
    run = RunFolder(work / "run")
    run.claim(config)
    run.keep_split(frames.split)
    train(config, training=frames.training, validation=frames.validation, folder=run.path, listener=lambda _: None)
    for path in (run.weights, run.offsets, run.config, run.split, run.metrics):
        if path.is_file():
            shutil.copyfile(path, out / path.name)
    report.write(out / "gpu.json")  # what was trained is kept, whatever comes after
    stages.done("trained")
    record = write_report(_report_request(run, folder, config, work / "evaluation"), listener=lambda _: None)
    shutil.copyfile(work / "evaluation" / "evaluation.md", out / "evaluation.md")
    report.figures = record.summary
    report.write(out / "gpu.json")
    stages.done("evaluated")
    _prove(report, run=run, config=config, package=out / "cinecor-sax.cinecor", stages=stages)
    report.write(out / "gpu.json")
    return report


def recipe(folder: Path, settings: dict[str, Any]) -> TrainingConfig:
    """Return the recipe for the data sets that lie in `folder`: the student from chance, each by its convention."""
    places = {"acdc": folder / "acdc" / "training", **{name: folder / name for name in _SHARES if name != _FIRST}}
    there = [name for name in _SHARES if places[name].is_dir()]
    base = {
        "batch": 64,
        "learning_rate": 3e-3,
        "warmup_steps": 300,
        "shares": {name: _SHARES[name] for name in there},
        "conventions": [name for name in there if name != _FIRST],
        "data": [{"kind": name, "folder": places[name]} for name in there],
    }
    return TrainingConfig.model_validate({**base, **settings})


def _pace_s(config: TrainingConfig, frames: RunData, folder: Path) -> float:
    """Return how long a step takes here, from a run that is thrown away."""
    steps = _PILOT_STEPS
    pilot = config.model_copy(update={"steps": steps, "evaluate_every": 10 * steps, "checkpoint_every": 10 * steps})
    # Nobody judges the pilot: one frame is enough to end it.
    few = frames.validation.of(frames.validation.patients[:1])
    times: list[float] = []
    train(
        pilot,
        training=frames.training,
        validation=few,
        folder=folder,
        listener=lambda _: times.append(time.monotonic()),
    )
    shutil.rmtree(folder)
    later = times[steps // 3 : -1]
    return (later[-1] - later[0]) / (len(later) - 1)


def _report_request(run: RunFolder, folder: Path, config: TrainingConfig, out: Path) -> ReportRequest:
    first, *others = open_sources(config.data)
    contoured = folder / "sunnybrook"
    return ReportRequest(
        model=run.path,
        source=first.source,
        out=out,
        sunnybrook=contoured if contoured.is_dir() else None,
        also=tuple(used.source for used in others),
    )


def _prove(report: GpuReport, *, run: RunFolder, config: TrainingConfig, package: Path, stages: _Stages) -> None:
    """Export with every gate, then judge each of CUDA's variants on the same patients, and time it."""
    first = tuple(one for one in config.data if isinstance(one, FolderSettings) and one.kind == _FIRST)
    kinds = tuple(one.kind for one in config.data)
    terms = Terms(version="gpu", trained_on=origins(kinds), licence=licences(kinds))
    try:
        exported = export_package(
            Request(run=run.path, out=package, data=first, terms=terms),
            listener=lambda line: sys.stderr.write(f"          {line}\n"),
        )
    except CinecorError as error:
        report.refused = str(error)
        return
    stages.done("exported")
    parent = PackageEvaluation.model_validate_json(exported.package.part("evaluation.json"))
    data = export_data(run, first)
    for precision in _CUDA_PRECISIONS:
        session = open_model(package, device="cuda", precision=precision, afresh=True)
        own = evaluate(data.judged().judged, PipelineSegmenter(session), listener=lambda _: None).patients
        gates = variant_gates(precision, own=own, parent=parent.patients)
        sample = calibration_frames(data.training, session, count=_PICTURES)
        report.cuda[precision] = {
            "provider": session.provider_used,
            "on_cuda": session.provider_used == CUDA,
            "fallback": session.fallback,
            "reason": session.device_reason,
            "gates": [gate.model_dump() for gate in gates],
            "failed": [_sentence(gate) for gate in failed(gates)],
            "ms_per_frame": round(frame_times_ms({precision: session}, sample)[precision], 3),
        }
        stages.done(f"{precision} on {session.provider_used}")


def _sentence(gate: Gate) -> str:
    return f"{gate.name}: {gate.value:.4g} {gate.unit}, limit {gate.limit:.4g}"


def _unpacked(data: Path, work: Path) -> Path:
    """Return the folder that holds the data sets as their providers publish them; unpack them if needed."""
    if (data / "acdc" / "training").is_dir():
        return data
    unpacked = work / "data"
    if not unpacked.is_dir():
        subprocess.run([sys.executable, data / "unpack.py", unpacked, "--only", "acdc"], check=True)
        for name in ("kaggle", "sunnybrook-frames", "myops", "sunnybrook"):
            # An archive that was left at home is no reason to stop.
            subprocess.run([sys.executable, data / "unpack.py", unpacked, "--only", name], check=False)
    return unpacked


def main() -> int:
    """Run the script; return the exit code: 0 done, 1 bad input or a gate that refuses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--recipe", type=Path, help="JSON with settings of cinecor-train that differ")
    parser.add_argument("--work", type=Path, help="folder for frames and runs (default: one that is removed again)")
    options = parser.parse_args()
    settings = json.loads(options.recipe.read_text("utf-8")) if options.recipe else {}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            report = gpu_run(
                options.data,
                out=options.out,
                work=options.work or Path(scratch),
                minutes=options.minutes,
                settings=settings,
            )
        except (CinecorError, OSError) as error:
            sys.stderr.write(f"gpu_run: {error}\n")
            return 1
    sys.stdout.write(f"{options.out}: {report.steps} steps on {report.device}\n")
    problems = [report.refused] if report.refused else [line for one in report.cuda.values() for line in one["failed"]]
    sys.stderr.writelines(f"gpu_run: {problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
