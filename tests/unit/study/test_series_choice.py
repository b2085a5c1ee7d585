"""What the series of a study are, which one is the short-axis cine, and what is said of the others."""

from pathlib import Path

import pytest
from dicom_builder import AXIAL, FOUR_CHAMBER, SAX, STUDY_UID, cine, cine_by_series, codes, expected, frame, write
from pydicom.dataset import Dataset

from cinecor.errors import InputError, NothingSegmentable, UsageError
from cinecor.study import SeriesKind, open_input, read_stack
from cinecor.study.series.scan import scan

TWO_CHAMBER = ((0.54, -0.64, -0.55), (0.25, 0.76, -0.60))
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def single(axes: tuple, *, series: int, phases: int = 10) -> list[Dataset]:
    return [frame(0, phase, axes=axes, series=series, phases=phases) for phase in range(phases)]


def localiser() -> list[Dataset]:
    planes = [AXIAL, ((1, 0, 0), (0, 0, -1)), ((0, 1, 0), (0, 0, -1))]
    datasets = [frame(number, 0, axes=axes, series=20) for axes in planes for number in range(3)]
    for number, ds in enumerate(datasets):
        ds.SOPInstanceUID, ds.InstanceNumber = f"1.2.20.{number}", str(number + 1)
    return datasets


def late_enhancement() -> list[Dataset]:
    datasets = [frame(number, 0, series=21) for number in range(8)]
    for ds in datasets:
        ds.ScanningSequence, ds.InversionTime = ["GR", "IR"], "280"
    return datasets


def perfusion() -> list[Dataset]:
    datasets = [frame(number, beat, phases=40, series=22) for number in range(3) for beat in range(40)]
    for ds in datasets:
        beat = int(ds.InstanceNumber) % 40
        ds.AcquisitionTime = f"10{10 + beat // 60:02d}{beat % 60:02d}.000000"
        ds.TriggerTime = "150"
        ds.CardiacNumberOfImages = "1"
    return datasets


def t1_map() -> list[Dataset]:
    datasets = [frame(number, 0, series=23) for number in range(3)]
    for ds in datasets:
        ds.ImageType = ["DERIVED", "PRIMARY", "M", "T1 MAP"]
    return datasets


def t1_map_source() -> list[Dataset]:
    datasets = [frame(number, time, phases=11, series=24) for number in range(3) for time in range(11)]
    for ds in datasets:
        ds.InversionTime = f"{100 + 80 * (int(ds.InstanceNumber) % 11)}"
    return datasets


def flow_magnitude() -> list[Dataset]:
    datasets = single(SAX, series=25, phases=30)
    for ds in datasets:
        ds.SequenceName = "*fl2d1_v150in"
    return datasets


def flow_phase() -> list[Dataset]:
    datasets = single(SAX, series=26, phases=30)
    for ds in datasets:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "P", "ND"]
    return datasets


def reformatted() -> list[Dataset]:
    datasets = cine(slices=6, series=27)
    for ds in datasets:
        ds.ImageType = ["DERIVED", "SECONDARY", "MPR"]
    return datasets


def screenshot() -> list[Dataset]:
    datasets = single(SAX, series=28)
    for ds in datasets:
        ds.SOPClassUID = SECONDARY_CAPTURE
    return datasets


def computed_tomography() -> list[Dataset]:
    datasets = cine(series=29)
    for ds in datasets:
        ds.Modality, ds.SOPClassUID = "CT", "1.2.840.10008.5.1.4.1.1.2"
    return datasets


def tagging() -> list[Dataset]:
    datasets = cine(slices=3, series=30)
    for ds in datasets:
        ds.Tagging = "GRID"
    return datasets


