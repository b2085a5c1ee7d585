"""`Saving`: results, pictures, animations and curves to files, without stopping the window."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QFileDialog

from cinecor.app.background import Handle
from cinecor.app.save_study import save_study
from cinecor.durable_file import replace_file
from cinecor.errors import OutputError
from cinecor.report.composition import compose_results
from cinecor.report.volumes import volumes_csv
from cinecor.scene.animation import write_gif
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import tr
from cinecor.ui.panels.message_bar import MessageBar
from cinecor.ui.views.pictures import KEPT_COLOURS, CinePictures, picture_of, png_bytes
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.work.relay import Relay

if TYPE_CHECKING:
    from cinecor.ui.window.window import Window


class Saving(QObject):
    """Asks where, then writes in the background; `ask_file` and `ask_folder` may be replaced."""

    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        self.ask_file: Callable[[str, str], Path | None] = self._ask_file
        self.ask_folder: Callable[[str], Path | None] = self._ask_folder
        self._running: list[Relay] = []
        self._then: dict[Relay, tuple[Callable[[], None] | None, Callable[[], None] | None]] = {}

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
        review, path = page.desk.review, page.desk.path
        folder = None
        if review is None or page.desk.measures is None:
            page.messages.show_text(tr("save.wait"))
        else:
            folder = self.ask_folder(tr("dialog.save_results"))
        if review is None or folder is None:
            if otherwise is not None:
                otherwise()
            return

        def saved() -> None:
            page.desk.mark_saved(review)
            if then is not None:
                then()

        self._start(
            page,
            lambda _: save_study(review, input_path=path, out_dir=folder).folder.path,
            then=saved,
            otherwise=otherwise,
        )

    def picture(self, page: StudyPage) -> None:
        """Write the page as it is seen, with the notice below."""
        if page.desk.study is None:
            return
        path = self.ask_file(tr("dialog.save_picture"), f"{page.desk.path.stem}.png")
        if path is not None:
            # Messages hold paths of this computer, and the rest serves the mouse: neither is for others.
            hidden = [one for one in (page.messages, page.controls, page.hint) if one.isVisible()]
            for one in hidden:
                one.hide()
            for _ in range(3):  # views within splitters within the page take the room at once
                QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            content = png_bytes(picture_of(page.views))
            for one in hidden:
                one.show()
            self._start(page, lambda _: _written(path, content))

    def animation(self, page: StudyPage) -> None:
        """Write one cycle of the image view in front as a GIF that plays at the shown speed."""
        if page.desk.study is None:
            return
        path = self.ask_file(tr("dialog.save_animation"), f"{page.desk.path.stem}.gif")
        if path is None:
            return
        step_ms = page.player.timeline().step_ms
        view = page.grid if page.grid.isVisible() else page.cine
        pictures = CinePictures(view, page.desk, page)

        def finished(frames: Any) -> None:
            self._start(page, lambda _: _written(path, write_gif(frames, step_ms=step_ms, kept=KEPT_COLOURS)))

        pictures.finished.connect(finished)
        pictures.given_up.connect(lambda: page.messages.show_text(tr("save.animation_given_up")))
        pictures.start()

    def curves(self, page: StudyPage) -> None:
        """Write the volume curves, as a table or as a picture, by the name that is chosen."""
        review, measures = page.desk.review, page.desk.measures
        if review is None or measures is None:
            page.messages.show_text(tr("save.wait"))
            return
        path = self.ask_file(tr("dialog.save_curves"), f"{page.desk.path.stem}.csv")
        if path is None:
            return
        if path.suffix.lower() == ".png":
            content = png_bytes(picture_of(page.curves))
        else:
            content = volumes_csv(
                compose_results(review, measures, input_path=page.desk.path, input_name=page.desk.path.name)
            ).encode()
        self._start(page, lambda _: _written(path, content))

    def cancel(self) -> None:
        """Wait for what is being written: a half-written file is worse than a short wait."""
        for relay in self._running:
            relay.wait()

    def _start(
        self,
        page: StudyPage,
        work: Callable[[Handle], Path],
        *,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        relay = Relay("save", work, self)
        relay.setProperty("page", page)
        self._then[relay] = then, otherwise
        relay.done.connect(self._saved)
        relay.failed.connect(self._failed)
        self._running.append(relay)
        relay.start()

    @Slot(object)
    def _saved(self, path: object) -> None:
        bar, then, _ = self._end()
        bar.show_text(tr("save.done", path=path))
        if then is not None:
            then()

    @Slot(object)
    def _failed(self, error: object) -> None:
        bar, _, otherwise = self._end()
        bar.show_failure(failure_of(cast(Exception, error)))
        if otherwise is not None:
            otherwise()

    def _end(self) -> tuple[MessageBar, Callable[[], None] | None, Callable[[], None] | None]:
        """Let go of the relay that has ended.

        Gives the bar of its page, or the window's where the page was closed, and what follows on success and failure.
        """
        relay = self.sender()
        assert isinstance(relay, Relay)
        relay.wait()
        then, otherwise = self._then.pop(relay)
        self._running.remove(relay)
        relay.deleteLater()
        page = relay.property("page")
        here = isinstance(page, StudyPage) and not page.closed
        return page.messages if here else self._window.messages, then, otherwise

    def _ask_file(self, title: str, name: str) -> Path | None:
        dialog = QFileDialog(self._window, title, str(Path(self._window.settings.state.get("save", "")) / name))
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
        self._window.settings.state["save"] = str(Path(chosen[0]).parent)
        return Path(chosen[0])

    def _ask_folder(self, title: str) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self._window, title, self._window.settings.state.get("save", ""))
        if chosen:
            self._window.settings.state["save"] = chosen
        return Path(chosen) if chosen else None


def _written(path: Path, content: bytes) -> Path:
    """Write for others to read, as results are: the settings' own way of writing is the user's alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}); free some space or choose another folder."
        ) from error
    return path
