"""`StudyPanel`: a card for each stack and long-axis cine of the study in front; all else folded, with its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from cinecor.app.settings import Settings
from cinecor.scene.level_window import preset
from cinecor.study import SeriesEntry, SeriesKind
from cinecor.study.stack.phase_order import LADDER
from cinecor.ui.look.grey_image import grey_image
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.names import card_title, used_title
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.panels.series_card import SeriesCard
from cinecor.ui.panels.series_tree import SeriesTree
from cinecor.ui.study.long_axis import LongAxis
from cinecor.ui.study.reading import Reading

WIDTH: Final = 196
COMPACT_WIDTH: Final = 76
_OPEN_WIDTH: Final = 280  # with the list of all series
_LEAST_SLICES: Final = 3  # of another stack that is worth a card


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one card says."""

    uid: str
    title: str
    facts: str
    why: str
    used: bool


class StudyPanel(QFrame):
    """What is shown, what else there is, and a menu with the ways to read it otherwise."""

    audit_wanted = Signal()
    taking = Signal(str)  # series UID
    ordering = Signal(str)  # DICOM keyword; empty gives the choice back to the import
    went = Signal(str)  # to a card, by its series UID
    unfolded = Signal()  # all series are shown, or no longer

    def __init__(
        self,
        reading: Reading,
        long_axis: LongAxis,
        *,
        settings: Settings,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._long_axis, self._settings, self._theme = reading, long_axis, settings, theme
        self.cards: tuple[SeriesCard, ...] = ()
        self.compact = False
        self._asked = False  # whether somebody has folded or unfolded the list
        self.setProperty("panel", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        self._head = quiet_label(tr("Stacks"))
        head.addWidget(self._head, 1)
        self.menu = self._build_menu()
        self.menu_button = QToolButton()
        self.menu_button.setText("⋯")
        self.menu_button.setProperty("flat", True)
        self.menu_button.setProperty("menu", True)
        self.menu_button.setAccessibleName(tr("How the study is read"))
        self.menu_button.setToolTip(tr("How the study is read"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(self.menu)
        head.addWidget(self.menu_button)
        column.addLayout(head)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(2)
        column.addLayout(self._cards)
        self.fold = QToolButton()
        self.fold.setProperty("flat", True)
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.toggled.connect(self._unfold)
        self.fold.pressed.connect(self._note_asked)
        column.addWidget(self.fold)
        self.tree = SeriesTree(reading, settings=settings, theme=theme)
        self.tree.opening.connect(self.taking)
        self.tree.itemSelectionChanged.connect(self._show_why)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(lambda at: self._pop_up(self.tree.viewport().mapToGlobal(at)))
        column.addWidget(self.tree, 1)
        self.why = quiet_label()
        column.addWidget(self.why)
        column.addStretch()
        self.state = quiet_label()
        column.addWidget(self.state)
        for widget in (self.menu_button, self.fold):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the arrow keys from the views
        reading.series_found.connect(self.refresh)
        reading.opened.connect(self.refresh)
        reading.failed.connect(self.show_order)
        reading.thumbnails_read.connect(self._show_pictures)
        long_axis.changed.connect(self._show_refused)
        self._unfold(False)
        self.refresh()

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        self.use = QAction(tr("Use for analysis"), self)
        self.use.triggered.connect(self._take)
        menu.addAction(self.use)
        self.order_menu = QMenu(tr("Order phases by"), menu)
        menu.addMenu(self.order_menu)
        group = QActionGroup(self)
        self.orders: dict[str | None, QAction] = {}
        for tag in (None, *LADDER):
            action = QAction(tr("Automatic") if tag is None else tag, group)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, tag=tag: self.ordering.emit(tag or ""))
            self.order_menu.addAction(action)
            self.orders[tag] = action
        menu.addSeparator()
        self.audit = QAction(tr("Import audit…"), self)
        self.audit.triggered.connect(self.audit_wanted)
        menu.addAction(self.audit)
        return menu

    # -- what is shown

    @Slot()
    def refresh(self) -> None:
        """Show what is known of the study now."""
        reading = self._reading
        so_far = reading.found is not None and not reading.found.complete
        self.state.setText("" if not so_far or reading.found is None else tr(
            "So far: {read} of {given} files, {series} series",
            read=reading.found.files_read,
            given=reading.found.files_given,
            series=len(reading.found.series),
        ))  # fmt: skip
        self.state.setVisible(so_far and not self.compact)
        self._fill_cards()
        self.tree.fill()
        self._show_fold()
        self._fold_at_first()
        self._show_why()
        self.show_order()
        self.order_menu.setEnabled(reading.study is not None and reading.study.index is not None)
        self.audit.setEnabled(reading.study is not None)

    def _shown(self) -> Iterator[_Shown]:
        study, found = self._reading.study, self._reading.found
        if study is None:
            return
        stack, used = study.stack, set(study.stack.series_uids)
        mine = found.study_of(used) if found is not None else None
        entries = () if mine is None else mine.series
        own = [entry for entry in entries if entry.uid in used]
        facts = _size(stack.slices, stack.phases)
        if stack.slices > 1:
            facts += f" · {number_text(stack.geometry.slice_spacing_mm, 1)}\N{NO-BREAK SPACE}mm"
        title = used_title(own[0], slices=stack.slices) if own else tr("Short axis")
        why = said(own[0].why) if own else ""
        yield _Shown(own[0].uid if own else "", title, facts, why, used=True)
        for entry in entries:
            if entry.uid not in used and _has_card(entry):
                yield _Shown(entry.uid, card_title(entry), _size(entry.slices, entry.phases), self._why(entry), False)

    def _fill_cards(self) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        cards = []
        for shown in self._shown():
            card = SeriesCard(shown.title, shown.facts, uid=shown.uid, why=shown.why, theme=self._theme)
            card.setChecked(shown.used)
            card.show_compact(self.compact)
            card.clicked.connect(partial(self.went.emit, shown.uid))
            card.used.connect(partial(self._use, shown.uid))
            card.menu_wanted.connect(partial(self._pop_up, uid=shown.uid))
            self._cards.addWidget(card)
            cards.append(card)
        self.cards = tuple(cards)
        self._show_pictures()

    @Slot()
    def _show_pictures(self) -> None:
        for card in self.cards:
            frame = self._reading.thumbnails.get(card.uid)
            if frame is not None:
                picture = grey_image(np.ascontiguousarray(frame), preset("auto", frame))
                card.show_picture(QPixmap.fromImage(picture))

    def _show_fold(self) -> None:
        found, study = self._reading.found, self._reading.study
        carded = {card.uid for card in self.cards} | (set() if study is None else set(study.stack.series_uids))
        others = 0 if found is None else sum(entry.uid not in carded for entry in found.series)
        studies = 0 if found is None else len(found.studies)
        told = (
            tr_counted("{n} study in this input", "{n} studies in this input", n=studies)
            if studies > 1
            else tr_counted("{n} other series", "{n} other series", n=others)
        )
        self.fold.setText(f"+{studies - 1 if studies > 1 else others}" if self.compact else told)
        self.fold.setToolTip(told)
        self.fold.setAccessibleName(told)
        self.fold.setVisible(bool(others or studies > 1))
        self._arrange()

    def _fold_at_first(self) -> None:
        """Show the list while something is to be chosen of it, or to be seen coming; else until it is asked for."""
        found, study = self._reading.found, self._reading.study
        if found is not None and found.series and not self._asked:
            self.fold.setChecked(study is None or len(found.studies) > 1)

    @Slot()
    def show_order(self) -> None:
        """Show the order of phases that is in use."""
        self.orders[self._reading.phase_order].setChecked(True)

    @property
    def order_shown(self) -> str | None:
        """The DICOM keyword that is ticked in the menu; None: automatic."""
        return next(tag for tag, action in self.orders.items() if action.isChecked())

    def show_compact(self, compact: bool) -> None:
        """Show pictures alone, where there is little room; the list of all series comes when it is asked for."""
        self.compact = compact and not self.fold.isChecked()
        for card in self.cards:
            card.show_compact(self.compact)
        self._head.setVisible(not self.compact)
        self._show_fold()

    def unfold(self) -> None:
        """Show every series that was found, with the keys for them."""
        self._asked = True
        self.fold.setChecked(True)
        self.tree.setFocus()

    @Slot()
    def _note_asked(self) -> None:
        self._asked = True

    @Slot(bool)
    def _unfold(self, unfolded: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self._arrange()
        self.unfolded.emit()

    def _arrange(self) -> None:
        unfolded = self.fold.isChecked()
        self.tree.setVisible(unfolded)
        self.why.setVisible(unfolded and bool(self.why.text()))
        self.setFixedWidth(_OPEN_WIDTH if unfolded else COMPACT_WIDTH if self.compact else WIDTH)

    @Slot()
    def _show_why(self) -> None:
        entry = self.tree.entry
        beside = entry is not None and entry.kind is SeriesKind.LONG_AXIS_CINE and self._reading.study is not None
        shown = entry is not None and any(entry.uid == cine.entry.uid for cine in self._long_axis.cines)
        self.why.setText("" if entry is None else tr("Shown beside the short axis") if shown else self._why(entry))
        self.why.setVisible(entry is not None and self.tree.isVisibleTo(self))
        self.use.setText(tr("Open this study") if self.tree.study_selected else tr("Use for analysis"))
        self.use.setEnabled(self._may_use(self.tree.chosen) and not beside)

    @Slot()
    def _show_refused(self) -> None:
        if self._long_axis.refused:
            self._fill_cards()
        self._show_why()

    def _why(self, entry: SeriesEntry) -> str:
        """Say why a series is what it is; of a long-axis cine that is not shown, why not."""
        refused = self._long_axis.refused.get(entry.uid)
        return said(entry.why) if refused is None else said(refused)

    # -- what is done

    def _may_use(self, uid: str | None) -> bool:
        found, study = self._reading.found, self._reading.study
        if uid is None or found is None or not found.complete:
            return False
        if study is not None and uid in study.stack.series_uids:
            return False
        entry = next((one for one in found.series if one.uid == uid), None)
        return study is None or entry is None or entry.kind is not SeriesKind.LONG_AXIS_CINE

    @Slot()
    def _take(self) -> None:
        uid = self.tree.chosen
        if uid is not None:
            self.taking.emit(uid)

    def _use(self, uid: str) -> None:
        if self._may_use(uid):
            self.taking.emit(uid)

    def _pop_up(self, at: QPoint, uid: str | None = None) -> None:
        """Show the menu for a row of the list, or for the card of a series."""
        if uid is None:
            self.menu.exec(at)
            return
        menu = QMenu(self)
        use = menu.addAction(tr("Use for analysis"))
        use.setEnabled(self._may_use(uid))
        use.triggered.connect(partial(self._use, uid))
        study = self._reading.study
        if study is not None and (not uid or uid in study.stack.series_uids):
            menu.addMenu(self.order_menu)
        menu.addAction(self.audit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)


def _has_card(entry: SeriesEntry) -> bool:
    if entry.kind is SeriesKind.LONG_AXIS_CINE:
        return True
    return entry.kind is SeriesKind.SAX_CINE and entry.slices >= _LEAST_SLICES


def _size(slices: int, phases: int) -> str:
    across = tr_counted("{n} phase", "{n} phases", n=phases)
    return across if slices == 1 else f"{tr_counted('{n} slice', '{n} slices', n=slices)} × {across}"
