"""What the whole chain must show on real studies that it was never trained on."""

import json
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cinecor.cli.main import main
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.regional.wall import slice_walls
from cinecor_training.acdc import find_cases
from cinecor_training.evaluation import dice
from cinecor_training.sunnybrook import contour_mask, find_contours, read_contour

pytestmark = pytest.mark.real

VALIDATION = range(5, 101, 5)
LEAST_DICE = {"rv": 0.910, "myo": 0.895, "lv": 0.950}
LEAST_MEAN_DICE = 0.922


def _segment(study: Path, out: Path) -> tuple[dict, np.ndarray]:
    """Results and labels (slice, phase, row, column)."""
    assert main(["segment", str(study), "--out", str(out), "--device", "cpu"]) == 0
    folder = out / study.name
    labels = np.asarray(nib.load(folder / "segmentation.nii.gz").dataobj)
    return json.loads((folder / "results.json").read_text()), labels.transpose(2, 3, 1, 0)


class TestSunnybrook:
    """SC-HF-I-1: a GE study, which the training data know nothing of."""

    @pytest.fixture(scope="class")
    def segmented(self, sunnybrook: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, np.ndarray]:
        return _segment(sunnybrook / "SCD0000101", tmp_path_factory.mktemp("out"))

    @pytest.fixture(scope="class")
    def outlined(self, sunnybrook: Path) -> dict[tuple[int, int], np.ndarray]:
        """The expert's LV cavity by (slice, phase): file number = slice × 20 + phase + 1."""
        return {
            divmod(number - 1, 20): contour_mask(read_contour(path), rows=256, columns=256)
            for number, path in find_contours(sunnybrook / "contours").items()
        }

    def test_that_slices_and_phases_are_in_order(self, segmented: tuple[dict, np.ndarray]) -> None:
        results, _ = segmented
        files = [[f"{row * 20 + phase + 1}.dcm" for phase in range(20)] for row in range(12)]
        assert results["stack"]["files"] == files
        assert results["stack"]["slice_spacing_mm"] == pytest.approx(10.0, abs=0.01)

    def test_that_the_cavity_agrees_with_the_expert(
        self, segmented: tuple[dict, np.ndarray], outlined: dict[tuple[int, int], np.ndarray]
    ) -> None:
        _, labels = segmented
        agreement = [dice(labels[place] == 3, mask) for place, mask in outlined.items()]
        assert np.mean(agreement) >= 0.915, agreement

    def test_that_volume_and_ejection_fraction_agree_on_the_outlined_slices(
        self, segmented: tuple[dict, np.ndarray], outlined: dict[tuple[int, int], np.ndarray]
    ) -> None:
        _, labels = segmented
        by_phase = {phase: [place for place in outlined if place[1] == phase] for phase in {p for _, p in outlined}}
        ours = {phase: sum((labels[place] == 3).sum() for place in places) for phase, places in by_phase.items()}
        expert = {phase: sum(outlined[place].sum() for place in places) for phase, places in by_phase.items()}
        ed, es = max(expert, key=expert.__getitem__), min(expert, key=expert.__getitem__)
        assert ours[ed] == pytest.approx(expert[ed], rel=0.12)
        assert 100 * (1 - ours[es] / ours[ed]) == pytest.approx(100 * (1 - expert[es] / expert[ed]), abs=5)

    def test_that_thickness_on_an_expert_s_outlines_is_the_distance_between_them(self, sunnybrook: Path) -> None:
        outer = find_contours(sunnybrook / "contours", kind="o")
        inner = find_contours(sunnybrook / "contours")
        off = []
        for number, path in outer.items():
            around, within = read_contour(path), read_contour(inner[number])
            labels = np.zeros((1, 256, 256), np.uint8)
            labels[0, contour_mask(around, rows=256, columns=256)] = Label.MYO
            labels[0, contour_mask(within, rows=256, columns=256)] = Label.LV
            (wall,) = slice_walls(labels[None], spacing_mm=(1.367188, 1.367188), reference_phase=0)
            assert wall is not None
            if not wall.closed.all():
                continue  # the readers' outlines touch: pixels see no wall there
            exact = (_mean_distance(around, within) + _mean_distance(within, around)) / 2 * 1.367188
            off.append(float(wall.thickness_mm.mean()) - exact)
        assert len(off) >= 7
        assert np.abs(off).max() < 0.3, off


