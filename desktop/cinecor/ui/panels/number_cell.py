"""`NumberCell`: a number in a column: right-aligned on its decimal sign, with a "?" after it where it is doubtful."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel

from cinecor.message import Message
from cinecor.ui.look.labels import colour_text
from cinecor.ui.look.texts import number_text, said
from cinecor.ui.look.theme import Theme
from cinecor.ui.look.type import set_type, width_of


class NumberCell(QLabel):
    """Leaves room for one decimal, there or not; a quiet one for the "?" too, one that is `alone` for neither."""

    def __init__(
        self, theme: Theme, size: int, *, bold: bool = False, quiet: bool = False, alone: bool = False
    ) -> None:
        super().__init__("–")
        self._theme, self._quiet = theme, quiet
        self._colour: str | None = None
        self._alone = alone  # no column: nothing to be aligned with
        set_type(self, size, bold=bold)
        self._widths = width_of(self, number_text(0.0, 1)[1:]), width_of(self, "?")  # of a decimal, and of the mark
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_value(
        self, value: float | None, decimals: int, *, doubts: Sequence[Message] = (), signed: bool = False, why: str = ""
    ) -> None:
        """Show a number with what doubts it; None is "–", and `why` is told under the mouse."""
        doubted = bool(doubts) and value is not None
        self.setText("–" if value is None else number_text(value, decimals, signed=signed) + ("?" if doubted else ""))
        colour = self._theme.doubt if doubted else self._theme.quiet if self._quiet else self._theme.text
        self._colour = colour
        colour_text(self, colour)
        self.setToolTip("\n".join(said(one) for one in doubts) if value is not None else why)
        if not self._alone:
            decimal, mark = self._widths
            spare = (0 if decimals else decimal) - (mark if doubted else 0)  # the mark takes the place of decimals
            self.setContentsMargins(0, 0, max(spare + (mark if self._quiet else 0), 0), 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the colour again that was given before the window's style came: it took it away, a doubt's too."""
        super().showEvent(event)
        if self._colour is not None:
            colour_text(self, self._colour)

    def show_awaited(self, why: str) -> None:
        """Show that a number is on its way."""
        self.show_value(None, 0, why=why)
        self.setText("…")

    def show_nothing(self) -> None:
        """Show no number where there is none to be known."""
        self.setText("")
        self.setToolTip("")
