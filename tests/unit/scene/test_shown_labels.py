"""Curves that grow while the model works end as those that are measured."""

import numpy as np
import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.curves import volume_curves
from cinecor.scene.shown_labels import ShownLabels
from cinecor_phantom import Acquisition, make_phantom

_SMALL = Acquisition(slices=5, phases=4, rows=64, columns=72, pixel_spacing_mm=4.0, slice_gap_mm=14.0)


@pytest.mark.slow
def test_that_each_phase_has_the_volumes_that_the_whole_cycle_has_there() -> None:
    phantom = make_phantom(acquisition=_SMALL, pictures=False)
    whole = volume_curves(phantom.labels, geometry=phantom.geometry)
    for phase in range(_SMALL.phases):
        found = ShownLabels(phantom.labels, final=True).volumes_ml(phase, geometry=phantom.geometry)
        expected = {Label.LV: whole.lv_ml[phase], Label.RV: whole.rv_ml[phase], Label.MYO: whole.myo_ml[phase]}
        assert found == expected
    assert len(set(whole.lv_ml.tolist())) > 1, "the heart beats"


@pytest.mark.slow
def test_that_a_phase_without_outlines_holds_nothing() -> None:
    phantom = make_phantom(acquisition=_SMALL, pictures=False)
    nothing = ShownLabels(np.zeros_like(phantom.labels), final=True)
    assert set(nothing.volumes_ml(1, geometry=phantom.geometry).values()) == {0.0}
