"""The menu File: open, save, close."""

from typing import Final

from cinecor.errors import CinecorError
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import N_
from cinecor.ui.sheets.export_sheet import ExportSheet
from cinecor.ui.sheets.incoming_sheet import Use
from cinecor.ui.window.command import AtStudy, Bench, Menu

FILE: Final = Menu(N_("File"))


@FILE.command(N_("Open folder…"), "Ctrl+O", also=N_("load import study DICOM"))
def open_folder(bench: Bench) -> None:
    """Ask for a folder and open it."""
    bench.opening.ask_for_folder()


@FILE.command(N_("Open file (DICOMDIR, zip, NIfTI)…"), "Ctrl+Shift+O", also=N_("load import study DICOM NIfTI"))
def open_file(bench: Bench) -> None:
    """Ask for a file and open it."""
    bench.opening.ask_for_file()


@FILE.command(N_("Open the synthetic study"))
def open_demo(bench: Bench) -> None:
    """Open the demonstration study."""
    bench.opening.demo_wanted.emit()


@FILE.command(N_("Worklist"), "Ctrl+L", separated=True, also=N_("list of studies patients"))
def worklist(bench: Bench) -> None:
    """Show the worklist, or from it the studies that are open."""
    if bench.workspace.at_home:
        bench.workspace.next_page()
    else:
        bench.workspace.go_home()


@FILE.command(N_("Forget recent studies"))
def clear_recent(bench: Bench) -> None:
    """Offer no study on the welcome page any more."""
    bench.recent.clear()
    bench.home.refresh()


@FILE.command(N_("Forget all kept studies…"))
def forget_all(bench: Bench) -> None:
    """Ask, then forget everything that is kept of studies."""
    bench.home.worklist.forget_all()


@FILE.study_command(N_("Export results…"), "Ctrl+S", separated=True, also=N_("save results write numbers masks labels"))
def save_results(at: AtStudy) -> None:
    """Write labels, numbers and curves."""
    at.bench.saving.results(at.page)


@FILE.study_command(N_("Export report, DICOM, NIfTI…"), "Ctrl+Shift+S", also=N_("report export PDF SEG SR send save"))
def export(at: AtStudy) -> None:
    """Ask in which forms, and write them."""
    study, session = at.desk.reading.study, at.desk.review.session
    sheet = ExportSheet(
        at.bench.window,
        dicom=study is not None and study.index is not None,
        settings=at.bench.settings,
        impression="" if session is None else session.impression,
        earlier=at.desk.keeping.earlier(),
    )
    sheet.finished.connect(lambda _: _keep_impression(at, sheet.impression.toPlainText().strip()))
    sheet.wanted.connect(lambda options: at.bench.saving.export(at.page, options))
    sheet.open()


def _keep_impression(at: AtStudy, text: str) -> None:
    """Keep what was written for the report, exported or not: it may be half a report."""
    session = at.desk.review.session
    if session is None:
        return
    try:
        session.keep_impression(text)
    except CinecorError as error:
        at.page.messages.show_failure(failure_of(error))


@FILE.study_command(N_("Take over outlines of others…"), also=N_("import contours masks segmentation"))
def take_over_outlines(at: AtStudy) -> None:
    """Lay outlines that somebody else drew over the study, as one step that can be undone."""
    at.bench.taking_over.ask(at.page, Use.CORRECT)


@FILE.study_command(N_("Save picture of the views…"), "Ctrl+P", also=N_("export picture screenshot image"))
def save_picture(at: AtStudy) -> None:
    """Write the page as it is seen."""
    at.bench.saving.picture(at.page)


@FILE.study_command(N_("Save cine as GIF…"), "Ctrl+Shift+P", also=N_("export movie video cine"))
def save_animation(at: AtStudy) -> None:
    """Write one cycle of the image view in front."""
    at.bench.saving.animation(at.page)


@FILE.study_command(N_("Save curves (CSV or PNG)…"), also=N_("export curves volumes table"))
def save_curves(at: AtStudy) -> None:
    """Write the volume curves."""
    at.bench.saving.curves(at.page)


@FILE.study_command(N_("Close study"), "Ctrl+W", separated=True)
def close_study(at: AtStudy) -> None:
    """Close the study; ask first when something of it was not saved."""
    at.bench.leaving.before([at.page], lambda: at.bench.workspace.close_page(at.page))


@FILE.command(N_("Quit"), "Ctrl+Q")
def quit(bench: Bench) -> None:  # noqa: A001  the name of the command
    """Close the window."""
    bench.window.close()
