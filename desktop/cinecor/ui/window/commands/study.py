"""The menu Study: what is outlined and read."""

from typing import Final

from cinecor.ui.look.texts import N_
from cinecor.ui.sheets.audit_sheet import AuditSheet
from cinecor.ui.window.command import AtStudy, Menu

STUDY: Final = Menu(N_("Study"))


@STUDY.study_command(N_("Segment again"), "Ctrl+R", when=lambda page: not page.desk.outlining.running)
def segment(at: AtStudy) -> None:
    """Outline both ventricles."""
    at.desk.outlining.start()


@STUDY.study_command(N_("Stop"), "Escape")
def stop(at: AtStudy) -> None:
    """Stop whatever goes on for the study."""
    at.page.player.stop()
    at.desk.operations.cancel()


@STUDY.study_command(N_("Import audit…"), "F3", separated=True)
def audit(at: AtStudy) -> None:
    """Open the account of the import."""
    if at.desk.reading.study is not None:
        AuditSheet(at.desk.reading.study, at.bench.theme, at.bench.window).open()


@STUDY.study_command(N_("Choose another series"))
def take_series(at: AtStudy) -> None:
    """Show the series of the input."""
    at.bench.settings.change("study_panel", True)
    at.page.panel.tree.setFocus()


@STUDY.study_command(N_("Next study"), "Ctrl+Tab", separated=True)
def next_study(at: AtStudy) -> None:
    """Bring the next study to the front."""
    at.bench.workspace.next_page()
