"""`CorrectionBar`: the tools that correct outlines, the border that they hold, and what is left to be looked at."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cinecor.review import FrameState
from cinecor.review.borders import Border
from cinecor.scene.outlines import LABEL_OF
from cinecor.ui.look.icons import icon
from cinecor.ui.look.names import border_name, structure_name, tool_name
from cinecor.ui.look.texts import tr, tr_counted, with_colon
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.review_model import ReviewModel
from cinecor.ui.tools.toolbox import Toolbox, ToolName

_ICON = QSize(18, 18)
_WIDTH = 52


class CorrectionBar(QWidget):
    """One column beside the images; its buttons do what the menu Correct does."""

    tool_wanted = Signal(str)  # the name of a tool, which is also its command's

    def __init__(self, toolbox: Toolbox, review: ReviewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._toolbox, self._review, self._theme = toolbox, review, theme
        self.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        column.setSpacing(2)
        self.tools: dict[ToolName, QToolButton] = {}
        for name in ToolName:
            button = QToolButton()
            button.setIconSize(_ICON)
            button.setCheckable(True)
            button.setProperty("flat", True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setToolTip(tool_name(name))
            button.setAccessibleName(tool_name(name))
            button.clicked.connect(lambda _=False, name=name: self.tool_wanted.emit(name.value))
            self.tools[name] = button
            column.addWidget(button)
        column.addSpacing(8)
        self.borders: dict[Border, QToolButton] = {}
        for border, key in ((Border.ENDO, "C"), (Border.EPI, "W"), (Border.RV, "V")):
            colour = theme.structure(LABEL_OF[border]).name()
            button = QToolButton()
            button.setText(structure_name(LABEL_OF[border]))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setAccessibleName(border_name(border))
            button.setCheckable(True)
            about = tr("Tools move this border alone ({key}); else the nearest", key=key)
            button.setToolTip(with_colon(border_name(border), about))
            button.setStyleSheet(
                f"QToolButton {{ color: {theme.quiet}; padding: 3px 0; }}"
                f"QToolButton:checked {{ background: transparent; color: {colour}; border-color: {colour};"
                " font-weight: 600; }"
                f"QToolButton:focus {{ border: 2px solid {theme.text}; }}"
            )
            button.clicked.connect(lambda checked, border=border: self._hold(border, checked))
            self.borders[border] = button
            column.addWidget(button)
        column.addStretch(1)
        self.left = QLabel()  # whoever has room for a line shows it
        self.left.setProperty("quiet", True)
        for widget in (*self.tools.values(), *self.borders.values()):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the keys from the views
        toolbox.changed.connect(self.refresh)
        review.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show which tool is chosen, which border is held, and how many frames are provisional."""
        drawable = self._toolbox.canvas.drawable
        chosen = self._toolbox.name
        for name, button in self.tools.items():
            on = name is chosen
            if button.icon().isNull() or button.isChecked() != on or button.property("shown") is not on:
                button.setIcon(icon(name.value, self._theme.on_accent if on else self._theme.text))
                button.setProperty("shown", on)
            button.setChecked(on)
            button.setEnabled(drawable is not None or name.measures)
        for border, button in self.borders.items():
            button.setChecked(self._toolbox.canvas.held is border)
            button.setEnabled(drawable is not None)
            button.setVisible(chosen is not None and not chosen.measures)  # else they look like what shows or hides
        states = {} if drawable is None else drawable.corrections.states
        n = sum(state is FrameState.PROVISIONAL for state in states.values())
        self.left.setText(
            tr_counted(
                "{n} provisional frame: look at it, then Enter", "{n} provisional frames: look at them, then Enter", n=n
            )
            if n
            else ""
        )

    def _hold(self, border: Border, checked: bool) -> None:
        self._toolbox.canvas.hold(border if checked else None)
