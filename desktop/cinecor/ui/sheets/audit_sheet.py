"""`AuditSheet`: the account of the import: completeness, spacing in words, warnings, and files left out."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.open_study import OpenedStudy
from cinecor.message import Message
from cinecor.scene.cells import Cell
from cinecor.study import ImportAudit
from cinecor.ui.look.engine_text import engine_text
from cinecor.ui.look.texts import number_text, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.sheets.scrolled_sheet import scrolled
from cinecor.ui.views.matrix_cell import CellPainter

_CELL = 13.0


class AuditSheet(QDialog):
    """Everything that was found on the way from files to the stack."""

    def __init__(self, study: OpenedStudy, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("audit.title"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(8)
        audit, stack = study.audit, study.stack
        column.addWidget(_text(tr(
            "audit.files", given=audit.files_given, used=audit.files_used, left_out=len(audit.left_out)
        )))  # fmt: skip
        column.addWidget(_text(tr("audit.order", tag=audit.phase_order_tag or tr("audit.order_none"))))
        column.addWidget(_text(spacing_text(study)))
        missing = int((~audit.complete).sum())
        column.addWidget(_head(tr("audit.completeness")))
        key = "audit.complete" if missing == 0 else "audit.missing"
        frames = stack.slices * stack.phases
        column.addWidget(_text(tr(key, slices=stack.slices, phases=stack.phases, missing=missing, frames=frames)))
        column.addWidget(_Completeness(audit, theme))
        column.addWidget(_head(tr("audit.warnings")))
        for warning in audit.warnings or (tr("audit.no_warnings"),):
            column.addWidget(_text(engine_text(warning)))
        column.addWidget(_head(tr("audit.left_out")))
        if audit.left_out:
            column.addWidget(_left_out(audit), 1)
        else:
            column.addWidget(_text(tr("audit.nothing_left_out")))
        column.addStretch()
        whole = scrolled(self, content)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("button.close"))
        buttons.rejected.connect(self.reject)
        whole.addWidget(buttons)
        self.resize(960, 680)


def spacing_text(study: OpenedStudy) -> str:
    """Say how slice spacing, thickness and gap hang together."""
    spacing = study.stack.geometry.slice_spacing_mm
    thickness = study.slice_thickness_mm
    if thickness is None:
        return tr("audit.spacing", spacing=number_text(spacing, 1))
    gap = round(spacing - thickness, 1)
    told = {"thickness": number_text(thickness, 1), "spacing": number_text(spacing, 1)}
    if gap == 0:
        return tr("audit.spacing_touching", **told)
    if gap < 0:
        return tr("audit.spacing_overlap", overlap=number_text(-gap, 1), **told)
    return tr("audit.spacing_gap", gap=number_text(gap, 1), **told)


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
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(phase))
        for index, row in enumerate(self._complete):
            top = (index + 1) * _CELL
            painter.drawText(
                QRectF(0, top, left - 6, _CELL),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(index),
            )
            for phase, there in enumerate(row):
                rect = QRectF(left + phase * _CELL, top, _CELL, _CELL)
                self._painter.paint(painter, rect, Cell.SEGMENTED if there else Cell.MISSING)
                painter.setPen(QColor(self._theme.quiet))
        painter.end()


def _left_out(audit: ImportAudit) -> QTreeWidget:
    """Every reason with the number of its files; opened, it names them."""
    files: dict[Message, list[str]] = {}
    for one in audit.left_out:
        files.setdefault(one.reason, []).append(one.path)
    tree = QTreeWidget()
    tree.setHeaderHidden(True)
    tree.setWordWrap(True)
    tree.setAccessibleName(tr("audit.left_out"))
    for reason, paths in sorted(files.items(), key=lambda item: -len(item[1])):
        row = QTreeWidgetItem(tree, [f"{len(paths)} × {engine_text(reason)}"])
        row.setToolTip(0, engine_text(reason))
        row.addChildren([QTreeWidgetItem([path]) for path in paths])
    tree.setMinimumHeight(200)
    return tree


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _head(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    label.setContentsMargins(0, 8, 0, 0)
    return label
