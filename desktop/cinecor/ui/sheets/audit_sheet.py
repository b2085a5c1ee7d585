"""`AuditSheet`: the account of the import: completeness, spacing in words, warnings, and files left out."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from cinecor.app.open_study import OpenedStudy
from cinecor.message import Message
from cinecor.scene.cells import Cell
from cinecor.study import ImportAudit
from cinecor.ui.look.cell_painter import CellPainter
from cinecor.ui.look.labels import heading
from cinecor.ui.look.texts import number_text, said, tr, tr_counted
from cinecor.ui.look.theme import Theme
from cinecor.ui.sheets.sheet import Sheet

_CELL = 13.0


class AuditSheet(Sheet):
    """Everything that was found on the way from files to the stack."""

    def __init__(self, study: OpenedStudy, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Import audit"), parent)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(8)
        audit = study.audit
        column.addWidget(
            _text(
                tr_counted(
                    "{n} file given: {used} used, {left_out} left out.",
                    "{n} files given: {used} used, {left_out} left out.",
                    n=audit.files_given,
                    used=audit.files_used,
                    left_out=len(audit.left_out),
                )
            )
        )
        column.addWidget(
            _text(tr("Phases are ordered by {tag}.", tag=audit.phase_order_tag or tr("the file’s own order")))
        )
        column.addWidget(_text(spacing_text(study)))
        column.addWidget(_head(tr("Completeness")))
        column.addWidget(_text(completeness_text(audit)))
        column.addWidget(_Completeness(audit, theme))
        column.addWidget(_head(tr("What to know")))
        for warning in audit.warnings:
            column.addWidget(_text(said(warning)))
        if not audit.warnings:
            column.addWidget(_text(tr("Tags and geometry agree.")))
        column.addWidget(_head(tr("Left out")))
        if audit.left_out:
            column.addWidget(_left_out(audit), 1)
        else:
            column.addWidget(_text(tr("No file was left out.")))
        column.addStretch()
        self.lay(content)
        self.add_close()
        self.resize(960, 680)


def completeness_text(audit: ImportAudit) -> str:
    """Say how many frames of slice × phase are there; never that all are where the headers tell of more images."""
    slices, phases = audit.complete.shape
    missing = int((~audit.complete).sum())
    if missing == 0 and any(told.code == "images_not_there" for told in audit.warnings):
        return tr(
            "The stack of {slices} × {phases} has no gap; by what the scanner says, more images were acquired than "
            "are there.",
            slices=tr_counted("{n} slice", "{n} slices", n=slices),
            phases=tr_counted("{n} phase", "{n} phases", n=phases),
        )
    if missing == 0:
        return tr(
            "All {slices} × {phases} are there.",
            slices=tr_counted("{n} slice", "{n} slices", n=slices),
            phases=tr_counted("{n} phase", "{n} phases", n=phases),
        )
    return tr_counted(
        "{n} of {frames} frames ({slices} slices × {phases} phases) is missing; a neighbouring phase stands in.",
        "{n} of {frames} frames ({slices} slices × {phases} phases) are missing; a neighbouring phase stands in.",
        n=missing,
        frames=slices * phases,
        slices=slices,
        phases=phases,
    )


def spacing_text(study: OpenedStudy) -> str:
    """Say how slice spacing, thickness and gap hang together."""
    spacing = study.stack.geometry.slice_spacing_mm
    thickness = study.slice_thickness_mm
    if thickness is None:
        return tr("Slice spacing from positions: {spacing} mm.", spacing=number_text(spacing, 1))
    gap = round(spacing - thickness, 1)
    told = {"thickness": number_text(thickness, 1), "spacing": number_text(spacing, 1)}
    if gap == 0:
        return tr("Slice spacing from positions: thickness {thickness} mm, no gap = {spacing} mm.", **told)
    if gap < 0:
        return tr(
            "Slice spacing from positions: thickness {thickness} mm − overlap {overlap} mm = {spacing} mm.",
            overlap=number_text(-gap, 1),
            **told,
        )
    return tr(
        "Slice spacing from positions: thickness {thickness} mm + gap {gap} mm = {spacing} mm.",
        gap=number_text(gap, 1),
        **told,
    )


class _Completeness(QWidget):
    """Slice × phase: which frames were there."""

    def __init__(self, audit: ImportAudit, theme: Theme) -> None:
        super().__init__()
        self._complete = audit.complete
        self._painter = CellPainter(theme)
        self._theme = theme
        slices, phases = audit.complete.shape
        self.setFixedHeight(int((slices + 1) * _CELL) + 2)
        self.setMinimumWidth(int(phases * _CELL) + 40)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        left = QFontMetricsF(self.font()).horizontalAdvance("00") + 8
        painter.setPen(QColor(self._theme.quiet))
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        for phase in range(0, self._complete.shape[1], 5):
            above = QRectF(left + (phase - 1) * _CELL, 0, 3 * _CELL, _CELL)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(phase + 1))
        for index, row in enumerate(self._complete):
            top = (index + 1) * _CELL
            painter.drawText(
                QRectF(0, top, left - 6, _CELL),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(index + 1),
            )
            for phase, there in enumerate(row):
                rect = QRectF(left + phase * _CELL, top, _CELL, _CELL)
                self._painter.paint(painter, rect, Cell.SEGMENTED if there else Cell.MISSING)
                painter.setPen(QColor(self._theme.quiet))
        painter.end()


def _left_out(audit: ImportAudit) -> QTreeWidget:
    """Return every reason with the number of its files; opened, it names them."""
    files: dict[Message, list[str]] = {}
    for one in audit.left_out:
        files.setdefault(one.reason, []).append(one.path)
    tree = QTreeWidget()
    tree.setHeaderHidden(True)
    tree.setWordWrap(True)
    tree.setAccessibleName(tr("Left out"))
    for reason, paths in sorted(files.items(), key=lambda item: -len(item[1])):
        row = QTreeWidgetItem(tree, [f"{len(paths)} × {said(reason)}"])
        row.setToolTip(0, said(reason))
        row.addChildren([QTreeWidgetItem([path]) for path in paths])
    tree.setMinimumHeight(200)
    return tree


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _head(text: str) -> QLabel:
    label = heading(text)
    label.setContentsMargins(0, 8, 0, 0)
    return label
