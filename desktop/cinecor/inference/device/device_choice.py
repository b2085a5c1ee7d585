"""Which device runs which variant of a model: every one that could is tried, the fastest with the same masks is kept.

What "the same masks" means: on the probe's frames each structure overlaps that of the fp32 graph on the CPU with a Dice
of at least `SAME_MASKS`. See docs/decisions/020-device-choice.md.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np

from cinecor.errors import ModelRefused
from cinecor.inference.device.choice_record import ChoiceRecord, Circumstances
from cinecor.inference.device.chosen_device import SAME_MASKS, DeviceChoice, Trial
from cinecor.inference.device.onnx_runtime import CPU, CUDA, DeviceUnavailable, Engine, GraphRunner
from cinecor.inference.device.probe import Probe, probe
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.segmentation import Label
from cinecor.inference.package.contract import ModelContract
from cinecor.inference.package.manifest import Precision
from cinecor.inference.package.model_file import ModelFile
from cinecor.message import Message

Device = Literal["auto", "cpu", "cuda"]
BUDGET_S: Final = 0.1
"""How long repeated timing may take, beside starting the sessions and two runs of each."""

_MOST_ROUNDS = 7
_LOAD_FRAMES = 8  # as in a phase of a study: the CPU works on batches side by side, a card on one that is well filled
# int8 has no CUDA kernels worth having, fp16 none on the CPU: those pairs would only cost the time to find out.
_WORTH_TRYING: Final[dict[str, tuple[Precision, ...]]] = {CUDA: ("fp16", "fp32"), CPU: ("int8", "fp32")}


@dataclass(frozen=True, slots=True, eq=False)
class StartedGraph:
    """A graph that runs, and its contract."""

    runner: GraphRunner
    contract: ModelContract


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A choice with the running graph, and why the device asked for does not run, if so."""

    choice: DeviceChoice
    graph: StartedGraph
    fallback: Message | None


@dataclass(slots=True, eq=False)
class _Contestant:
    """One provider with one variant while it is tried."""

    trial: Trial
    graph: StartedGraph
    times_ms: list[float] = field(default_factory=list)  # per frame

    def run(self, load: Probe) -> FrameLabels:
        """Label the frames and keep the time. Raises `DeviceUnavailable` when the device fails."""
        started = time.perf_counter()
        labelled = self.graph.runner.run(load.frames, to_rows=load.to_rows, to_columns=load.to_columns)
        self.times_ms.append((time.perf_counter() - started) * 1000 / len(load.frames))
        return labelled


def choose_device(
    model: ModelFile,
    *,
    device: Device,
    engine: Engine,
    record: ChoiceRecord,
    precision: Precision | None = None,
    afresh: bool = False,
) -> Chosen:
    """Return the fastest provider and variant that make the reference's masks, started.

    An earlier choice under the same circumstances is taken over unless `afresh`; `precision` leaves one variant only.
    Raises `ModelRefused` when the graph cannot run on the CPU either.
    """
    obstacle = None if device == "cpu" else engine.obstacle(CUDA)
    providers = (CPU,) if device == "cpu" or obstacle else (CUDA, CPU)
    variants = {provider: (precision,) if precision else _worth_trying(provider, model) for provider in providers}
    pairs = [(provider, variant) for provider in providers for variant in variants[provider]]
    if len(pairs) == 1:
        provider, variant = pairs[0]
        graph = _started(model, provider, variant, engine)
        only = DeviceChoice(provider, variant, asked_for=precision is not None)
        return _chosen(only, graph, device=device, obstacle=obstacle)

    circumstances = Circumstances(
        model_sha256=model.sha256,
        device=device if CUDA in providers else "cpu",
        precision=precision,
        hardware=engine.hardware,
        onnx_runtime=engine.version,
        providers=providers,
    )
    choice = None if afresh else record.read(circumstances)
    if choice is not None and device == "cuda" and choice.provider != CUDA:
        choice = None  # what kept CUDA from running may be gone
    if choice is not None and (choice.provider, choice.precision) in pairs:
        try:
            graph = _started(model, choice.provider, choice.precision, engine)
            return _chosen(choice, graph, device=device, obstacle=obstacle)
        except DeviceUnavailable:
            pass  # the driver or a library is gone since: find out what runs now
    choice, graph = _measured(model, pairs, device=device, engine=engine)
    if not any(trial.failure for trial in choice.trials):
        record.write(circumstances, choice)
    return _chosen(choice, graph, device=device, obstacle=obstacle)


def _chosen(choice: DeviceChoice, graph: StartedGraph, *, device: Device, obstacle: Message | None) -> Chosen:
    choice = replace(choice, obstacle=obstacle)
    return Chosen(choice, graph, choice.fallback() if device == "cuda" and choice.provider != CUDA else None)


