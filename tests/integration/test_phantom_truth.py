"""From a phantom's DICOM files back to the volumes that it was built with."""

import json
from pathlib import Path

import numpy as np
import pytest
from program import Cinecor

from cinecor.measure.measurements import measure
from cinecor.study import CineStack, open_input
from cinecor_phantom import STYLES, TRANSFER_SYNTAXES, Acquisition, Phantom, make_phantom, write_dicom

WITHIN = 0.01


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """Few phases and thick slices: few and small files."""
    protocol = Acquisition(phases=4, slices=8, rows=104, columns=116, pixel_spacing_mm=1.95, slice_gap_mm=6.0)
    return make_phantom(acquisition=protocol)


def _stack(phantom: Phantom, folder: Path, *, style: str, syntax: str) -> CineStack:
    write_dicom(phantom, folder, style=style, transfer_syntax=syntax)
    stack, audit = open_input(folder)
    assert not audit.left_out
    assert audit.complete.all()
    return stack


def _assert_true(phantom: Phantom, stack: CineStack) -> None:
    """Measure the true labels on the geometry that was read: the import must not change a single number."""
    assert stack.pixels.shape == phantom.labels.shape
    found = measure(phantom.labels, geometry=stack.geometry, heart_rate_bpm=stack.heart_rate_bpm)
    truth = phantom.truth
    assert found.lv.edv_ml == pytest.approx(truth.lv_edv_ml, rel=WITHIN)
    assert found.lv.esv_ml == pytest.approx(truth.lv_esv_ml, rel=WITHIN)
    assert found.lv.mass_g == pytest.approx(truth.lv_mass_g, rel=WITHIN)
    assert found.rv.edv_ml == pytest.approx(truth.rv_edv_ml, rel=WITHIN)
    assert found.rv.esv_ml == pytest.approx(truth.rv_esv_ml, rel=WITHIN)
    assert (found.moments.ed, found.moments.es) == (truth.ed_phase, truth.es_phase)
    assert stack.heart_rate_bpm == pytest.approx(phantom.heart_rate_bpm, rel=0.02)


@pytest.fixture(scope="module")
def plain(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CineStack]:
    folder = tmp_path_factory.mktemp("plain")
    return {style: _stack(phantom, folder / style, style=style, syntax="explicit") for style in STYLES}


@pytest.mark.parametrize("style", STYLES)
def test_that_every_style_gives_the_closed_form_volumes(
    phantom: Phantom, plain: dict[str, CineStack], style: str
) -> None:
    _assert_true(phantom, plain[style])


@pytest.mark.parametrize("style", STYLES)
def test_that_every_style_gives_the_same_pictures_in_the_same_order(
    phantom: Phantom, plain: dict[str, CineStack], style: str
) -> None:
    """A style may scale intensities and blacken corners; slices and phases must lie where they belong."""
    stack = plain[style]
    inner = (slice(None), slice(None), slice(30, 75), slice(35, 81))
    ours, given = stack.pixels[inner].astype(float), phantom.pixels[inner].astype(float)
    for place in np.ndindex(ours.shape[:2]):
        assert np.corrcoef(ours[place].ravel(), given[place].ravel())[0, 1] > 0.999, place


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("syntax", TRANSFER_SYNTAXES)
def test_that_no_transfer_syntax_changes_a_number(
    phantom: Phantom, plain: dict[str, CineStack], tmp_path: Path, style: str, syntax: str
) -> None:
    stack = _stack(phantom, tmp_path / "study", style=style, syntax=syntax)
    _assert_true(phantom, stack)
    expected = plain[style].pixels
    if TRANSFER_SYNTAXES[syntax].lossless:
        np.testing.assert_array_equal(stack.pixels, expected)
    else:
        bright = np.percentile(expected, 99)
        shown = np.percentile(stack.pixels, 99)
        difference = stack.pixels / shown - expected / bright
        assert np.sqrt((difference**2).mean()) < 0.03


@pytest.fixture(scope="module")
def beating() -> Phantom:
    """A heart as it is usually imaged, in fewer phases."""
    return make_phantom(acquisition=Acquisition(phases=10))


@pytest.mark.parametrize("style", STYLES)
def test_that_the_model_finds_the_ejection_fraction(
    cinecor: Cinecor, beating: Phantom, tmp_path: Path, style: str
) -> None:
    write_dicom(beating, tmp_path / "study", style=style)
    assert cinecor("segment", tmp_path / "study", "--out", tmp_path / "out").returncode == 0
    told = json.loads((tmp_path / "out" / "study" / "results.json").read_text())
    assert told["lv"]["ef_percent"] == pytest.approx(beating.truth.lv_ef_percent, abs=5)
    interval = told["ef_interval"]["lv"]
    assert interval["low_percent"] <= beating.truth.lv_ef_percent <= interval["high_percent"]
    assert interval["high_percent"] - interval["low_percent"] >= 6  # points: readers differ by as much
    assert interval["calibrated"] >= 30
    assert told["ef_interval"]["rv"] is None  # too few patients for one
    assert {one["place"] for one in told["quality"]["ends"]["lv"]["slices"]} >= {"base", "apex"}
    assert "lv" not in told["quality"]["doubtful"]
