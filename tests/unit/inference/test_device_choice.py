"""Rules of the choice of device: measured, only with the same masks, kept, never silent, alive after a failure."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from cinecor.app.session import open_session
from cinecor.errors import ModelRefused
from cinecor.inference.device.choice_record import ChoiceRecord
from cinecor.inference.device.hardware import Hardware, this_hardware
from cinecor.inference.device.model_session import ModelSession, open_model
from cinecor.inference.device.onnx_runtime import CPU, CUDA, DeviceUnavailable, GraphRunner, OnnxRunner, OnnxRuntime
from cinecor.inference.device.probe import probe
from cinecor.inference.outline.frame_model import FrameLabels
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.package.contract import InputContract
from cinecor.message import Message
from cinecor.study import CineStack
from cinecor_phantom import Acquisition, make_phantom

Make = Callable[..., Path]
Pair = tuple[str, str]
_RUN_S, _WAIT_S = 0.01, 0.1


class StagedTime:
    """The clock of the choice: it goes on by what a run is said to take, whatever else the machine does."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def perf_counter(self) -> float:
        return self.now_s

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds


STAGED_TIME = StagedTime()


@pytest.fixture(autouse=True)
def _staged_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecor.inference.device.device_choice.time", STAGED_TIME)


class Stage(OnnxRuntime):
    """ONNX Runtime with a CUDA provider that is really the CPU, so that slowness and failures can be brought about."""

    def __init__(
        self,
        *,
        slow: tuple[Pair, ...] = (),
        held_up_at_first: Pair | None = None,
        fails_at_start: bool = False,
        fails_after: int | None = None,
    ) -> None:
        self.started: list[Pair] = []
        self.ran: list[tuple[Pair, int]] = []  # with how many frames
        self._held_up_at_first = held_up_at_first
        self._slow = slow
        self._fails_at_start = fails_at_start
        self._fails_after = fails_after

    def obstacle(self, provider: str) -> Message | None:
        return None if provider in (CPU, CUDA) else "not staged"

    def start(self, content: bytes, *, provider: str, contract: InputContract, name: str) -> GraphRunner:
        precision = next(kind for kind in ("fp16", "int8", "fp32") if f'"precision":"{kind}"'.encode() in content)
        self.started.append((provider, precision))
        runner = super().start(content, provider=CPU, contract=contract, name=name)
        if provider == CUDA and self._fails_at_start:
            raise DeviceUnavailable(Message("no_usable_gpu", "no usable GPU was found"))
        wait_s = _WAIT_S if (provider, precision) in self._slow else 0.0
        actor = _Actor(runner, provider, wait_s, self._fails_after if provider == CUDA else None)
        actor.before_run = lambda frames: self._note((provider, precision), frames)
        return actor

    def _note(self, pair: Pair, frames: int) -> None:
        if pair == self._held_up_at_first and pair not in [ran for ran, _ in self.ran]:
            STAGED_TIME.pass_by(3 * _WAIT_S)
        self.ran.append((pair, frames))


class _Actor:
    def __init__(self, runner: GraphRunner, provider: str, wait_s: float, fails_after: int | None) -> None:
        self.provider = provider
        self._runner = runner
        self._wait_s = wait_s
        self._left = fails_after
        self.before_run: Callable[[int], None] = lambda _: None

    def run(self, frames: np.ndarray, **matrices: np.ndarray) -> FrameLabels:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise DeviceUnavailable(Message("runtime_said", "CUDA failure 2: out of memory"))
        self.before_run(len(frames))
        STAGED_TIME.pass_by(_RUN_S + self._wait_s)
        return self._runner.run(frames, **matrices)


FP32_SLOW = ((CPU, "fp32"),)
INT8_SLOW = ((CPU, "int8"),)
CPU_SLOW = FP32_SLOW + INT8_SLOW


@pytest.fixture
def record(tmp_path: Path) -> ChoiceRecord:
    return ChoiceRecord(tmp_path / "devices")


def _precision(session: ModelSession) -> tuple[str, str]:
    return session.provider_used, session.identity.precision


