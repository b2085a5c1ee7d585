"""`Saving`: results, pictures, animations and curves to files, without stopping the window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_review import export_review
from cinecor.app.save_study import NOTHING_TO_SAVE, save_study, volume_table
from cinecor.app.work import Operation
from cinecor.durable_file import replace_file
from cinecor.errors import OutputError
from cinecor.message import Message
from cinecor.review.standing import Standing
from cinecor.scene.animation import write_gif
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.png import png_bytes
from cinecor.ui.look.texts import said, tr
from cinecor.ui.panels.toast import Toast
from cinecor.ui.views.caption import caption
from cinecor.ui.views.pictures import KEPT_COLOURS, CinePictures, picture_of
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.work.operations import Operations

_OUTLINED = {Form.SEG, Form.NIFTI}  # with these nothing of the doctor's work is lost


class Saving(QObject):
    """Asks where, then writes in the background; `ask_file` and `ask_folder` may be replaced."""

    refused = Signal()  # something could not be written, and it was told why

    def __init__(self, messages: Toast, places: dict[str, str]) -> None:
        super().__init__(messages)
        self._messages, self._places = messages, places  # where it is told, and where was saved last
        self.ask_file: Callable[[str, str], Path | None] = self._ask_file
        self.ask_folder: Callable[[str], Path | None] = self._ask_folder
        self.operations = Operations(self)
        self._export: Operation[Path] | None = None

    def results(
        self,
        page: StudyPage,
        *,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """Write labels, numbers and curves as `cinecor segment` does; run `then` when they are on disk.

        `otherwise` is run when they do not get there: too early, no folder chosen, or a disk that refuses.
        """
        review, path = page.desk.review.decided, page.desk.path
        folder = None
        if review is None or page.desk.review.result is None:
            page.messages.show_text(said(NOTHING_TO_SAVE))
        else:
            folder = self.ask_folder(tr("Folder for the results"))
        if review is None or folder is None:
            if otherwise is not None:
                otherwise()
            return

        standing = _standing(page)

        def saved() -> None:
            page.desk.review.mark_exported(review)
            if then is not None:
                then()

        self._start(
            page,
            lambda: save_study(review, input_path=path, out_dir=folder, standing=standing).folder.path,
            then=saved,
            otherwise=otherwise,
        )

    def export(self, page: StudyPage, options: ExportOptions) -> None:
        """Write what is wanted of the study as it is now, into a new folder."""
        session, study = page.desk.review.session, page.desk.reading.study
        if session is None or study is None or page.desk.review.result is None:
            page.messages.show_text(said(NOTHING_TO_SAVE))
            return
        folder = self.ask_folder(tr("Folder for the export"))
        if folder is None:
            return
        review, standing = session.review, session.standing
        notes: list[str] = []
        folders: list[Path] = []  # that were written

        def write(operation: Operation[Path]) -> Path:
            done = export_review(
                review,
                study,
                out_dir=folder,
                options=options,
                standing=standing,
                progress=operation.report,
                cancelled=operation.cancelled,
            )
            folders.append(done.folder)
            notes.extend(said(note) for note in done.notes)
            if done.refused:  # the rest is written; why this is not has to be seen
                raise OutputError(
                    Message("partly_exported", "{folder}: {reason}", folder=done.folder, reason=done.refused[0][1])
                )
            return done.folder

        def exported() -> None:
            if options.forms - {Form.IMAGES}:
                page.desk.review.mark_exported(review, outlines=bool(options.forms & _OUTLINED))
            if notes and not page.closed:
                page.messages.show_text(" ".join([page.messages.text.text(), *notes]))

        def stopped() -> None:
            if folders:  # it came too late
                tell(folders[0])
            else:
                self._bar(page).show_text(tr("The export was stopped; nothing was written."))

        def tell(folder: Path) -> None:
            self._bar(page).show_text(tr("Saved: {path}", path=folder))
            exported()

        self._export = self.operations.start(
            "export",
            write,
            done=tell,
            failed=lambda error: self._refuse(page, error),
            cancelled=stopped,
        )

    def stop_export(self) -> bool:
        """Return whether an export runs, and stop it: nothing of it is left then."""
        running = self._export if self.operations.runs(self._export) else None
        if running is not None:
            running.cancel()
        return running is not None

    def picture(self, page: StudyPage) -> None:
        """Write the page as it is seen, with the notice below."""
        if page.desk.reading.study is None:
            return
        path = self.ask_file(tr("Save picture"), f"{_name(page)}.png")
        if path is not None:
            page.first_look.finish()
            page.first_painting.finish()
            # What serves the mouse is not for others, and a message, which may hold a path, floats beside the views.
            hidden = [one for one in (page.controls, page.hint) if one.isVisible()]
            for one in hidden:
                one.hide()
            for _ in range(3):  # views within splitters within the page take the room at once
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            content = png_bytes(picture_of(page.views, caption(page.desk)))
            for one in hidden:
                one.show()
            self._start(page, lambda: _written(path, content))

    def copy(self, page: StudyPage) -> None:
        """Put the image view in front on the clipboard, with its caption."""
        if page.desk.reading.study is not None:
            front = page.grid if page.grid.isVisible() else page.images.main
            focused = next((view for view in (*page.beside.views, page.cine, page.grid) if view.hasFocus()), front)
            QGuiApplication.clipboard().setImage(picture_of(focused, caption(page.desk)))

    def animation(self, page: StudyPage) -> None:
        """Write one cycle of the image view in front as a GIF that plays at the shown speed."""
        if page.desk.reading.study is None:
            return
        path = self.ask_file(tr("Save cine as GIF"), f"{_name(page)}.gif")
        if path is None:
            return
        step_ms = page.player.timeline().step_ms
        view = page.grid if page.grid.isVisible() else page.images.main
        pictures = CinePictures(view, page.desk.reading, page.desk.cursor, lines=caption(page.desk), parent=page)
        pictures.progressed.connect(
            lambda done, of: page.hint.setText(tr("Painting phase {done} of {of}…", done=done, of=of))
        )

        def finished(frames: tuple[NDArray[np.uint8], ...]) -> None:
            page.toolbox.changed.emit()  # the hint that stood there before
            self._start(page, lambda: _written(path, write_gif(frames, step_ms=step_ms, kept=KEPT_COLOURS)))

        pictures.finished.connect(finished)
        pictures.given_up.connect(
            lambda: page.messages.show_text(
                tr("The animation was not saved, because other images were opened meanwhile: save it again.")
            )
        )
        pictures.start()

    def curves(self, page: StudyPage) -> None:
        """Write the volume curves, as a table or as a picture, by the name that is chosen."""
        review, source, standing = page.desk.review.decided, page.desk.path, _standing(page)
        if review is None or page.desk.review.result is None:
            page.messages.show_text(said(NOTHING_TO_SAVE))
            return
        path = self.ask_file(tr("Save curves"), f"{_name(page)}.csv")
        if path is None:
            return
        if path.suffix.lower() == ".png":
            content = png_bytes(picture_of(page.curves, caption(page.desk)))
            self._start(page, lambda: _written(path, content))
        else:  # of what is decided: what is shown may be a gesture that is not at its end
            self._start(page, lambda: _written(path, volume_table(review, input_path=source, standing=standing)))

    def _start(
        self,
        page: StudyPage,
        write: Callable[[], Path],
        *,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """Write in the background, and tell on the page; on the window where the page was closed meanwhile."""

        def written(path: Path) -> None:
            self._bar(page).show_text(tr("Saved: {path}", path=path))
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            self._refuse(page, error)
            if otherwise is not None:
                otherwise()

        self.operations.start("save", lambda _: write(), done=written, failed=failed)

    def _refuse(self, page: StudyPage, error: Exception) -> None:
        self._bar(page).show_failure(failure_of(error))
        self.refused.emit()

    def _bar(self, page: StudyPage) -> Toast:
        return self._messages if page.closed else page.messages

    def _ask_file(self, title: str, name: str) -> Path | None:
        dialog = QFileDialog(self._messages.window(), title, str(Path(self._places.get("save", "")) / name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        usual = Path(name).suffix.removeprefix(".")
        dialog.setDefaultSuffix(usual)
        kinds = ("csv", "png") if usual == "csv" else (usual,)  # curves are a table or a picture
        dialog.setNameFilters([f"{kind.upper()} (*.{kind})" for kind in kinds])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        chosen = dialog.selectedFiles() if dialog.exec() == QDialog.DialogCode.Accepted else []
        dialog.deleteLater()
        if not chosen:
            return None
        self._places["save"] = str(Path(chosen[0]).parent)
        return Path(chosen[0])

    def _ask_folder(self, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self._messages.window(), title, self._places.get("save", ""))
        if chosen:
            self._places["save"] = chosen
        return Path(chosen) if chosen else None


def _standing(page: StudyPage) -> Standing | None:
    """Return who answers for the numbers, as every output says."""
    session = page.desk.review.session
    return None if session is None else session.standing


def _name(page: StudyPage) -> str:
    """Return how a file of a study may be called: as its input, where the patient's name may be shown."""
    return page.desk.path.stem if page.desk.settings.flag("show_patient") else "cinecor"


def _written(path: Path, content: bytes) -> Path:
    """Return the path of a file that was written for others to read, as results are."""
    replace_file(path, content)
    return path
