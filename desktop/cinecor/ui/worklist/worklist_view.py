"""`WorklistView`: kept studies to search, filter, sort, open and forget."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.active_model import active_model
from cinecor.app.drift import drift
from cinecor.app.settings import Settings
from cinecor.app.work import Operation
from cinecor.errors import CinecorError
from cinecor.review.store.study_store import StudyStore
from cinecor.review.store.worklist import Status, WorklistRow
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.names import status_name
from cinecor.ui.look.texts import tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.sheets.drift_sheet import DriftSheet
from cinecor.ui.work.operations import Operations
from cinecor.ui.worklist.worklist_model import COLUMNS, PICTURE_PX, WorklistModel

_ORDER_KEPT: Final = "worklist_order"
_DOWN: Final = "down"
_OTHER_MODEL: Final = "other_model"  # not signed, and outlined by another model than the one in use
_TYPED_MS: Final = 120  # after the last key of a search
_WIDTHS: Final = (250, 104, 76, 76, 140, 0, 160, 156)  # 0: what is left


class WorklistView(QWidget):
    """What the store holds, read in the background; empty, loading and failed are said in one line."""

    study_wanted = Signal(Path, str)  # its files, and a series of it
    shown = Signal()  # rows are there, or none
    folder_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, settings: Settings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store: StudyStore | None = None
        self._places = settings.state  # where the order is remembered
        self.operations = Operations(self)
        self._reading: Operation[tuple[WorklistRow, ...]] | None = None
        self.empty = True  # whether nothing is kept at all
        self.model = WorklistModel(settings, theme, self)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self.refresh)
        self._assemble()
        self._act()

    def _assemble(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search patient, date, description, folder"))
        self.search.setAccessibleName(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(420)
        self.search.textChanged.connect(lambda _: self._typed.start())
        self.search.returnPressed.connect(self._to_rows)
        head.addWidget(self.search, 1)
        self.filter = ChoiceBox()
        self.filter.setAccessibleName(tr("Status"))
        self.filter.addItem(tr("Every status"), None)
        for status in Status:
            self.filter.addItem(status_name(status), status)
        self.filter.addItem(tr("Outlined by another model"), _OTHER_MODEL)
        self.filter.currentIndexChanged.connect(self.refresh)
        head.addWidget(self.filter)
        self.state = QLabel()
        self.state.setProperty("quiet", True)
        head.addWidget(self.state)
        head.addStretch(1)
        for text, wanted in ((tr("Open folder"), self.folder_wanted), (tr("Open file"), self.file_wanted)):
            button = QPushButton(text)
            button.clicked.connect(wanted)
            head.addWidget(button)
        column.addLayout(head)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Worklist"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setProperty("roomy", True)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setDefaultSectionSize(PICTURE_PX + 8)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(*self._kept_order())
        self.table.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(self._keep_order)
        for at, width in enumerate(_WIDTHS):
            if width:
                self.table.setColumnWidth(at, width)
            else:
                header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(self._open_row)  # Enter, or a double click
        column.addWidget(self.table, 1)

    def _act(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.actions_by_name: dict[str, QAction] = {}
        for name, text, key, run in (
            ("open", tr("Open"), "", self.open_chosen),
            ("reveal", tr("Show the files"), "", self.reveal_chosen),
            ("forget", tr("Forget…"), "Del", self.forget_chosen),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, run=run: run())
            self.table.addAction(action)
            button = QPushButton(text)
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            foot.addWidget(button)
            self.actions_by_name[name] = action
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.model.modelReset.connect(self._chosen_changed)
        foot.addStretch()
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addLayout(foot)
        self._chosen_changed()

    # -- what is shown

    def _kept_order(self) -> tuple[int, Qt.SortOrder]:
        """Return the column and the direction of the last time; last touched first where none is kept."""
        heading, _, direction = self._places.get(_ORDER_KEPT, "").rpartition(" ")
        headings = [column.heading for column in COLUMNS]
        if heading not in headings:
            return len(COLUMNS) - 1, Qt.SortOrder.DescendingOrder
        down = direction == _DOWN
        return headings.index(heading), Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder

    @Slot(int, Qt.SortOrder)
    def _keep_order(self, column: int, order: Qt.SortOrder) -> None:
        direction = _DOWN if order is Qt.SortOrder.DescendingOrder else "up"
        self._places[_ORDER_KEPT] = f"{COLUMNS[column].heading} {direction}"

    def show_store(self, store: StudyStore | None) -> None:
        """Show what this store holds; None: nothing is kept."""
        self._store = store
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the rows again."""
        store = self._store
        if store is None:
            self.empty = True
            self.shown.emit()
            return
        search, chosen = self.search.text(), self.filter.currentData()
        of_others = chosen == _OTHER_MODEL
        status = Status(chosen) if chosen and not of_others else None  # Qt gives a plain string back
        if not self.model.rowCount():
            self.state.setText(tr("Loading…"))

        def taken(rows: tuple[WorklistRow, ...]) -> None:
            if operation is self._reading:
                self._show(rows, store, all_of_them=not search.strip() and chosen is None)

        def failed(error: Exception) -> None:
            if operation is self._reading:
                self.empty = False
                self.state.setText(failure_of(error).sentence)
                self.shown.emit()

        def read(_: Operation[tuple[WorklistRow, ...]]) -> tuple[WorklistRow, ...]:
            rows = store.worklist(search=search, status=status)
            if not of_others:
                return rows
            others = {row.id for row in store.outlined_by_others(active_model() or "")}
            return tuple(row for row in rows if row.id in others)

        operation = self.operations.start("worklist", read, done=taken, failed=failed, quiet=True)
        self._reading = operation

    def stop(self) -> None:
        """Hear nothing more of what is being read, and read nothing more: its store is about to be closed."""
        self._typed.stop()
        self._reading = None

    def _show(self, rows: Sequence[WorklistRow], store: StudyStore, *, all_of_them: bool) -> None:
        chosen = {row.id for row in self.chosen}
        self.model.show(rows, store)
        for at in range(len(rows)):
            if self.model.row(at).id in chosen:
                self.table.selectRow(at)
                break
        if all_of_them:
            self.empty = not rows
        if rows:
            self.state.setText(tr_counted("{n} study", "{n} studies", n=len(rows)))
        else:
            self.state.setText(tr("No study matches: search for less, or choose every status."))
        self.shown.emit()

    @property
    def chosen(self) -> tuple[WorklistRow, ...]:
        """The studies of the rows that are selected."""
        return tuple(self.model.row(index.row()) for index in self.table.selectionModel().selectedRows())

    @Slot()
    def _chosen_changed(self) -> None:
        for action in self.actions_by_name.values():
            action.setEnabled(bool(self.chosen))

    @Slot()
    def _to_rows(self) -> None:
        self.table.setFocus()
        if not self.chosen and self.model.rowCount():
            self.table.selectRow(0)

    # -- what is done

    @Slot(QModelIndex)
    def _open_row(self, index: QModelIndex) -> None:
        row = self.model.row(index.row())
        self.study_wanted.emit(Path(row.source), row.series_uid)

    def open_chosen(self) -> None:
        """Open the studies that are selected."""
        for row in self.chosen:
            self.study_wanted.emit(Path(row.source), row.series_uid)

    def reveal_chosen(self) -> None:
        """Show the files of the first study that is selected, in the system's own program."""
        for row in self.chosen[:1]:
            path = Path(row.source)
            folder = path if path.is_dir() else path.parent
            if not folder.is_dir():
                self.state.setText(tr("The files are no longer in {folder}.", folder=folder))
            else:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def forget_chosen(self) -> None:
        """Ask, then forget the studies that are selected."""
        self._ask_to_forget(self.chosen)

    def show_drift(self) -> None:
        """Show how readers corrected the model, by what the store holds."""
        store = self._store
        if store is None:
            self.state.setText(tr("Nothing is kept, so nobody knows what was corrected."))
            return
        self.operations.start(
            "drift",
            lambda _: drift(store, model_sha256=active_model() or "", with_confidence=True),
            done=lambda found: DriftSheet(found, self.window()).open(),
            failed=lambda error: self.state.setText(failure_of(error).sentence),
            quiet=True,
        )

    def forget_all(self) -> None:
        """Ask, then forget every study."""
        if self._store is not None:
            self._ask_to_forget(self._store.worklist())

    def _ask_to_forget(self, rows: Sequence[WorklistRow]) -> None:
        if not rows:
            return
        precious = sum(row.status in (Status.IN_REVIEW, Status.SIGNED) for row in rows)
        text = tr_counted(
            "Forget {n} study? Outlines, corrections and ledger go for good; the images are not touched.",
            "Forget {n} studies? Outlines, corrections and ledgers go for good; the images are not touched.",
            n=len(rows),
        )
        if precious and len(rows) == 1:
            text += " " + tr("It is in review or signed.")
        elif precious:
            text += " " + tr_counted(
                "{n} of them is in review or signed.", "{n} of them are in review or signed.", n=precious
            )
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Cinecor", text, parent=self.window())
        forget = box.addButton(tr("Forget"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ids = [row.id for row in rows]
        box.finished.connect(lambda _: self._forget(ids) if box.clickedButton() is forget else None)
        box.open()

    def _forget(self, studies: Sequence[int]) -> None:
        if self._store is None:
            return
        try:
            staying = self._store.forget(studies)
        except CinecorError as error:
            self.state.setText(failure_of(error).sentence)
            return
        self.refresh()
        if staying:
            box = QMessageBox(
                QMessageBox.Icon.NoIcon,
                "Cinecor",
                tr_counted(
                    "{n} study is open and stays: close it first.",
                    "{n} studies are open and stay: close them first.",
                    n=len(staying),
                ),
                parent=self.window(),
            )
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
