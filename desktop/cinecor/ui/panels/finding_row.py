"""`FindingRow`: a finding on two lines at most, with its sign and place; opened, its whole sentence and answers."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QToolButton, QVBoxLayout, QWidget

from cinecor.ui.look.labels import colour_text
from cinecor.ui.look.texts import tr, tr_counted, with_colon
from cinecor.ui.panels.few_lines import FewLines

_SIGN_PX = 14
_NAMED = 3  # more slices are counted
_MOST_LINES = 2  # of a finding that is not opened: on one line the number at its end was cut


class FindingRow(QFrame):
    """A click anywhere, or on its link, asks for it."""

    wanted = Signal()

    def __init__(
        self,
        sign: str,
        sentence: str,
        *,
        colour: str,
        slices: tuple[int, ...] = (),
        at_stake_ml: int | None = None,
        opened: bool = False,
        link: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        mark = QLabel(sign)
        mark.setFixedWidth(_SIGN_PX)
        mark.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        place = "" if opened else _place(slices, at_stake_ml)
        sentence = sentence[:1].upper() + sentence[1:]  # one may begin with its slices
        self.text = (
            QLabel(sentence)
            if opened
            else FewLines(
                tr("{place}: {sentence}", place=place, sentence=sentence) if place else sentence, most=_MOST_LINES
            )
        )
        self.sentence = sentence
        self.text.setWordWrap(opened)
        self.text.setToolTip("" if opened else sentence)
        for label in (mark, self.text):
            colour_text(label, colour)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(mark)
        line.addWidget(self.text, 1)
        if link:
            show = QToolButton()  # no link in the text: Tab would not leave it again
            show.setText(link)
            show.setProperty("link", True)
            show.setAccessibleName(with_colon(link, sentence))
            show.clicked.connect(self.wanted)
            line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 1, 0, 1)
        self._column.setSpacing(4)
        self._column.addLayout(line)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def add_below(self, layout: QLayout) -> None:
        """Lay something below the sentence, in line with it."""
        layout.setContentsMargins(_SIGN_PX + 4, 0, 0, 2)
        self._column.addLayout(layout)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.wanted.emit()
        else:
            super().mousePressEvent(event)


def _place(slices: tuple[int, ...], at_stake_ml: int | None) -> str:
    """Return where it is, and what is at stake, in few words: what is cut from the sentence's end is its place."""
    if not slices:
        return tr("≈ {ml} mL", ml=at_stake_ml) if at_stake_ml else ""
    if len(slices) <= _NAMED:
        named = ", ".join(str(index + 1) for index in slices)
        place = tr_counted("Slice {slices}", "Slices {slices}", n=len(slices), slices=named)
    else:
        place = tr("{n} slices", n=len(slices))
    return tr("{place} (≈ {ml} mL)", place=place, ml=at_stake_ml) if at_stake_ml else place
