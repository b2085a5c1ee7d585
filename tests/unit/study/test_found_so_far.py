"""A scan tells what it has found before it is done."""

import sys
from pathlib import Path

import pytest

from cinecor.study import FoundSoFar, SeriesKind
from cinecor.study.series.scan import scan
from cinecor_phantom import Acquisition, make_phantom, write_dicom


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 files: three batches of the scan."""
    folder = tmp_path_factory.mktemp("long") / "study"
    small = Acquisition(slices=8, phases=20, rows=64, columns=64, pixel_spacing_mm=4.0, slice_gap_mm=7.0)
    write_dicom(make_phantom(acquisition=small), folder)
    return folder


@pytest.mark.slow
def test_that_a_long_scan_tells_files_and_series_and_ends_with_what_a_silent_one_finds(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["cinecor.study.series.scan"], "_TELL_EVERY_S", 0.0)
    told: list[FoundSoFar] = []
    index = scan(study, found=told.append)
    assert told
    assert [one.files_read for one in told] == sorted(one.files_read for one in told)
    assert told[0].files_read < told[0].files_given == 160
    assert told[0].series[0].kind is SeriesKind.SAX_CINE
    assert index.series == scan(study).series
