"""The model's process: it gives what the pipeline gives here, and its end, by whatever cause, is told."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cinecor.app.segment_process import SegmentProcess
from cinecor.app.segment_study import RunningOn, middle_slices
from cinecor.app.work import Operation, State
from cinecor.errors import Cancelled, CinecorError, ModelRefused, ModelStopped
from cinecor.inference.device.model_session import open_model
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.pipeline import segment
from cinecor.study import CineStack
from cinecor_phantom import Acquisition, make_phantom
from cinecor_resources import bundled_model

LONG_S = 120.0


@pytest.fixture
def process() -> Iterator[SegmentProcess]:
    own = SegmentProcess()
    yield own
    own.close()
    assert not multiprocessing.active_children()


@pytest.fixture(scope="module")
def stack() -> CineStack:
    phantom = make_phantom(
        acquisition=Acquisition(slices=8, phases=4, rows=96, columns=112, pixel_spacing_mm=2.4, slice_gap_mm=7.0)
    )
    return CineStack(phantom.pixels.astype(np.float32), phantom.geometry, None, None, None, ())


def _segment(process: SegmentProcess, stack: CineStack, told: list[object], model: Path | None = None) -> object:
    return process.segment(stack, model=model, device="cpu", on_part=told.append)


def test_that_it_gives_what_the_pipeline_gives_in_this_process(process: SegmentProcess, stack: CineStack) -> None:
    told: list[object] = []
    made = process.segment(stack, model=None, device="cpu", on_part=told.append)
    here = segment(stack, open_model(bundled_model(), device="cpu"))
    np.testing.assert_array_equal(made.labels, here.labels)
    np.testing.assert_allclose(made.confidence, here.confidence, atol=1e-6)
    assert not made.labels.flags.writeable
    assert (made.model, made.notes, made.doubts) == (here.model, here.notes, here.doubts)
    running, *frames = told
    assert isinstance(running, RunningOn)
    assert [(one.phase, one.final) for one in frames if isinstance(one, OutlinedFrames)] == [
        *((phase, False) for phase in (0, 1, 2, 3)),
        *((phase, True) for phase in (0, 1, 2, 3)),
    ]


def test_that_a_refused_model_is_told_as_here(process: SegmentProcess, stack: CineStack, tmp_path: Path) -> None:
    model = tmp_path / "no-model.cinecor"
    model.write_bytes(b"no model")
    with pytest.raises(ModelRefused, match="no-model") as there:
        _segment(process, stack, [], model)
    with pytest.raises(ModelRefused) as here:
        open_model(model, device="cpu")
    assert str(there.value) == str(here.value)
    assert "Traceback" in there.value.__notes__[0]
    _segment(process, stack, [])  # the process lives on


def test_that_its_violent_end_is_told_and_the_next_job_has_a_new_process(
    process: SegmentProcess, stack: CineStack
) -> None:
    def kill(_: object) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(ModelStopped, match="segment again"):
        process.segment(stack, model=None, device="cpu", on_part=kill)
    _segment(process, stack, [])


def test_that_a_request_to_stop_is_heeded_and_the_process_serves_the_next_job(
    process: SegmentProcess, stack: CineStack
) -> None:
    stop = threading.Event()
    with pytest.raises(Cancelled):
        process.segment(stack, model=None, device="cpu", cancelled=stop.is_set, on_part=lambda _: stop.set())
    children = multiprocessing.active_children()
    _segment(process, stack, [])
    assert multiprocessing.active_children() == children


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
def test_that_a_process_that_hangs_is_ended_on_request(process: SegmentProcess, stack: CineStack) -> None:
    stop = threading.Event()

    def hang(_: object) -> None:
        (child,) = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)  # as a driver that never answers
        while _state(child.pid) != "T":
            time.sleep(0.001)
        stop.set()

    with pytest.raises(Cancelled):
        process.segment(stack, model=None, device="cpu", cancelled=stop.is_set, on_part=hang)
    _segment(process, stack, [])


def test_that_two_jobs_take_turns(process: SegmentProcess, stack: CineStack) -> None:
    def work(operation: Operation[object]) -> object:
        return process.segment(stack, model=None, device="cpu", cancelled=operation.cancelled, on_part=lambda _: None)

    both = [Operation(name, work) for name in ("one", "two")]
    for one in both:
        one.start()
    assert all(one.wait(LONG_S) for one in both)
    assert [one.state for one in both] == [State.DONE, State.DONE]


def test_that_closing_ends_a_job_that_runs(process: SegmentProcess, stack: CineStack) -> None:
    with pytest.raises(CinecorError):
        process.segment(stack, model=None, device="cpu", on_part=lambda _: process.close())


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")
def test_that_it_ends_when_the_window_is_killed(tmp_path: Path) -> None:
    script = """
import multiprocessing, sys, time
from cinecor.app.segment_process import SegmentProcess
process = SegmentProcess()
process.warm_up(model=None, device="cpu")
print(multiprocessing.active_children()[0].pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        child = int(window.stdout.readline())
        window.kill()
    end = time.monotonic() + LONG_S
    while _runs(child):
        assert time.monotonic() < end, "the model's process outlives the window"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return _state(pid) != "Z"  # who would have waited for it is gone
    except FileNotFoundError:
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("slices", [1, 4, 5, 9, 12, 20])
def test_that_the_first_slices_lie_in_the_middle(slices: int) -> None:
    first = middle_slices(slices)
    assert len(first) == (4 if slices > 4 else 0)
    if first:
        assert abs((first.start + first.stop) / 2 - slices / 2) <= 0.5
