"""The menu Review: through what is doubtful, worst first, and the signature at its end."""

from typing import Final

from PySide6.QtWidgets import QInputDialog

from cinecor.app.signer import remember_signer
from cinecor.errors import CinecorError
from cinecor.measure.findings.finding import Severity
from cinecor.review import Answer
from cinecor.review.ledger import Person
from cinecor.review.store.worklist import Status
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.panels.review_list import KEYS
from cinecor.ui.sheets.sign_sheet import SignSheet
from cinecor.ui.study.difference import beside_models, difference_text
from cinecor.ui.window.command import AtStudy, Menu
from cinecor.ui.window.study_page import StudyPage

REVIEW: Final = Menu(N_("Review"))


def _some_open(page: StudyPage) -> bool:
    return bool(page.desk.doubts.open)


def _answerable(page: StudyPage) -> bool:
    return page.desk.doubts.current is not None and not page.desk.review.locked


@REVIEW.study_command(N_("Next open doubt"), "F4", when=_some_open, also=N_("findings problems quality"))
def next_doubt(at: AtStudy) -> None:
    """Go to the next doubt that nobody has answered."""
    at.desk.doubts.go_next()
    at.page.focus_image()


@REVIEW.study_command(N_("It is right as it is"), KEYS[Answer.ACCEPTED], separated=True, when=_answerable)
def accept_doubt(at: AtStudy) -> None:
    """Answer the doubt: looked at, the numbers stand."""
    at.page.answer_shown(Answer.ACCEPTED)


@REVIEW.study_command(N_("It is corrected"), KEYS[Answer.CORRECTED], when=_answerable)
def correct_doubt(at: AtStudy) -> None:
    """Answer the doubt: the outlines were mended."""
    at.page.answer_shown(Answer.CORRECTED)


@REVIEW.study_command(N_("Drop the slice there"), KEYS[Answer.DROPPED], when=_answerable)
def drop_doubt(at: AtStudy) -> None:
    """Answer the doubt: what it is about counts no more."""
    at.page.answer_shown(Answer.DROPPED)


@REVIEW.study_command(N_("Open the doubt again"), when=_answerable)
def reopen_doubt(at: AtStudy) -> None:
    """Take the answer back."""
    doubt = at.desk.doubts.current
    if doubt is not None:
        at.desk.doubts.answer(doubt, None)


def _can_sign(page: StudyPage) -> bool:
    review = page.desk.review
    return review.session is not None and review.session.keeps and not review.locked and review.result is not None


@REVIEW.study_command(N_("Sign…"), "F9", separated=True, when=_can_sign, also=N_("approve finish report"))
def sign(at: AtStudy) -> None:
    """Ask who signs and why with what is open, then sign and lock the study."""
    desk = at.desk
    session, result = desk.review.session, desk.review.result
    if session is None or result is None:
        return
    keys = session.open_doubts(result.quality.findings)
    doubts = [doubt for doubt in desk.doubts.doubts if doubt.key in keys]
    open_warnings = sum(doubt.severity is Severity.WARNING for doubt in desk.doubts.open)

    def signed(person: Person, comment: str, reasons: dict[str, str]) -> None:
        session.person = remember_signer(at.bench.settings, name=person.name, organisation=person.organisation)
        try:
            session.sign(comment=comment, reasons=reasons, input_path=desk.path)
        except CinecorError as error:
            at.page.messages.show_failure(failure_of(error))
        desk.keeping.change_standing()

    SignSheet(
        session.person,
        doubts,
        open_warnings=open_warnings,
        ejection_fractions=beside_models(desk),
        difference=difference_text(desk),
        sign=signed,
        parent=at.bench.window,
    ).open()


def _signed(page: StudyPage) -> bool:
    session = page.desk.review.session
    return session is not None and session.keeps and session.status is Status.SIGNED


@REVIEW.study_command(N_("Amend…"), when=_signed)
def amend(at: AtStudy) -> None:
    """Ask why, then begin the next version; the signed one stays."""
    session = at.desk.review.session
    if session is None:
        return
    box = QInputDialog(at.bench.window)
    box.setWindowTitle(tr("Amend…").removesuffix("…"))
    version = session.standing.version
    box.setLabelText(tr("Version {version} stays as it was signed. Why is it amended?", version=version))
    box.setOkButtonText(tr("Amend"))
    box.setCancelButtonText(tr("Go back"))

    def amended(reason: str) -> None:
        if not reason.strip():
            return
        try:
            session.amend(reason.strip())
        except CinecorError as error:
            at.page.messages.show_failure(failure_of(error))
        at.desk.keeping.change_standing()

    box.textValueSelected.connect(amended)
    box.open()
