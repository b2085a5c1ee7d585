"""Rules of the pipeline, run with the bundled model on phantoms."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from cinecor.errors import Cancelled
from cinecor.inference.device.model_session import ModelSession, open_model
from cinecor.inference.outline.anatomy import keep_possible_anatomy
from cinecor.inference.outline.context import phase_input
from cinecor.inference.outline.crop import readout
from cinecor.inference.outline.heart import find_heart
from cinecor.inference.outline.outlined_frames import OutlinedFrames
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.outline.segmentation import Segmentation
from cinecor.inference.package.manifest import Precision
from cinecor.measure.findings.assess import assess
from cinecor.measure.findings.quality import Quality
from cinecor.measure.measurements import measure
from cinecor.progress import Progress
from cinecor.study import CineStack, ImportAudit
from cinecor_phantom import Acquisition, Phantom, make_phantom
from cinecor_resources import bundled_model


@pytest.fixture(scope="module")
def session() -> ModelSession:
    return open_model(bundled_model(), device="cpu")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(acquisition=Acquisition(phases=8, rows=160, columns=192))


def _stack(phantom: Phantom, pixels: np.ndarray | None = None) -> CineStack:
    pixels = (phantom.pixels if pixels is None else pixels).astype(np.float32)
    return CineStack(pixels, phantom.geometry, phantom.phase_times_ms, phantom.heart_rate_bpm, None, ())


def _few_phases(stack: CineStack) -> CineStack:
    return replace(stack, pixels=stack.pixels[:, ::3], phase_times_ms=None)


@pytest.fixture(scope="module")
def outlined(session: ModelSession, phantom: Phantom) -> Segmentation:
    """The phantom's outlines by the plainest call, which others are compared with."""
    return segment(_stack(phantom), session)


def _quality(stack: CineStack, segmentation: Segmentation) -> Quality:
    audit = ImportAudit(1, 1, (), None, np.ones(stack.pixels.shape[:2], bool), ())
    found = measure(segmentation.labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm)
    return assess(stack, audit=audit, segmentation=segmentation, measurements=found)


def _overlap(ours: np.ndarray, truth: np.ndarray) -> float:
    return 2 * np.count_nonzero(ours & truth) / (np.count_nonzero(ours) + np.count_nonzero(truth))


def test_that_the_phantom_is_outlined(outlined: Segmentation, phantom: Phantom) -> None:
    found = outlined
    assert _overlap(found.labels == 3, phantom.labels == 3) > 0.93
    assert found.labels.dtype == np.uint8
    assert not found.labels.flags.writeable
    assert found.confidence.shape == phantom.labels.shape[:2]
    assert found.doubts == ()


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_that_a_heart_in_the_corner_of_a_large_field_is_found(
    session: ModelSession, phantom: Phantom, corner: tuple[int, int]
) -> None:
    rows, columns = phantom.pixels.shape[2:]
    wide = np.zeros((*phantom.pixels.shape[:2], 340, 360), np.float32)
    truth = np.zeros(wide.shape, np.uint8)
    row, column = corner[0] * (340 - rows), corner[1] * (360 - columns)
    place = (slice(None), slice(None), slice(row, row + rows), slice(column, column + columns))
    wide[place], truth[place] = phantom.pixels, phantom.labels
    found = segment(_stack(phantom, wide[:, :1]), session)
    assert _overlap(found.labels == 3, truth[:, :1] == 3) > 0.9


def test_that_one_slice_without_a_picture_does_not_take_half_the_heart(session: ModelSession, phantom: Phantom) -> None:
    pixels = phantom.pixels.copy()
    middle = int(np.median(np.flatnonzero((phantom.labels[:, 0] == 3).any(axis=(1, 2)))))
    pixels[middle] = 0
    stack = _stack(phantom, pixels)
    found = segment(stack, session)
    others = np.arange(len(pixels)) != middle
    assert _overlap(found.labels[others] == 3, phantom.labels[others] == 3) > 0.93
    assert any("lv" in finding.concerns for finding in _quality(stack, found).findings if middle in finding.slices)


def test_that_half_a_heart_elsewhere_is_removed_and_puts_every_number_in_doubt(
    session: ModelSession, phantom: Phantom
) -> None:
    """The lower slices lie 90 mm away: the pieces do not hang together."""
    tall = np.concatenate([phantom.pixels, np.zeros_like(phantom.pixels)], axis=2)
    tall[5:] = np.roll(tall[5:], 64, axis=2)
    stack = _stack(phantom, tall)
    found = segment(stack, session)
    assert "large_part_removed" in {doubt.code for doubt in found.doubts}
    (removed,) = (note for note in found.notes if note.code == "pieces_removed")
    truth = phantom.truth
    whole_ml = truth.lv_edv_ml + truth.rv_edv_ml + truth.lv_mass_g / 1.05
    assert 0.1 * whole_ml < removed.plain_values()["most_ml"] < 0.9 * whole_ml
    assert set(_quality(stack, found).doubtful) >= {"lv", "rv", "mass"}