OTHERS = {
    "four-chamber": (lambda: single(FOUR_CHAMBER, series=11), SeriesKind.LONG_AXIS_CINE),
    "two-chamber": (lambda: single(TWO_CHAMBER, series=12), SeriesKind.LONG_AXIS_CINE),
    "four-chamber stack": (lambda: cine(slices=9, series=13, axes=FOUR_CHAMBER), SeriesKind.LONG_AXIS_CINE),
    "axial chest": (lambda: cine(slices=12, series=14, axes=AXIAL), SeriesKind.OTHER_CINE),
    "localiser": (localiser, SeriesKind.LOCALISER),
    "late enhancement": (late_enhancement, SeriesKind.LGE),
    "perfusion": (perfusion, SeriesKind.PERFUSION),
    "T1 map": (t1_map, SeriesKind.MAP),
    "T1 map source": (t1_map_source, SeriesKind.MAP),
    "flow magnitude": (flow_magnitude, SeriesKind.PHASE_CONTRAST),
    "flow phase": (flow_phase, SeriesKind.PHASE_CONTRAST),
    "reformatted": (reformatted, SeriesKind.DERIVED),
    "screenshot": (screenshot, SeriesKind.OTHER_MODALITY),
    "computed tomography": (computed_tomography, SeriesKind.OTHER_MODALITY),
    "tagging": (tagging, SeriesKind.TAGGED_CINE),
}


def named_misleadingly(datasets: list[Dataset]) -> list[Dataset]:
    """Give every series the description that the short-axis cine would have."""
    for ds in datasets:
        ds.SeriesDescription = "cine SAX stack"
    return datasets


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHERS)
def test_that_the_short_axis_cine_is_told_apart_whatever_series_are_called(tmp_path: Path, other: str) -> None:
    make, kind = OTHERS[other]
    datasets = named_misleadingly(make())
    sax = cine_by_series()
    for ds in sax:
        ds.SeriesDescription = "4CH long axis LGE localizer"
    stack, audit = open_input(write(tmp_path, [*datasets, *sax]))
    assert codes(stack) == expected(4, 10)
    assert {str(row.reason).split(": ")[1] for row in audit.left_out} == {str(kind.value)}
    assert len(audit.left_out) == len(datasets)


@pytest.mark.slow
@pytest.mark.parametrize("other", sorted(set(OTHERS) - {"axial chest"}))
def test_that_a_study_without_short_axis_cine_is_refused_with_what_there_is(tmp_path: Path, other: str) -> None:
    make, kind = OTHERS[other]
    with pytest.raises(NothingSegmentable, match=rf"no short-axis cine found; there are series .* \({kind.value!s}: "):
        open_input(write(tmp_path, named_misleadingly(make())))


@pytest.mark.slow
def test_that_every_other_series_together_do_not_hide_the_cine(tmp_path: Path) -> None:
    others = [ds for make, _ in OTHERS.values() for ds in make()]
    stack, audit = open_input(write(tmp_path, [*others, *cine()]))
    assert codes(stack) == expected(4, 10)
    assert audit.files_given == audit.files_used + len(audit.left_out) == len(others) + 40


def test_that_magnitude_and_phase_images_of_one_series_are_parted(tmp_path: Path) -> None:
    datasets = cine()
    for ds in cine():
        ds.ImageType = ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"]
        ds.SOPInstanceUID += ".2"
        ds.InstanceNumber = str(int(ds.InstanceNumber) + 100)
        datasets.append(ds)
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert len(audit.left_out) == 40
    assert "phase, real or imaginary part images" in str(audit.left_out[0].reason)


def test_that_phases_cut_into_series_by_moment_are_one_stack(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets:
        phase = int(ds.SOPInstanceUID.split(".")[-1])
        ds.SeriesInstanceUID, ds.SeriesNumber = f"{STUDY_UID}.9{phase}", str(90 + phase)
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)


