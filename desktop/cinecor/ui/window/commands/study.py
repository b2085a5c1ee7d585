"""The menu Study: what is outlined and read."""

from typing import Final

from cinecor.app.other_reading import Whose
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.sheets.audit_sheet import AuditSheet
from cinecor.ui.sheets.incoming_sheet import Use
from cinecor.ui.window.command import AtStudy, Menu
from cinecor.ui.window.study_page import StudyPage

STUDY: Final = Menu(N_("Study"))


@STUDY.study_command(
    N_("Segment again"),
    "Ctrl+R",
    when=lambda page: not page.desk.outlining.running,
    also=N_("contour contours outline outlines segmentation masks model AI"),
)
def segment(at: AtStudy) -> None:
    """Outline both ventricles."""
    at.desk.outlining.start()


def _others(page: StudyPage) -> bool:
    session = page.desk.review.session
    return session is not None and len(session.results) > 1


@STUDY.study_command(N_("Show other outlines"), when=_others)
def other_outlines(at: AtStudy) -> None:
    """Lay the review over the next AI result that is kept of the study, with what was done over that one."""
    session = at.desk.review.session
    assert session is not None
    numbers = [result.id for result in session.results]
    at.desk.review.use_result(numbers[(numbers.index(session.result_in_use or numbers[0]) + 1) % len(numbers)])


def _measured(page: StudyPage) -> bool:
    return page.desk.review.result is not None


@STUDY.study_command(N_("Compare with results…"), when=_measured)
def compare_results(at: AtStudy) -> None:
    """Ask for a folder of results and lay its outlines beside the reader's."""
    folder = at.bench.opening.choose_folder(tr("Folder with the results to compare with"))
    if folder is not None:
        at.desk.open_results(folder)


@STUDY.study_command(N_("Compare with outlines of others…"), when=_measured, also=N_("contours masks segmentation"))
def compare_outlines(at: AtStudy) -> None:
    """Lay outlines that somebody else drew beside the reader's."""
    at.bench.taking_over.ask(at.page, Use.COMPARE)


@STUDY.study_command(
    N_("The model’s outlines beside yours"), "Q", when=lambda page: page.desk.review.result is not None
)
def compare_model(at: AtStudy) -> None:
    """Lay the model's own outlines beside the reader's, or take them away."""
    comparing = at.desk.comparing
    if comparing.shows(Whose.MODEL):
        comparing.hide(Whose.MODEL)
    else:
        comparing.show_model()


@STUDY.study_command(N_("Stop"), "Escape")
def stop(at: AtStudy) -> None:
    """Stop whatever goes on; where nothing does, let the short axis come back from behind a long-axis view."""
    if at.desk.valves.drawing is not None:
        at.desk.valves.choose(None)
    elif at.page.player.playing or at.desk.operations.busy or at.bench.saving.operations.busy:
        at.page.player.stop()
        if not at.bench.saving.stop_export():
            at.desk.operations.cancel()
    else:
        at.page.images.give_back()


@STUDY.study_command(N_("Import audit…"), "F3", separated=True, also=N_("files left out import why"))
def audit(at: AtStudy) -> None:
    """Open the account of the import."""
    if at.desk.reading.study is not None:
        AuditSheet(at.desk.reading.study, at.bench.theme, at.bench.window).open()


@STUDY.study_command(N_("Choose another series"), also=N_("use series for analysis stack"))
def take_series(at: AtStudy) -> None:
    """Show the series of the input."""
    at.bench.settings.change("study_panel", True)
    at.page.panel.unfold()


@STUDY.study_command(N_("Next study"), "Ctrl+Tab", separated=True)
def next_study(at: AtStudy) -> None:
    """Bring the next study to the front."""
    at.bench.workspace.next_page()
