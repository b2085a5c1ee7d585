"""Results find their study again, and no other."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cinecor.app.report_study import ReportOptions, read_logo, report_study
from cinecor.app.result_study import open_result_study, result_folders
from cinecor.errors import InputError, UsageError
from cinecor.report.kept_results import read_results


def test_that_a_folder_of_folders_stands_for_all_of_them(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text("{}")
    assert result_folders([tmp_path]) == (tmp_path / "a", tmp_path / "b")
    assert result_folders([tmp_path / "a", tmp_path]) == (tmp_path / "a", tmp_path / "b")


def test_that_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no results\.json"):
        result_folders([tmp_path])
    with pytest.raises(UsageError, match=r"holds no results\.json"):
        read_results(tmp_path)


def test_that_a_damaged_page_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(InputError, match=r"results\.json cannot be read"):
        read_results(tmp_path)


def test_that_results_without_their_study_still_make_a_report(segmented_phantom: Path, tmp_path: Path) -> None:
    lone = tmp_path / "lone"
    shutil.copytree(segmented_phantom, lone)
    page = json.loads((lone / "results.json").read_text())
    (lone / "results.json").write_text(json.dumps(page | {"input": "gone"}))
    with open_result_study(read_results(lone)) as opened:
        assert opened.study is None
    assert report_study(lone, options=ReportOptions()).startswith(b"%PDF-")


def test_that_another_study_is_refused(segmented_phantom: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with (
        pytest.raises(InputError, match="is not the study of these results"),
        open_result_study(read_results(segmented_phantom), [other]),
    ):
        pass


def test_that_a_moved_study_is_found_by_its_files(segmented_phantom: Path, phantom_study: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.symlink_to(phantom_study, target_is_directory=True)
    with open_result_study(read_results(segmented_phantom), [moved]) as opened:
        assert opened.study is not None
        assert opened.study.stack.pixels.shape == opened.kept.labels.shape


def test_that_a_logo_is_a_picture(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="no PNG or JPEG"):
        read_logo(tmp_path / "logo.png")
    with pytest.raises(InputError, match="cannot be read"):
        read_logo(tmp_path / "absent.png")


def test_that_what_makes_reports_and_objects_is_loaded_when_one_is_made() -> None:
    """A start that waited for it would be slower for everybody."""
    modules = (
        "cinecor.cli.main, cinecor.app.export_review, cinecor.app.incoming_outlines, cinecor.app.report_study, "
        "cinecor.app.outlines_within, cinecor.app.earlier_studies, cinecor.app.cohort.worker"
    )
    asked = f"import sys, {modules}; print(sorted({{name.split('.')[0] for name in sys.modules}}))"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout
    assert not {"reportlab", "highdicom", "pydicom", "nibabel"} & set(ast.literal_eval(told))