def _worth_trying(provider: str, model: ModelFile) -> tuple[Precision, ...]:
    fitting = tuple(precision for precision in _WORTH_TRYING[provider] if precision in model.precisions)
    return fitting or model.precisions[:1]


def _started(model: ModelFile, provider: str, precision: Precision, engine: Engine) -> StartedGraph:
    graph = model.checked(precision)
    runner = engine.start(graph.content, provider=provider, contract=graph.contract.input, name=model.name)
    return StartedGraph(runner, graph.contract)


def _measured(
    model: ModelFile, pairs: list[tuple[str, Precision]], *, device: Device, engine: Engine
) -> tuple[DeviceChoice, StartedGraph]:
    """Try every pair; the reference (the model's first variant on the CPU) agrees with itself."""
    reference = model.precisions[0]
    judge = _Contestant(Trial(CPU, reference, least_dice=1.0), _started(model, CPU, reference, engine))
    load = _like_a_phase(probe(judge.graph.contract.input))
    truth = judge.run(load)

    contestants: list[_Contestant] = []
    refused: list[Trial] = []
    for provider, precision in pairs:
        trial = Trial(provider, precision)
        if (provider, precision) == (CPU, reference):
            contestants.append(judge)
            continue
        try:
            contestant = _Contestant(trial, _started(model, provider, precision, engine))
        except DeviceUnavailable as error:
            refused.append(replace(trial, failure=Message("not_started", "does not run: {why}", why=error.reason)))
            continue
        try:
            dice = _least_dice(contestant.run(load), truth)
        except DeviceUnavailable as error:
            refused.append(replace(trial, failure=_stopped(error)))
            continue
        contestant.trial = replace(trial, least_dice=dice)
        if dice < SAME_MASKS:
            refused.append(contestant.trial)
        else:
            contestants.append(contestant)
    if not contestants:  # the reference itself is no pair only when the model has no variant for the CPU
        raise ModelRefused(
            Message(
                "no_variant_agrees",
                "{name}: no variant gives the masks of {reference} on the CPU; export it again.",
                name=model.name,
                reference=reference,
            )
        )

    refused += _timed(contestants, load)
    timed = [contestant.trial for contestant in contestants if contestant.trial.ms_per_frame is not None]
    if device == "cuda" and any(trial.provider == CUDA for trial in timed):
        timed = [trial for trial in timed if trial.provider == CUDA]  # the user decided; the variant is ours
    best = min(timed, key=lambda trial: trial.ms_per_frame or 0.0)
    winner = next(contestant for contestant in contestants if contestant.trial is best)
    others = [trial for trial in timed if trial is not best] + refused
    return DeviceChoice(best.provider, best.precision, (best, *others)), winner.graph


def _like_a_phase(frames: Probe) -> Probe:
    return replace(frames, frames=np.resize(frames.frames, (_LOAD_FRAMES, *frames.frames.shape[1:])))


def _timed(contestants: list[_Contestant], load: Probe) -> list[Trial]:
    """Time contestants in turn, so that what else the machine does hits all alike; give those that failed.

    The shortest run counts, the first one included: what else the machine does can only lengthen one.
    """
    failed: list[Trial] = []
    for contestant in _turns(contestants):
        try:
            contestant.run(load)
        except DeviceUnavailable as error:
            failed.append(replace(contestant.trial, failure=_stopped(error)))
            contestants.remove(contestant)
    for contestant in contestants:
        contestant.trial = replace(contestant.trial, ms_per_frame=round(min(contestant.times_ms), 3))
    return failed


def _stopped(error: DeviceUnavailable) -> Message:
    return Message("device_stopped", "stopped: {why}", why=error.reason)


def _turns(contestants: list[_Contestant]) -> Iterator[_Contestant]:
    """Yield each contestant once, then again in rounds while the time budget lasts."""
    started = time.perf_counter()
    for _ in range(_MOST_ROUNDS):
        if len(contestants) == 1:
            return
        yield from tuple(contestants)
        if time.perf_counter() - started > BUDGET_S:
            return


def _least_dice(ours: FrameLabels, reference: FrameLabels) -> float:
    """Return the smallest Dice of the three structures over all frames; a structure that neither sees agrees."""
    values = []
    for label in (Label.RV, Label.MYO, Label.LV):
        a, b = ours.labels == label, reference.labels == label
        total = np.count_nonzero(a) + np.count_nonzero(b)
        values.append(2 * np.count_nonzero(a & b) / total if total else 1.0)
    return float(min(values))
