"""Whose images they are, and which studies, series and files belong together when UIDs do not tell."""

from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from dicom_builder import FOUR_CHAMBER, STUDY_UID, cine, cine_by_series, codes, expected, set_pixels, write
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from cinecor.app.long_axis_cines import read_long_axis_cines
from cinecor.app.open_study import open_study, reopen_study
from cinecor.errors import InputError
from cinecor.study import open_input, read_stack, scan

PERSON = {"PatientID": "A1", "PatientName": "Doe^Jane", "PatientBirthDate": "19500101", "PatientSex": "F"}
OTHER = {"PatientID": "B2", "PatientName": "Roe^Richard", "PatientBirthDate": "19610101", "PatientSex": "M"}


def of(datasets: list[Dataset], **person: str) -> list[Dataset]:
    for ds in datasets:
        for keyword, value in person.items():
            setattr(ds, keyword, value)
    return datasets


@pytest.mark.parametrize("keyword", PERSON)
def test_that_a_stack_of_two_patients_is_refused_with_the_tag_and_never_the_value(tmp_path: Path, keyword: str) -> None:
    datasets = of(cine(), **PERSON)
    of(datasets[10:20], **{keyword: OTHER[keyword]})
    with pytest.raises(InputError) as refused:
        open_input(write(tmp_path, datasets))
    message = refused.value.message
    assert (message.code, message.values["tags"]) == ("two_patients_in_stack", (keyword,))
    values = [PERSON[keyword].casefold(), OTHER[keyword].casefold()]
    assert keyword == "PatientSex" or not any(value in str(refused.value).casefold() for value in values)
    assert all(value in str(refused.value.on_screen) for value in values)


def test_that_two_patients_under_equal_uids_are_no_duplicates_but_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", of(cine(), **PERSON))
    with pytest.raises(InputError) as refused:
        open_input(write(tmp_path / "b", of(cine(), **OTHER)).parent)
    assert refused.value.message.code == "two_patients_in_stack"


def test_that_a_repeat_of_another_patient_is_refused_too(tmp_path: Path) -> None:
    repeat = of(cine(slices=1, series=8), **OTHER)
    with pytest.raises(InputError, match="more than one patient"):
        open_input(write(tmp_path, [*of(cine(), **PERSON), *repeat]))


@pytest.mark.parametrize(
    "written", [{"PatientName": "DOE^JANE^^"}, {"PatientBirthDate": ""}, {"PatientID": " a1"}, {"PatientSex": "O"}]
)
def test_that_one_patient_written_in_two_ways_is_one(tmp_path: Path, written: dict[str, str]) -> None:
    datasets = of(cine(), **PERSON)
    of(datasets[10:20], **written)
    stack, _ = open_input(write(tmp_path, datasets))
    assert stack.slices == 4


def turned(datasets: list[Dataset], radians: float = 0.3) -> list[Dataset]:
    """Turn images about the body's long axis, so that they are no slices of a stack that is not turned."""
    cosine, sine = np.cos(radians), np.sin(radians)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    for ds in datasets:
        ds.ImagePositionPatient = [f"{value:.5f}" for value in turn @ np.array(ds.ImagePositionPatient, float)]
        axes = np.array(ds.ImageOrientationPatient, float).reshape(2, 3) @ turn.T
        ds.ImageOrientationPatient = [f"{value:.7f}" for value in axes.ravel()]
    return datasets


@pytest.fixture
def two_patients(tmp_path: Path) -> Path:
    """The fuller stack of one patient and another of somebody else, under one StudyInstanceUID."""
    fuller = of(cine(slices=6, series=5), **PERSON)
    smaller = turned(of(cine(slices=4, series=1), **OTHER))
    return write(tmp_path / "study", [*smaller, *fuller])


def test_that_two_patients_in_one_study_are_told_by_tag(two_patients: Path) -> None:
    stack, audit = open_input(two_patients)
    assert stack.slices == 6
    caution = next(one for one in audit.cautions if one.code == "two_patients_in_study")
    assert caution.values["tags"] == tuple(PERSON)
    told = [PERSON[keyword] for keyword in list(PERSON)[:3]] + [OTHER[keyword] for keyword in list(OTHER)[:3]]
    assert not any(value in str(warning) for warning in audit.warnings for value in told)


def test_that_two_patients_in_one_study_are_told_also_when_a_series_is_asked_for(two_patients: Path) -> None:
    stack, audit = open_input(two_patients, series_uid=f"{STUDY_UID}.1")
    assert stack.slices == 4
    assert "two_patients_in_study" in {caution.code for caution in audit.cautions}