def test_that_the_fastest_variant_with_the_same_masks_is_kept(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    quick = open_model(path, device="cpu", engine=Stage(slow=FP32_SLOW), record=record)
    assert _precision(quick) == (CPU, "int8")
    session = open_model(path, device="cpu", engine=Stage(slow=INT8_SLOW), record=record, afresh=True)
    assert _precision(session) == (CPU, "fp32")
    assert session.device_reason.code == "measured_fastest_of"
    assert session.device_reason.values["precision"] == "fp32"
    assert [told.values["precision"] for told in session.device_reason.values["others"]] == ["int8"]


def test_that_variants_are_timed_on_a_load_like_a_phase_and_more_than_once(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    engine = Stage(slow=FP32_SLOW)
    open_model(make_package(tmp_path / "m.cinecor", int8={}), device="cpu", engine=engine, record=record)
    for pair in engine.started:
        sizes = [frames for ran, frames in engine.ran if ran == pair]
        assert len(sizes) >= 2
        assert all(8 <= size <= 12 for size in sizes)


def test_that_one_run_held_up_by_other_work_does_not_decide(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    engine = Stage(slow=FP32_SLOW, held_up_at_first=(CPU, "int8"))
    assert _precision(open_model(path, device="cpu", engine=engine, record=record)) == (CPU, "int8")


def test_that_a_faster_variant_with_other_masks_is_refused(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    wrong = make_package(tmp_path / "wrong.cinecor", int8={"moved": 8.0})
    session = open_model(wrong, device="cpu", engine=Stage(slow=FP32_SLOW), record=record)
    assert _precision(session) == (CPU, "fp32")
    refused = session.choice.trials[1].refused
    assert refused is not None
    assert refused.code == "other_masks"
    assert f"int8 on CPU ({refused})" in str(session.device_reason)


def test_that_a_damaged_variant_refuses_the_model(make_package: Make, tmp_path: Path, record: ChoiceRecord) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    content = bytearray(path.read_bytes())
    content[content.index(b'"precision":"int8"') - 200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelRefused, match="damaged"):
        open_model(path, device="cpu", record=record)


def test_that_a_choice_is_measured_once(make_package: Make, tmp_path: Path, record: ChoiceRecord) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    first, second = Stage(slow=FP32_SLOW), Stage(slow=FP32_SLOW)
    chosen = open_model(path, device="cpu", engine=first, record=record)
    again = open_model(path, device="cpu", engine=second, record=record)
    assert first.started == [(CPU, "fp32"), (CPU, "int8")]
    assert second.started == [(CPU, "int8")]  # no session is opened that is not used
    assert again.device_reason == chosen.device_reason
    open_model(path, device="cpu", engine=second, record=record, afresh=True)
    assert len(second.started) == 3


@pytest.mark.parametrize("changed", ["model", "hardware", "version", "device", "precision"])
def test_that_a_choice_holds_only_for_what_it_was_measured_on(
    make_package: Make, tmp_path: Path, record: ChoiceRecord, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    open_model(path, device="cpu", engine=Stage(), record=record)
    engine = Stage()
    if changed == "model":
        path = make_package(tmp_path / "m.cinecor", int8={}, version="2")
    elif changed == "hardware":
        engine.hardware = replace(engine.hardware, cores=engine.hardware.cores + 1)
    elif changed == "version":
        monkeypatch.setattr(Stage, "version", "99")
    device = "auto" if changed in ("device", "precision") else "cpu"
    precision = "fp32" if changed == "precision" else None
    open_model(path, device=device, precision=precision, engine=engine, record=record)
    assert len(engine.started) > 1


def test_that_one_variant_can_be_asked_for(make_package: Make, tmp_path: Path, record: ChoiceRecord) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={"moved": 8.0})
    session = open_model(path, device="cpu", precision="int8", record=record)
    assert _precision(session) == (CPU, "int8")
    assert session.device_reason.code == "variant_asked_for"
    with pytest.raises(ModelRefused, match="has no fp16 graph"):
        open_model(path, device="cpu", precision="fp16", record=record)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"choice": {"provider": "CPU"}}'])
def test_that_a_damaged_record_is_measured_again(
    make_package: Make, tmp_path: Path, record: ChoiceRecord, content: bytes
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={})
    open_model(path, device="cpu", record=record)
    kept = next((tmp_path / "devices").iterdir())
    kept.write_bytes(content)
    open_model(path, device="cpu", record=record)
    assert json.loads(kept.read_bytes())["choice"]["provider"] == CPU


def test_that_a_record_that_cannot_be_kept_stops_nothing(make_package: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = make_package(tmp_path / "m.cinecor", int8={})
    assert open_model(path, device="cpu", record=ChoiceRecord(tmp_path / "file" / "devices")).fallback is None


def test_that_one_variant_on_one_device_is_not_measured(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    session = open_model(make_package(tmp_path / "m.cinecor"), device="cpu", record=record)
    assert session.device_reason.code == "only_variant"
    assert not (tmp_path / "devices").exists()


def test_that_the_card_runs_fp16_and_the_processor_int8(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={}, fp16={})
    engine = Stage(slow=(*CPU_SLOW, (CUDA, "fp32")))
    session = open_model(path, device="auto", engine=engine, record=record)
    assert _precision(session) == (CUDA, "fp16")
    assert set(engine.started) == {(CPU, "fp32"), (CPU, "int8"), (CUDA, "fp16"), (CUDA, "fp32")}


def test_that_a_slower_card_is_used_only_when_asked_for(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={}, fp16={})
    slow = (*FP32_SLOW, (CUDA, "fp16"), (CUDA, "fp32"))
    assert _precision(open_model(path, device="auto", engine=Stage(slow=slow), record=record)) == (CPU, "int8")
    session = open_model(path, device="cuda", engine=Stage(slow=slow), record=record)
    assert session.provider_used == CUDA
    assert session.fallback is None


def test_that_a_card_that_does_not_start_is_said(make_package: Make, tmp_path: Path, record: ChoiceRecord) -> None:
    path = make_package(tmp_path / "m.cinecor", fp16={})
    session = open_model(path, device="cuda", engine=Stage(fails_at_start=True), record=record)
    assert session.provider_used == CPU
    assert session.fallback is not None
    assert session.fallback.code == "cuda_does_not_run"
    assert "no usable GPU was found" in str(session.fallback)
    # The driver came back: what was kept does not hold a user who asks for CUDA.
    assert open_model(path, device="cuda", engine=Stage(), record=record).provider_used == CUDA


@pytest.mark.parametrize("failing", [{"fails_at_start": True}, {"fails_after": 0}, {"fails_after": 1}])
def test_that_a_busy_or_full_card_is_tried_again_next_time(
    make_package: Make, tmp_path: Path, record: ChoiceRecord, failing: dict[str, Any]
) -> None:
    path = make_package(tmp_path / "m.cinecor", fp16={})
    full = open_model(path, device="auto", engine=Stage(**failing), record=record)
    assert full.provider_used == CPU
    engine = Stage(slow=CPU_SLOW)
    assert open_model(path, device="auto", engine=engine, record=record).provider_used == CUDA


@pytest.mark.slow
def test_that_a_card_lost_in_mid_study_is_replaced_by_the_processor_and_told(
    make_package: Make, tmp_path: Path, record: ChoiceRecord
) -> None:
    path = make_package(tmp_path / "m.cinecor", int8={}, fp16={})
    whole = Stage(slow=CPU_SLOW)
    open_model(path, device="cuda", engine=whole, record=record)  # the choice is kept: the next engine runs study only
    phantom = make_phantom(acquisition=Acquisition(phases=2, rows=72, columns=72, pixel_spacing_mm=3.0))
    stack = CineStack(phantom.pixels.astype(np.float32), phantom.geometry, None, None, None, ())
    expected = segment(stack, open_model(path, device="cpu", record=record))

    failing = Stage(fails_after=2)
    session = open_model(path, device="cuda", engine=failing, record=record)
    assert session.provider_used == CUDA
    found = segment(stack, session)
    assert np.array_equal(found.labels, expected.labels)
    assert found.runtime.provider_requested == "cuda"
    assert found.runtime.provider_used == CPU
    assert found.runtime.fallback is not None
    assert found.runtime.fallback.code == "device_lost"
    assert "out of memory" in str(found.runtime.fallback)
    assert found.runtime.fallback in found.notes
    assert found.model.precision in ("int8", "fp32")
    assert [provider for provider, _ in failing.started].count(CUDA) == 1  # rebuilt once, on the processor


def test_that_the_probe_is_the_phantom_as_a_study_shows_it() -> None:
    contract = InputContract(spacing_mm=1.25, size_px=160, neighbours=1)
    frames = probe(contract)
    assert frames.frames.shape == (6, 3, 160, 160)
    assert frames.to_rows.shape == (144, 160)
    assert frames.frames[:, 1].std(axis=(1, 2)).min() > 10


def test_that_buffers_kept_on_a_device_give_the_same_labels(make_graph: Callable[..., Any]) -> None:
    """The path of CUDA's buffers, with the processor as the device: batches of any size, grids that change."""
    graph = ort.InferenceSession(make_graph().SerializeToString(), providers=[CPU])
    plain, bound = OnnxRunner(graph, CPU, device=None), OnnxRunner(graph, CPU, device="cpu")
    random = np.random.default_rng(3)
    for count, rows in ((5, 20), (37, 20), (16, 33)):
        frames = random.uniform(0, 255, (count, 3, 64, 64)).astype(np.float32)
        to_rows, to_columns = (random.dirichlet(np.ones(64), size).astype(np.float32) for size in (rows, 41))
        one = plain.run(frames, to_rows=to_rows, to_columns=to_columns)
        other = bound.run(frames, to_rows=to_rows, to_columns=to_columns)
        assert np.array_equal(one.labels, other.labels)
        assert np.array_equal(one.confidence, other.confidence)


def test_that_a_provider_that_is_not_there_is_named_and_never_run_silently(make_graph: Callable[..., Any]) -> None:
    engine = OnnxRuntime()
    if engine.obstacle(CUDA) is None:
        pytest.skip("this ONNX Runtime is a CUDA build")
    assert engine.obstacle(CUDA) == Message("no_cuda_build", "this installation holds no CUDA build of ONNX Runtime")
    contract = InputContract(spacing_mm=3.0, size_px=64, neighbours=1)
    with pytest.raises(DeviceUnavailable):
        engine.start(make_graph().SerializeToString(), provider=CUDA, contract=contract, name="m")


def test_that_a_cuda_build_without_a_card_measures_once(
    make_package: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(ort, "preload_dlls", lambda: None)
    monkeypatch.setattr("cinecor.inference.device.onnx_runtime.cuda_card_count", lambda: 0)
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    path = make_package(tmp_path / "m.cinecor", int8={})
    first = open_model(path, device="cuda")
    assert first.fallback is not None
    assert first.fallback.values["why"].code == "no_card"
    kept = list((tmp_path / "home").rglob("*.json"))
    assert len(kept) == 1
    assert open_model(path, device="auto").choice.trials == first.choice.trials  # to the digit: read, not measured


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to count threads")
@pytest.mark.parametrize("cores", [1, 2, 3, 4, 5, 6, 7, 8])
def test_that_every_core_has_one_thread(
    make_graph: Callable[..., Any], cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cinecor.inference.device.onnx_runtime.usable_cores", lambda: cores)
    contract = InputContract(spacing_mm=3.0, size_px=64, neighbours=1)
    engine = OnnxRuntime()
    engine.obstacle(CPU)  # the library is loaded
    before = len(list(Path("/proc/self/task").iterdir()))
    runner = engine.start(make_graph().SerializeToString(), provider=CPU, contract=contract, name="m")
    of_session = len(list(Path("/proc/self/task").iterdir())) - before
    assert isinstance(runner, OnnxRunner)
    assert runner.calls + of_session == cores


def test_that_the_hardware_is_described() -> None:
    hardware = this_hardware(with_graphics=True)
    assert isinstance(hardware, Hardware)
    assert hardware.processor
    assert 0 <= hardware.cores <= (os.cpu_count() or 1)


def _needs_gpu() -> None:
    if CUDA not in ort.get_available_providers():
        pytest.skip("needs onnxruntime-gpu; this ONNX Runtime is a CPU build")
    if not this_hardware(with_graphics=True).graphics:
        pytest.skip("needs an NVIDIA card; the driver shows none")


def test_that_cuda_gives_the_masks_of_the_processor() -> None:
    _needs_gpu()
    session = open_session(device="cuda", afresh=True)
    assert session.provider_used == CUDA, session.fallback
    ours = probe(session.input_contract)
    matrices = {"to_rows": ours.to_rows, "to_columns": ours.to_columns}
    on_card = session.outline(ours.frames, **matrices)
    on_processor = open_session(device="cpu").outline(ours.frames, **matrices)
    assert np.mean(on_card.labels == on_processor.labels) > 0.995