def test_that_progress_reaches_the_end_and_cancel_stops(session: ModelSession, phantom: Phantom) -> None:
    reports: list[Progress] = []
    stack = _stack(phantom)
    segment(stack, session, progress=reports.append)
    assert [report.done for report in reports] == [stack.slices * phases for phases in range(1, 9)]
    assert {report.total for report in reports} == {stack.slices * 8}
    with pytest.raises(Cancelled):
        segment(_stack(phantom), session, cancelled=lambda: len(reports) > 0)


@pytest.mark.parametrize(("precision", "share"), [("fp32", 1e-4), ("int8", 5e-4)])
def test_that_a_linear_change_of_intensity_moves_no_more_than_rounding_does(
    phantom: Phantom, precision: Precision, share: float
) -> None:
    """float32 rounds 6 digits after the change; an int8 step that it tips over is 1/255 of a layer's range."""
    session = open_model(bundled_model(), device="cpu", precision=precision)
    stack = _few_phases(_stack(phantom))
    plain = segment(stack, session)
    scaled = segment(replace(stack, pixels=stack.pixels * 37.5 + 1000), session)
    assert np.mean(plain.labels != scaled.labels) < share


def test_that_a_single_frame_is_outlined(session: ModelSession, phantom: Phantom) -> None:
    geometry = phantom.geometry
    one = replace(geometry, positions_mm=geometry.positions_mm[4:5], slice_extent_mm=geometry.slice_extent_mm[4:5])
    stack = CineStack(phantom.pixels[4:5, :1].astype(np.float32), one, None, None, None, ())
    found = segment(stack, session)
    assert _overlap(found.labels[0, 0] == 3, phantom.labels[4, 0] == 3) > 0.93


def test_that_a_listener_is_given_each_phase_once_as_it_will_stay(session: ModelSession, phantom: Phantom) -> None:
    finished: list[OutlinedFrames] = []
    order = [4, 3, 5, 2, 6, 1, 7, 0]
    found = segment(_stack(phantom), session, listener=finished.append, order=order)
    assert [one.phase for one in finished] == order
    for one in finished:
        assert one.final
        np.testing.assert_array_equal(one.labels, found.labels[:, one.phase])
        np.testing.assert_array_equal(one.confidence, found.confidence[:, one.phase])
        assert not one.labels.flags.writeable
        assert not one.confidence.flags.writeable


def test_that_the_slices_wanted_first_are_told_in_every_phase_before_the_others_and_change_nothing(
    session: ModelSession, phantom: Phantom, outlined: Segmentation
) -> None:
    stack = _stack(phantom)
    told: list[OutlinedFrames] = []
    reports: list[Progress] = []
    found = segment(stack, session, listener=told.append, first=range(3, 7), progress=reports.append)
    early, late = told[: stack.phases], told[stack.phases :]
    assert [(one.phase, one.slices, one.final) for one in early] == [
        (phase, range(3, 7), False) for phase in range(stack.phases)
    ]
    assert all(one.final and one.slices == range(stack.slices) for one in late)
    assert reports[-1].done == reports[-1].total == stack.slices * stack.phases
    np.testing.assert_array_equal(found.labels, outlined.labels)
    np.testing.assert_allclose(found.confidence, outlined.confidence, atol=1e-6)
    overlap = [_overlap(one.labels == 3, found.labels[3:7, one.phase] == 3) for one in early]
    assert min(overlap) > 0.98


def test_that_cancelling_at_any_moment_leaves_no_thread_that_waits(session: ModelSession, phantom: Phantom) -> None:
    stack = _few_phases(_stack(phantom))
    for told_before in range(stack.phases + 2):
        told: list[OutlinedFrames] = []
        with pytest.raises(Cancelled):
            segment(
                stack,
                session,
                listener=told.append,
                first=range(3, 7),
                cancelled=lambda told=told, least=told_before: len(told) > least,
            )
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("cinecor-phase")]


def test_that_phases_worked_on_side_by_side_are_those_worked_on_one_by_one(
    session: ModelSession, phantom: Phantom, outlined: Segmentation
) -> None:
    stack = _stack(phantom)
    for phase in (0, 5):
        alone = replace(stack, pixels=stack.pixels[:, [0, phase]], phase_times_ms=None)
        window, _ = find_heart(stack, session)
        back = readout(window, rows=stack.rows, columns=stack.columns)
        frames = phase_input(alone, 1, window=window, contract=session.input_contract)
        one = session.outline(frames, to_rows=back.to_rows, to_columns=back.to_columns)
        placed = back.placed(one.labels, window, rows=stack.rows, columns=stack.columns)
        cleaned = keep_possible_anatomy(placed, pixel_spacing_mm=stack.geometry.pixel_spacing_mm)
        assert np.mean(cleaned.labels != outlined.labels[:, phase]) < 1e-5
