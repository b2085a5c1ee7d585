"""Planes of images in the patient, and the lines on which they cross, against closed form."""

import numpy as np
import pytest

from cinecor.study.image_plane import ImagePlane, crossing_mm


def _plane(*, origin=(0.0, 0.0, 0.0), column=(1.0, 0.0, 0.0), row=(0.0, 1.0, 0.0), spacing=(2.0, 1.0), size=(50, 100)):
    return ImagePlane(np.array(origin), np.array(column), np.array(row), spacing, *size)


def test_points_go_to_the_patient_and_back_with_uneven_pixels() -> None:
    turned = _plane(origin=(5.0, -3.0, 8.0), column=(0.6, 0.8, 0.0), row=(0.0, 0.0, -1.0))
    points = np.array([[0.5, 0.5], [10.0, 20.0], [99.0, 3.0]])
    in_patient = turned.to_mm(points)
    assert in_patient[0] == pytest.approx([5.0, -3.0, 8.0])
    assert turned.to_px(in_patient) == pytest.approx(points)
    assert turned.distance_mm(in_patient + 4.0 * turned.normal) == pytest.approx([4.0, 4.0, 4.0])


def test_the_crossing_of_two_images_lies_in_both_and_ends_at_an_edge() -> None:
    flat = _plane()  # x 0..100, y 0..100 mm about, z = 0
    upright = _plane(origin=(-20.0, 30.0, -40.0), column=(1.0, 0.0, 0.0), row=(0.0, 0.0, 1.0))  # y = 30
    ends = crossing_mm(flat, upright)
    assert ends is not None
    assert flat.distance_mm(ends) == pytest.approx([0, 0], abs=1e-9)
    assert upright.distance_mm(ends) == pytest.approx([0, 0], abs=1e-9)
    assert sorted(ends[:, 0]) == pytest.approx([-0.5, 79.5])  # from the flat image's edge to the upright one's


def test_parallel_images_and_images_that_pass_by_do_not_cross() -> None:
    flat = _plane()
    assert crossing_mm(flat, _plane(origin=(0.0, 0.0, 10.0))) is None
    beside = _plane(origin=(-20.0, 200.0, -40.0), column=(1.0, 0.0, 0.0), row=(0.0, 0.0, 1.0))
    assert crossing_mm(flat, beside) is None
    just_inside = _plane(origin=(-20.0, 98.9, -40.0), column=(1.0, 0.0, 0.0), row=(0.0, 0.0, 1.0))  # the edge is at 99
    just_outside = _plane(origin=(-20.0, 99.1, -40.0), column=(1.0, 0.0, 0.0), row=(0.0, 0.0, 1.0))
    assert crossing_mm(flat, just_inside) is not None
    assert crossing_mm(flat, just_outside) is None
