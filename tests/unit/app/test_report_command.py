"""`cinecor report`: for one or many, as the department's settings say, beside what is kept of the patient."""

import shutil
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from result_folders import with_facts
from unit.review.studies import small_review

from cinecor.app import policy, report_study
from cinecor.app.known_study import open_review
from cinecor.app.patient_card import PatientCard
from cinecor.app.result_study import open_result_study
from cinecor.app.settings import Settings
from cinecor.cli.main import main
from cinecor.report.kept_results import read_results
from cinecor.report.pdf.report_head import ReportHead
from cinecor.review.ledger import Person
from cinecor.review.store.study_store import StudyCard, StudyStore


def text_of(path: Path) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of whoever runs the command, and a home of their own."""
    monkeypatch.setattr(policy, "settings_path", lambda: tmp_path / "settings.json")
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "home"))
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def lone(segmented_phantom: Path, tmp_path: Path) -> Path:
    """Results without their study: their report is quick."""
    folder = tmp_path / "cohort" / "one"
    shutil.copytree(segmented_phantom, folder)
    page = (folder / "results.json").read_text()
    (folder / "results.json").write_text(page.replace('"input_id": "', '"input_id": "x'))
    return folder


@pytest.mark.usefixtures("settings")
def test_that_many_results_give_a_report_each(lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(lone, lone.parent / "two")
    assert main(["report", str(lone.parent), "--out", str(tmp_path / "reports")]) == 0
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["one.pdf", "two.pdf"]
    assert main(["report", str(lone.parent), "--out", str(tmp_path / "all.pdf")]) == 2
    assert "do not go into one file" in capsys.readouterr().err
    (lone / "results.json").write_text("{}")
    assert main(["report", str(lone.parent), "--out", str(tmp_path / "again")]) == 1
    assert [path.name for path in (tmp_path / "again").iterdir()] == ["two.pdf"]


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("name", ["report.docx", "report.htm"])
def test_that_a_report_of_another_kind_is_refused_and_makes_no_folder(
    lone: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(lone), "--out", str(tmp_path / name)]) == 2
    assert "a report is FILE.pdf or FILE.html" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("name", ["2026.11", "trial.v2", "there.old"])
def test_that_a_folder_may_have_a_point_in_its_name(lone: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.old").mkdir()
    assert main(["report", str(lone), "--out", str(tmp_path / name)]) == 0
    assert [path.name for path in (tmp_path / name).iterdir()] == ["one.pdf"]


@pytest.mark.usefixtures("settings")
def test_that_a_study_is_not_compared_with_itself(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(lone), "--out", str(tmp_path / "a.pdf"), "--earlier", str(lone)]) == 1
    assert "is of this same study" in capsys.readouterr().err


@pytest.fixture
def other(lone: Path, tmp_path: Path) -> Path:
    """Results of another study, which is not at hand either."""
    return with_facts(lone, tmp_path / "other", stack={"series_uids": ["1.2.3"]})


def dated(monkeypatch: pytest.MonkeyPatch, **dates: str) -> None:
    """Have studies of these dates stand in for those of the results in folders of these names."""
    monkeypatch.setattr(
        report_study, "head_of", lambda opened: ReportHead(id="P1", study_date=dates[opened.kept.folder.name])
    )


@pytest.mark.usefixtures("settings")
def test_that_no_later_study_is_an_earlier_one(
    lone: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["report", str(lone), "--out", str(tmp_path / "a.pdf"), "--earlier", str(other)]
    dated(monkeypatch, one="2025-01-31", other="2025-02-01")
    assert main(command) != 0
    assert "after this study" in capsys.readouterr().err
    dated(monkeypatch, one="2025-01-31", other="2025-01-31")
    assert main(command) == 0
    assert "is not known" not in text_of(tmp_path / "a.pdf")


@pytest.mark.usefixtures("settings")
def test_that_an_earlier_study_of_nobody_known_is_told(lone: Path, other: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    assert main(["report", str(lone), "--out", str(out), "--earlier", str(other)]) == 0
    assert "that it is of the same patient is not known" in " ".join(text_of(out).split())


@pytest.mark.usefixtures("settings")
def test_that_a_report_may_be_a_page_for_a_browser(
    lone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(lone), "--out", str(tmp_path / "one.html")]) == 0
    assert (tmp_path / "one.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    shutil.copytree(lone, lone.parent / "two")
    assert main(["report", str(lone.parent), "--out", str(tmp_path / "pages"), "--html"]) == 0
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["one.html", "two.html"]
    capsys.readouterr()
    assert main(["report", str(lone), "--out", str(tmp_path / "one.pdf"), "--html"]) == 2
    assert "--html makes no PDF" in capsys.readouterr().err


def test_that_the_settings_say_whose_a_report_is(lone: Path, tmp_path: Path, settings: Settings) -> None:
    settings.change("department", "Heart Centre North")
    assert main(["report", str(lone), "--out", str(tmp_path / "a.pdf")]) == 0
    assert "Heart Centre North" in text_of(tmp_path / "a.pdf")
    assert (
        main(["report", str(lone), "--out", str(tmp_path / "b.pdf"), "--department", "Guests", "--language", "fr"]) == 0
    )
    told = text_of(tmp_path / "b.pdf")
    assert "Guests" in told
    assert "Heart Centre North" not in told
    assert "IRM cardiaque" in told
    settings.change("logo", str(tmp_path / "gone.png"))
    assert main(["report", str(lone), "--out", str(tmp_path / "c.pdf")]) != 0


@pytest.mark.usefixtures("settings")
def test_that_a_report_is_compared_with_what_is_kept_of_the_patient(segmented_phantom: Path, tmp_path: Path) -> None:
    with open_result_study(read_results(segmented_phantom)) as opened:
        assert opened.study is not None
        card: PatientCard = opened.study.card
    store = StudyStore()
    then = StudyCard(Path("/images"), (), card.name, card.id, "2020-02-29", "")
    review = small_review()
    kept = open_review(store, replace(review, segmentation=None), card=then, person=Person("Ada", "", "ada"))
    assert review.segmentation is not None
    kept.session.outlined(review.segmentation)
    kept.session.keep_summary(())
    store.close()
    assert main(["report", str(segmented_phantom), "--out", str(tmp_path / "a.pdf"), "--earlier"]) == 0
    assert "Since 2020-02-29" in text_of(tmp_path / "a.pdf")
    assert main(["report", str(segmented_phantom), "--out", str(tmp_path / "b.pdf")]) == 0
    assert "2020-02-29" not in text_of(tmp_path / "b.pdf")