def test_that_the_window_names_the_patient_whose_stack_is_shown(two_patients: Path) -> None:
    with closing(open_study(two_patients, on_series=lambda _: None)) as opened:
        assert (opened.stack.slices, opened.card.id, opened.card.name) == (6, "A1", "Doe Jane")
        assert [patient.card.id for patient in opened.found.patients] == ["A1", "B2"]
        other = reopen_study(opened, series_uid=f"{STUDY_UID}.1")
        assert (other.stack.slices, other.card.id, other.card.name) == (4, "B2", "Roe Richard")


def test_that_the_patient_named_is_the_stacks_also_where_all_uids_are_one(two_patients: Path) -> None:
    for path in two_patients.iterdir():
        ds = dcmread(path)
        ds.SeriesInstanceUID, ds.SeriesNumber = STUDY_UID, "1"
        ds.save_as(path)
    with closing(open_study(two_patients, on_series=lambda _: None)) as opened:
        assert (opened.stack.slices, opened.card.id) == (6, "A1")
        assert "two_patients_in_study" in {caution.code for caution in opened.audit.cautions}


def test_that_another_patients_long_axis_is_told_and_not_laid_beside_the_stack(tmp_path: Path) -> None:
    mine = of(cine(slices=1, series=2, axes=FOUR_CHAMBER), **PERSON)
    others = turned(of(cine(slices=1, series=3, axes=FOUR_CHAMBER), **OTHER), 0.4)
    folder = write(tmp_path, [*of(cine(), **PERSON), *mine, *others])
    with scan(folder) as index:
        stack, audit = read_stack(index)
        found = read_long_axis_cines(index, stack)
    assert "two_patients_in_study" in {caution.code for caution in audit.cautions}
    assert [cine.entry.number for cine in found.cines] == [2]
    ((uid, refused),) = found.refused.items()
    assert uid not in {cine.entry.uid for cine in found.cines}
    assert refused.values["why"].code == "of_another_patient"


def test_that_images_with_a_series_each_are_put_together_by_the_tag_that_works(tmp_path: Path) -> None:
    datasets = cine()
    for number, ds in enumerate(datasets):
        ds.SeriesInstanceUID = f"1.2.9.{number}"
        ds.TriggerTime = str(number % 2)  # two values, and no time
        ds.TemporalPositionIdentifier = str(number % 10 + 1)
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert audit.phase_order_tag == "TemporalPositionIdentifier"
    assert not audit.left_out


def scattered(datasets: list[Dataset], *, over: str, tags: tuple[str, ...]) -> list[Dataset]:
    """Deal images out over series, one each or one a phase or at random, and remove tags."""
    for number, ds in enumerate(datasets):
        series = {"images": number, "phases": number % 10, "at random": number * 7919 % 13}[over]
        ds.SeriesInstanceUID = f"1.2.9.{series}"
        for keyword in tags:
            delattr(ds, keyword)
    return datasets


@pytest.mark.slow
@pytest.mark.parametrize("own_study", [False, True], ids=["one study", "a study each"])
@pytest.mark.parametrize("tags", [(), ("TriggerTime",)], ids=["trigger times", "numbers alone"])
@pytest.mark.parametrize("over", ["images", "phases", "at random"])
def test_that_phases_dealt_out_over_series_are_put_together(
    tmp_path: Path, over: str, tags: tuple[str, ...], own_study: bool
) -> None:
    datasets = scattered(of(cine(), **PERSON), over=over, tags=tags)
    if own_study:
        for ds in datasets:
            ds.StudyInstanceUID = f"1.2.8.{ds.SeriesInstanceUID}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert not audit.left_out
    assert ("scattered_studies" in {caution.code for caution in audit.cautions}) == own_study


@pytest.mark.parametrize("over", ["images", "phases", "at random"])
def test_that_scattered_phases_that_nothing_orders_are_refused_and_not_read_as_one_moment(
    tmp_path: Path, over: str
) -> None:
    tags = ("TriggerTime", "InstanceNumber", "ContentTime")
    with pytest.raises(InputError) as refused:
        open_input(write(tmp_path, scattered(cine(), over=over, tags=tags)))
    assert refused.value.message.code == "phases_scattered"
    assert refused.value.message.values["images"] == 10


def test_that_a_few_moments_in_a_series_each_are_no_scattered_cine(tmp_path: Path) -> None:
    datasets = [ds for ds in cine() if int(ds.InstanceNumber) % 10 in (1, 5)]
    stack, _ = open_input(write(tmp_path, scattered(datasets, over="phases", tags=("TriggerTime",))))
    assert stack.slices == 4