def _mean_distance(line: np.ndarray, other: np.ndarray, *, points: int = 400) -> float:
    """From evenly spaced points of a closed line to the nearest of another one."""
    both = []
    for one in (line, other):
        closed = np.vstack([one, one[:1]])
        along = np.append(0.0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T)))
        even = np.linspace(0.0, along[-1], points, endpoint=False)
        both.append(np.interp(even, along, closed[:, 0]) + 1j * np.interp(even, along, closed[:, 1]))
    return float(np.abs(both[0][:, None] - both[1]).min(axis=1).mean())


class TestSiemens:
    """One series a slice; the heart lies well off the centre."""

    @pytest.fixture(scope="class")
    def segmented(self, siemens: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, np.ndarray]:
        return _segment(siemens / "patient1", tmp_path_factory.mktemp("out"))

    def test_that_six_series_become_one_stack(self, segmented: tuple[dict, np.ndarray]) -> None:
        stack = segmented[0]["stack"]
        assert (stack["slices"], stack["phases"]) == (6, 25)
        assert stack["slice_spacing_mm"] == pytest.approx(17.7, abs=0.05)

    def test_that_the_long_axis_series_are_left_out_with_a_reason(self, segmented: tuple[dict, np.ndarray]) -> None:
        audit = segmented[0]["audit"]
        assert audit["files_given"] == 225
        assert audit["files_used"] == 150
        assert len({Path(row["path"]).parent for row in audit["left_out"]}) == 3
        assert all("long-axis" in row["reason"] for row in audit["left_out"])

    def test_that_the_stack_runs_from_base_to_apex(self, segmented: tuple[dict, np.ndarray]) -> None:
        results, labels = segmented
        cavity = (labels[:, results["ed_phase"]] == 3).sum(axis=(1, 2))
        assert cavity[1] > cavity[-1]

    def test_that_every_mid_slice_shows_the_ventricle_in_every_phase(self, segmented: tuple[dict, np.ndarray]) -> None:
        _, labels = segmented
        assert ((labels[2:5] == 3).sum(axis=(2, 3)) > 0).all()


class TestValidationPatients:
    """The 20 ACDC patients whose number is divisible by 5, as NIfTI through the command line."""

    @pytest.fixture(scope="class")
    def segmented(
        self, acdc_patient: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory
    ) -> list[tuple[Path, Path, Path]]:
        """(image, labels of the reader, labels of Cinecor) for ED and ES of every patient."""
        cases = [case for number in VALIDATION for case in find_cases(acdc_patient(number).parent)]
        out = tmp_path_factory.mktemp("out")
        assert main(["segment", *(str(case.image) for case in cases), "--out", str(out), "--device", "cpu"]) == 0
        names = [case.image.name.removesuffix(".nii.gz") for case in cases]
        return [
            (case.image, case.labels, out / name / "segmentation.nii.gz")
            for case, name in zip(cases, names, strict=True)
        ]

    def test_that_every_structure_agrees_with_the_reader(self, segmented: list[tuple[Path, Path, Path]]) -> None:
        assert len(segmented) == 40
        agreement = {}
        for value, name in enumerate(LEAST_DICE, start=1):
            pairs = [
                [np.asarray(nib.load(path).dataobj) == value for path in (reader, ours)]
                for _, reader, ours in segmented
            ]
            agreement[name] = np.mean([dice(reader, ours) for reader, ours in pairs])
            assert agreement[name] >= LEAST_DICE[name], name
        assert np.mean(list(agreement.values())) >= LEAST_MEAN_DICE, agreement

    def test_that_grid_and_affine_are_the_inputs_own(self, segmented: list[tuple[Path, Path, Path]]) -> None:
        for image, _, ours in segmented:
            given, written = nib.load(image), nib.load(ours)
            assert written.shape == given.shape
            np.testing.assert_array_equal(written.affine, given.affine)
            assert written.header.get_zooms() == given.header.get_zooms()
