"""Rules of `results.json`: the names other programs rely on, nulls with a reason, and valid JSON whatever happens."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.conventions import NOTICE
from cinecor.measure.measurements import NO_HEART_RATE
from cinecor.message import Message
from cinecor.report.results import Results, Volumes
from cinecor.study.audit import LeftOut
from cinecor.study.cine_stack import NiftiGrid

# Written out once more, because programs out there hold the same names.
PROMISED = {
    "": "schema_version input stack volumes_ml ed_phase es_phase lv rv quality conventions model runtime audit notice "
    "input_id choices body",
    "body": "height_cm weight_kg",
    "choices": "ed_phase es_phase heart_rate slices_left_out frames_redrawn",
    "stack": "slices phases rows columns pixel_spacing_mm slice_spacing_mm phase_times_ms heart_rate_bpm files",
    "volumes_ml": "lv rv myo",
    "lv": "edv_ml esv_ml sv_ml ef_percent co_l_min mass_g",
    "rv": "edv_ml esv_ml sv_ml ef_percent co_l_min",
    "model": "id version sha256 precision",
    "runtime": "provider_requested provider_used precision reason fallback seconds",
    "audit": "files_given files_used left_out phase_order_tag warnings",
}


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("part", PROMISED)
def test_that_every_promised_name_is_there(results, part):
    document = strict(results.to_json())
    assert set(PROMISED[part].split()) <= set(document[part] if part else document)


def test_that_the_document_reads_back_as_the_same_results(results):
    assert Results.model_validate_json(results.to_json()) == results


def test_that_lists_follow_slices_and_phases(results):
    document = strict(results.to_json())
    assert [len(row) for row in document["stack"]["files"]] == [4, 4, 4]
    assert document["stack"]["files"][2][1] == "sax/02-01.dcm"
    assert {name: len(curve) for name, curve in document["volumes_ml"].items()} == {"lv": 4, "rv": 4, "myo": 4}
    assert document["stack"]["phase_times_ms"] == [0.0, 40.0, 80.0, 120.0]
    assert document["stack"]["pixel_spacing_mm"] == [1.25, 1.5]


def test_that_the_numbers_are_those_of_the_curves(results):
    document = strict(results.to_json())
    lv, curve_ml = document["lv"], document["volumes_ml"]["lv"]
    assert lv["edv_ml"] == curve_ml[document["ed_phase"]] == max(curve_ml)
    assert lv["esv_ml"] == curve_ml[document["es_phase"]] == min(curve_ml)
    assert lv["sv_ml"] == pytest.approx(lv["edv_ml"] - lv["esv_ml"], abs=0.0011)
    assert lv["ef_percent"] == pytest.approx(100 * lv["sv_ml"] / lv["edv_ml"], abs=0.5)


def test_that_every_file_is_accounted_for(results):
    audit = strict(results.to_json())["audit"]
    assert [(out["path"], out["reason"]) for out in audit["left_out"]] == [("scout.dcm", "localiser")]
    assert audit["files_given"] == audit["files_used"] + len(audit["left_out"])


def test_that_without_a_reader_every_choice_is_automatic_as_in_results_without_the_field(results):
    document = strict(results.to_json())
    assert {document["choices"][name] for name in ("ed_phase", "es_phase", "heart_rate")} == {"automatic"}
    assert document["choices"]["slices_left_out"] == {"ed": [], "es": [], "all": []}
    del document["choices"]
    assert Results.model_validate(document) == results


def test_that_the_callers_seconds_join_those_of_the_segmentation(results):
    assert results.runtime.seconds == {"infer": 1.235, "read": 0.5}


def test_that_the_document_says_what_it_is_not_for(results):
    assert results.notice == NOTICE


def test_that_what_one_phase_cannot_tell_is_null_with_a_reason(compose, make_stack, make_labels):
    labels = make_labels(phases=1)
    document = strict(compose(make_stack(labels, phase_times_ms=None, heart_rate_bpm=None), labels).to_json())
    assert document["ed_phase"] is document["es_phase"] is None
    assert set(document["lv"].values()) | set(document["rv"].values()) == {None}
    assert document["stack"]["phase_times_ms"] is document["stack"]["heart_rate_bpm"] is None
    assert document["volumes_ml"]["lv"][0] > 0
    codes = [fact["code"] for fact in document["audit"]["warning_facts"]]
    assert codes == ["no_heart_rate", "single_phase"]


def test_that_a_reason_that_the_import_told_is_not_told_again(compose, make_stack, make_labels):
    labels = make_labels()
    stack = make_stack(labels, phase_times_ms=None, heart_rate_bpm=None)
    said = (Message("phase_times_unknown", "TriggerTime is absent."), NO_HEART_RATE)
    assert compose(stack, labels, warnings=said).audit.warnings == [str(message) for message in said]
    assert compose(stack, labels).audit.warnings == ["The heart rate is unknown: no cardiac output."]


def test_that_the_same_reason_for_two_numbers_is_told_for_each(compose, stack, labels):
    no_rv = np.where(labels == Label.RV, 0, labels).astype(np.uint8)
    facts = compose(stack, no_rv).audit.warning_facts
    assert [fact.code for fact in facts] == ["edv_unknown", "esv_unknown"]
    labels = np.where(labels == Label.LV, labels, 0).astype(np.uint8)
    facts = compose(stack, labels).audit.warning_facts
    assert [fact.values.get("ventricle", {}).get("code") for fact in facts] == ["rv", "rv", None]


def test_that_code_and_values_stand_beside_every_text(compose, stack, labels):
    document = strict(compose(stack, labels, warnings=(Message("gaps", "Gaps of {mm:.1f} mm.", mm=1.23456),)).to_json())
    quality, audit = document["quality"], document["audit"]
    assert audit["warnings"] == ["Gaps of 1.2 mm."]
    assert audit["warning_facts"] == [{"code": "gaps", "values": {"mm": 1.235}}]
    assert {name: audit["left_out"][0][name] for name in ("reason", "code", "values")} == {
        "reason": "localiser",
        "code": "localiser",
        "values": {},
    }
    assert [fact["code"] for fact in quality["phase_choice_facts"]] == ["ed_largest", "es_smallest", "chosen_among"]
    assert quality["phase_choice_facts"][0]["values"]["phase"] == [0]
    (few,) = [finding for finding in quality["findings"] if finding["code"] == "few_slices"]
    assert few["values"] == {"n": 3, "usual": 6}
    assert few["message"].startswith("The LV is seen in 3 slices at ED (at least 6 are usual)")


def test_that_the_imports_own_warnings_come_first(compose, stack, labels):
    warnings = compose(stack, labels, warnings=(Message("thickness", "SliceThickness disagrees."),)).audit.warnings
    assert warnings[0] == "SliceThickness disagrees."


def test_that_every_frame_of_a_nifti_names_its_file(compose, make_stack, labels):
    nifti = make_stack(labels, nifti=NiftiGrid(bytes(348)))
    files = compose(nifti, labels, input_path=Path("folder/patient001.nii.gz")).stack.files
    assert files == [["patient001.nii.gz"] * 4] * 3


def test_that_a_missing_frame_has_no_file(compose, make_stack, labels):
    names = [[f"{s}{p}" for p in range(4)] for s in range(3)]
    names[1][2] = None
    stack = make_stack(labels, files=tuple(tuple(row) for row in names))
    assert strict(compose(stack, labels).to_json())["stack"]["files"][1][2] is None


def test_that_a_confidence_that_is_not_a_number_is_null(compose, stack, labels):
    document = strict(compose(stack, labels, confidence=math.nan).to_json())
    assert document["quality"]["confidence"] == [[None] * 4] * 3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_that_no_other_number_may_be_nan_or_infinite(value):
    with pytest.raises(ValidationError):
        Volumes(lv=[value], rv=[0.0], myo=[0.0])


def test_that_file_names_in_any_encoding_can_be_written(compose, make_stack, labels):
    odd = b"herz-\xff.dcm".decode("utf-8", "surrogateescape")
    stack = make_stack(labels, files=((odd,) * 4, ("Müller/心.dcm",) * 4, ("c",) * 4))
    out = LeftOut(odd, Message("no_dicom", "{name} is not DICOM", name=odd))
    results = compose(stack, labels, input_path=Path(odd), left_out=(out,))
    document = strict(results.to_json().encode())
    assert document["stack"]["files"][0][0] == r"herz-\xff.dcm"
    assert document["stack"]["files"][1][0] == "Müller/心.dcm"
    assert document["input"] == document["audit"]["left_out"][0]["path"] == r"herz-\xff.dcm"
    assert document["audit"]["left_out"][0]["values"] == {"name": r"herz-\xff.dcm"}


def test_that_doubts_are_told_beside_the_numbers(results):
    document = strict(results.to_json())
    codes = {finding["code"] for finding in document["quality"]["findings"]}
    assert "stack_cuts_ventricle" in codes  # the small stack is a cylinder
    assert document["quality"]["doubtful"] == ["lv", "mass", "rv"]
    assert document["quality"]["lv_slices"] == {"ed": [0, 1, 2], "es": [0, 1, 2]}
    assert "ED is phase 1" in document["quality"]["phase_choice"]