def test_that_series_with_a_study_each_are_one_study_of_the_patient_and_day(tmp_path: Path) -> None:
    datasets = of(cine_by_series(slices=6), **PERSON)
    for ds in datasets:
        ds.StudyInstanceUID = f"1.2.8.{ds.SeriesNumber}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(6, 10)
    assert "scattered_studies" in {caution.code for caution in audit.cautions}


@pytest.mark.slow
def test_that_whole_studies_of_one_day_stay_apart(tmp_path: Path) -> None:
    studies = []
    for number in range(3):
        study = of(cine(series=number + 1), **PERSON)
        for ds in study:
            ds.StudyInstanceUID = f"1.2.8.{number}"
            set_pixels(ds, ds.pixel_array + number)
        studies += study
    stack, audit = open_input(write(tmp_path, studies))
    assert stack.slices == 4
    assert [caution.code for caution in audit.cautions] == ["several_studies"]


@pytest.mark.parametrize(("other", "patients"), [({"PatientBirthDate": ""}, 1), ({"PatientID": "B2"}, 2)])
def test_that_several_studies_tell_of_as_many_patients_as_contradict_one_another(
    tmp_path: Path, other: dict[str, str], patients: int
) -> None:
    studies = []
    for number, person in enumerate((PERSON, {**PERSON, **other})):
        study = of(cine(series=number + 1), **person)
        for ds in study:
            ds.StudyInstanceUID = f"1.2.8.{number}"
        studies += study
    _, audit = open_input(write(tmp_path, studies))
    (told,) = (caution for caution in audit.cautions if caution.code == "several_studies")
    assert told.values["whose"].values["n"] == patients


@pytest.mark.parametrize("uid", ["renewed", "removed", "renewed with its series"])
def test_that_a_study_that_is_there_twice_is_used_once(tmp_path: Path, uid: str) -> None:
    datasets = cine()
    copies = deepcopy(datasets)
    for number, ds in enumerate(copies):
        if uid == "removed":
            del ds.SOPInstanceUID
            del datasets[number].SOPInstanceUID
        else:
            ds.SOPInstanceUID = f"1.2.7.{number}"
        if uid == "renewed with its series":
            ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "1.2.6", "1.2.5"
    write(tmp_path, datasets)
    stack, audit = open_input(write(tmp_path, copies, prefix="again"))
    assert codes(stack) == expected(4, 10)
    assert {row.reason.code for row in audit.left_out} == {"copied_file"}
    assert [warning.values["n"] for warning in audit.warnings if warning.code == "copied_files"] == [40]


def renumbered(ds: Dataset, number: int) -> None:
    ds.InstanceNumber, ds.ContentTime = str(500 + number), "235959"


def compressed(ds: Dataset, number: int) -> None:
    ds.compress(RLELossless, generate_instance_uid=False)


@pytest.mark.parametrize("change", [renumbered, compressed])
def test_that_copies_in_the_same_series_are_known_by_moment_and_grey_values(
    tmp_path: Path, change: Callable[[Dataset, int], None]
) -> None:
    datasets = cine()
    copies = deepcopy(datasets)
    for number, ds in enumerate(copies):
        ds.SOPInstanceUID = f"1.2.7.{number}"
        change(ds, number)
    write(tmp_path, datasets)
    stack, audit = open_input(write(tmp_path, copies, prefix="again"))
    assert codes(stack) == expected(4, 10)
    assert [row.reason.code for row in audit.left_out] == ["copied_file"] * 40


def test_that_a_copy_of_another_pixel_size_is_none_and_told(tmp_path: Path) -> None:
    write(tmp_path / "a", cine())
    larger = cine()
    for ds in larger:
        ds.PixelSpacing = [1.8, 1.8]
    _, audit = open_input(write(tmp_path / "b", larger).parent)
    assert not {"copied_file", "duplicate_file"} & {row.reason.code for row in audit.left_out}
    assert {warning.code for warning in audit.cautions} & {"slices_repeated", "other_stack"}


def test_that_images_alike_in_all_but_their_pixels_are_no_copies(tmp_path: Path) -> None:
    datasets = cine()
    again = deepcopy(datasets)
    for number, ds in enumerate(again):
        ds.SOPInstanceUID, ds.SeriesInstanceUID = f"1.2.7.{number}", "1.2.6"
        set_pixels(ds, ds.pixel_array + 5)
    write(tmp_path, datasets)
    _, audit = open_input(write(tmp_path, again, prefix="again"))
    assert "copied_file" not in {row.reason.code for row in audit.left_out}
    assert len(audit.left_out) == 40