def test_that_of_two_stacks_the_fuller_is_taken_and_the_other_named(tmp_path: Path) -> None:
    short = cine(slices=3, series=5, step_mm=14.0)
    for ds in short:
        ds.FrameOfReferenceUID = "1.2.3.4"
    write(tmp_path, [*cine(slices=8), *short])
    stack, audit = open_input(tmp_path)
    assert codes(stack) == expected(8, 10)
    assert any(
        "Another stack could be segmented: series 5 'series 5' (3 slices x 10" in w for w in map(str, audit.warnings)
    )
    stack, audit = open_input(tmp_path, series_uid=f"{STUDY_UID}.5")
    assert codes(stack) == expected(3, 10)
    assert len(audit.left_out) == 80


def test_that_a_whole_stack_acquired_again_is_taken_whole(tmp_path: Path) -> None:
    again = cine(slices=4, series=7)
    stack, audit = open_input(write(tmp_path, [*cine(), *again]))
    assert stack.series_uids == (f"{STUDY_UID}.7",)
    assert any("Another stack could be segmented: series 1" in warning for warning in map(str, audit.warnings))


def test_that_naming_one_slice_series_takes_its_whole_stack(tmp_path: Path) -> None:
    stack, _ = open_input(write(tmp_path, cine_by_series()), series_uid=f"{STUDY_UID}.3")
    assert codes(stack) == expected(4, 10)


def test_that_a_long_axis_cine_is_read_when_asked_for_and_doubted(tmp_path: Path) -> None:
    write(tmp_path, [*cine(), *single(FOUR_CHAMBER, series=11)])
    stack, audit = open_input(tmp_path, series_uid=f"{STUDY_UID}.11")
    assert stack.slices == 1
    assert any("This may be no true short-axis stack" in warning for warning in map(str, audit.warnings))


def test_that_a_series_that_can_be_no_stack_is_refused_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, [*cine(), *flow_phase()])
    with pytest.raises(UsageError, match=r"cannot be segmented .*phase, real or imaginary part images"):
        open_input(tmp_path, series_uid=f"{STUDY_UID}.26")


def test_that_an_axial_stack_alone_is_read_and_doubted(tmp_path: Path) -> None:
    stack, audit = open_input(write(tmp_path, cine(slices=8, axes=AXIAL)))
    assert stack.slices == 8
    assert any(
        "This may be no true short-axis stack: its normal stands 5" in warning for warning in map(str, audit.warnings)
    )


def test_that_patients_who_moved_between_series_are_not_stacked_together(tmp_path: Path) -> None:
    later = cine(slices=2, series=6)
    for ds in later:
        ds.FrameOfReferenceUID = "1.2.3.4"
    stack, _ = open_input(write(tmp_path, [*cine(), *later]))
    assert codes(stack) == expected(4, 10)
    assert stack.series_uids == (f"{STUDY_UID}.1",)


def test_that_the_index_lists_every_series_with_kind_and_reason(tmp_path: Path) -> None:
    write(tmp_path, [*cine(), *single(FOUR_CHAMBER, series=11), *late_enhancement()])
    with scan(tmp_path) as index:
        assert [(entry.number, entry.kind, entry.slices, entry.phases, entry.files) for entry in index.series] == [
            (1, SeriesKind.SAX_CINE, 4, 10, 40),
            (11, SeriesKind.LONG_AXIS_CINE, 1, 10, 10),
            (21, SeriesKind.LGE, 8, 1, 8),
        ]
        assert all(entry.why for entry in index.series)
        stack, _ = read_stack(index)
        assert codes(stack) == expected(4, 10)


def test_that_a_missing_modality_or_sop_class_does_not_hide_a_cine(tmp_path: Path) -> None:
    datasets = cine()
    for ds in datasets[:20]:
        del ds.SOPClassUID
    for ds in datasets[20:]:
        ds.Modality = ""
    stack, _ = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)


