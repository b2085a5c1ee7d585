"""Rules of a study's facts: what a cohort keeps of results."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from cohorts import TINY, write_studies
from result_folders import write_results_of
from unit.cohort.test_table import FACTS

from cinecor.cohort.study_facts import NUMBERS, StudyFacts
from cinecor.report.results import Results
from cinecor_phantom import HeartShape, make_phantom

LV = [name for name in NUMBERS if name.startswith("lv_")]


def _facts(folder: Path) -> tuple[StudyFacts, Results]:
    results = Results.model_validate_json((folder / "results.json").read_bytes())
    return StudyFacts.of(results), results


def test_that_one_phase_has_its_volumes_and_the_reason_why_there_is_no_ejection_fraction(tmp_path: Path) -> None:
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY)
    spacing = (TINY.pixel_spacing_mm, TINY.pixel_spacing_mm, TINY.slice_thickness_mm + TINY.slice_gap_mm, 1.0)
    image = nibabel.Nifti1Image(phantom.pixels[:, 0].transpose(2, 1, 0).astype(np.int16), np.diag(spacing))
    nibabel.save(image, tmp_path / "ed.nii.gz")
    facts, results = _facts(write_results_of(phantom.labels[:, :1], tmp_path / "ed.nii.gz", tmp_path, name="ed"))
    assert set(facts.numbers.values()) == {None}
    assert facts.lone_phase_ml == {
        "lv": results.volumes_ml.lv[0], "rv": results.volumes_ml.rv[0], "myo": results.volumes_ml.myo[0]
    }  # fmt: skip
    assert facts.lone_phase_ml["lv"] == pytest.approx(140.0, rel=0.1)
    assert facts.why_unknown == ["single_phase", "no_heart_rate"]


def test_that_a_cine_has_no_volumes_of_a_lone_phase(tmp_path: Path) -> None:
    (study,) = write_studies(tmp_path / "studies", ("one",))
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY, seed=0)
    facts, _ = _facts(write_results_of(phantom.labels, study, tmp_path, name="one"))
    assert facts.lone_phase_ml == {}
    assert facts.why_unknown == []
    assert facts.numbers["lv_ef_percent"] is not None


def test_that_a_value_in_doubt_is_none_outside_its_range(tmp_path: Path) -> None:
    """With an EF that no range holds: told as outside, unless the value is in doubt."""
    (study,) = write_studies(tmp_path / "studies", ("one",))
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY, seed=0)
    _, results = _facts(write_results_of(phantom.labels, study, tmp_path, name="one"))
    assert results.reference is not None
    for doubtful, told in ((False, {"lv.ef_percent": "above"}), (True, {})):
        (first, *_) = (one for one in results.reference.comparisons if one.measure == "lv.ef_percent")
        ef = first.model_copy(update={"verdict": "above", "doubtful": doubtful})
        reference = results.reference.model_copy(update={"comparisons": [ef]})
        assert StudyFacts.of(results.model_copy(update={"reference": reference})).outside_reference == told


def test_that_more_numbers_in_doubt_come_first_however_many_findings_name_them() -> None:
    one = replace(FACTS, doubtful=["co", "lv"], doubtful_numbers=["lv_esv_ml"], findings={"a": "doubtful"})
    six = replace(FACTS, doubtful=["lv"], doubtful_numbers=LV, findings={"a": "doubtful"})
    lone = replace(FACTS, doubtful=["lv", "mass"], doubtful_numbers=[], findings={"a": "doubtful"})
    sure = replace(FACTS, doubtful=[], doubtful_numbers=[], findings={"a": "doubtful"})
    assert sorted((sure, one, lone, six), key=lambda facts: facts.worst_first) == [six, lone, one, sure]


def test_that_facts_kept_without_numbers_in_doubt_have_those_of_what_was_in_doubt() -> None:
    kept = {name: value for name, value in FACTS.to_keep().items() if name != "doubtful_numbers"}
    unknown = {**FACTS.numbers, "lv_mass_g": None}
    for doubtful, numbers, told in (
        (["lv"], FACTS.numbers, LV),
        (["lv"], unknown, [name for name in LV if name != "lv_mass_g"]),
        (["co"], FACTS.numbers, ["lv_co_l_min", "rv_co_l_min"]),
        ([], FACTS.numbers, []),
    ):
        assert StudyFacts.kept({**kept, "doubtful": doubtful, "numbers": numbers}).doubtful_numbers == told


def test_that_a_finding_that_somebody_answered_is_none_that_a_reader_is_called_for(tmp_path: Path) -> None:
    (study,) = write_studies(tmp_path / "studies", ("one",))
    phantom = make_phantom(HeartShape.of_volumes(140.0, 60.0), TINY, seed=0)
    _, results = _facts(write_results_of(phantom.labels, study, tmp_path, name="one"))
    doubt, *_ = results.quality.findings
    doubt = doubt.model_copy(update={"code": "looked_at", "severity": "doubtful"})
    for answered in (False, True):
        told = [doubt.model_copy(update={"answered": answered})]
        facts = StudyFacts.of(
            results.model_copy(update={"quality": results.quality.model_copy(update={"findings": told})})
        )
        assert facts.findings == ({} if answered else {"looked_at": "doubtful"})