def test_that_series_with_a_frame_of_reference_each_are_stacked_with_a_caution(tmp_path: Path) -> None:
    datasets = cine_by_series()
    for ds in datasets:
        ds.FrameOfReferenceUID = f"1.2.3.{ds.SeriesNumber}"
    stack, audit = open_input(write(tmp_path, datasets))
    assert codes(stack) == expected(4, 10)
    assert [caution.code for caution in audit.cautions] == ["other_frames_of_reference"]
    assert audit.doubts == ()


def test_that_trigger_times_that_count_heartbeats_are_perfusion(tmp_path: Path) -> None:
    datasets = perfusion()
    for ds in datasets:
        del ds.AcquisitionTime
        ds.TriggerTime = str(800 * (int(ds.InstanceNumber) % 40))
    with scan(write(tmp_path, datasets)) as index:
        assert [entry.kind for entry in index.series] == [SeriesKind.PERFUSION]


def test_that_stacks_of_two_patients_are_told_apart(tmp_path: Path) -> None:
    second = cine(series=2)
    for dataset in second:
        dataset.StudyInstanceUID = "1.2.826.0.1.77"
        dataset.FrameOfReferenceUID = "1.2.826.0.1.78"
    write(tmp_path, [*cine(), *second])
    stack, audit = open_input(tmp_path)
    assert stack.slices == 4
    (caution,) = audit.cautions
    assert caution in audit.warnings
    assert "stacks of 2 studies, perhaps of several patients: the one of 2024-01-05 is segmented" in str(caution)


@pytest.mark.parametrize(("second_id", "told"), [("A", "of one patient"), ("B", "of 2 patients")])
def test_that_the_tags_tell_whether_two_studies_are_of_one_patient(tmp_path: Path, second_id: str, told: str) -> None:
    first, second = cine(), cine(series=2)
    for dataset in first:
        dataset.PatientID = "A"
    for dataset in second:
        dataset.PatientID, dataset.StudyInstanceUID = second_id, "1.2.826.0.1.77"
    _, audit = open_input(write(tmp_path, [*first, *second]))
    assert [f"2 studies, {told}: " in caution for caution in map(str, audit.cautions)] == [True]


@pytest.mark.parametrize(
    ("name", "flow"),
    [("tfi2d1_v2", False), ("*tfi2d1_12", False), ("cine_v1", False), ("fl2d1_v150in", True), ("*fl2d1r5_v80", True)],
)
def test_that_a_version_in_the_name_of_a_sequence_is_no_velocity(tmp_path: Path, name: str, flow: bool) -> None:
    datasets = cine()
    for ds in datasets:
        ds.SequenceName = name
    with scan(write(tmp_path, datasets)) as index:
        assert [entry.kind for entry in index.series] == [SeriesKind.PHASE_CONTRAST if flow else SeriesKind.SAX_CINE]


@pytest.mark.parametrize("word", ["MOSAIC", "VFRAME"])
def test_that_a_mosaic_is_named_as_one(tmp_path: Path, word: str) -> None:
    datasets = cine()
    for ds in datasets:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M", word]
    with pytest.raises(NothingSegmentable, match="a mosaic of many slices in one image") as refused:
        open_input(write(tmp_path, datasets))
    assert refused.value.message.code == "only_a_mosaic"
    with scan(tmp_path) as index:
        assert [entry.why.code for entry in index.series] == ["mosaic"]


@pytest.mark.slow
def test_that_images_without_ecg_through_several_beats_are_refused_as_real_time(tmp_path: Path) -> None:
    datasets = cine(slices=3, phases=75)
    for number, ds in enumerate(datasets):
        for keyword in ("TriggerTime", "NominalInterval", "CardiacNumberOfImages"):
            delattr(ds, keyword)
        seconds = 20 * (number // 75) + 0.036 * (number % 75)
        ds.AcquisitionTime = f"1000{seconds:09.6f}"
    with pytest.raises(InputError, match="a real-time cine without ECG, 75 images of a slice 36 ms apart"):
        open_input(write(tmp_path, datasets))
