"""`Sheet`: a page of A4 that is drawn on from the top, in points; its fonts are embedded."""

from functools import cache
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cinecor_resources import report_fonts

WIDTH, HEIGHT = (float(side) for side in A4)
MARGIN: Final = 40.0
RIGHT: Final = WIDTH - MARGIN
INNER: Final = WIDTH - 2 * MARGIN
BOTTOM: Final = HEIGHT - 52.0  # below it lies the foot

INK, QUIET, LINE, PALE = "#171b20", "#56606d", "#cfd5dc", "#f3f4f6"
LV, RV, MYO = "#a35600", "#006aa6", "#007a5a"  # the desktop's colours on white; safe for colour-blind readers
OVER_IMAGES: Final = {"lv": "#f0a818", "rv": "#56b4e9", "myo": "#1fbf92"}
GOOD, OPEN, DOUBT = "#1b6e3c", "#8f5600", "#a02c2c"

REGULAR, BOLD = "Inter", "Inter-SemiBold"


@cache
def register_fonts() -> None:
    """Make the report's fonts known to reportlab, once."""
    files = report_fonts()
    pdfmetrics.registerFont(TTFont(REGULAR, str(files["Regular"])))
    pdfmetrics.registerFont(TTFont(BOLD, str(files["SemiBold"])))


class Sheet:
    """What is drawn on: `y` grows downwards from the top of the page, as one reads."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.0,
        bold: bool = False,
        colour: str = INK,
        align: str = "left",
    ) -> float:
        """Write one line whose baseline is at `y`; its width comes back."""
        font = BOLD if bold else REGULAR
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(HexColor(colour))
        width = float(pdfmetrics.stringWidth(text, font, size))
        x -= {"left": 0.0, "centre": width / 2, "right": width}[align]
        self.canvas.drawString(x, HEIGHT - y, text)
        return width

    def centred(self, x: float, y: float, text: str, *, size: float, colour: str = INK) -> None:
        """Write one line with its middle at `x`, further right where it would begin left of the margin."""
        self.text(
            max(x, MARGIN + self.width_of(text, size=size) / 2), y, text, size=size, colour=colour, align="centre"
        )

    def width_of(self, text: str, *, size: float, bold: bool = False) -> float:
        """Return how wide one line is."""
        return float(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, size))

    def fitted(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = 8.0,
        bold: bool = False,
        colour: str = INK,
        align: str = "left",
    ) -> None:
        """Write one line, smaller or cut off with an ellipsis where it is wider than `width`."""
        font = BOLD if bold else REGULAR
        while size > 6.0 and pdfmetrics.stringWidth(text, font, size) > width:
            size -= 0.5
        if pdfmetrics.stringWidth(text, font, size) > width:
            while text and pdfmetrics.stringWidth(f"{text}…", font, size) > width:
                text = text[:-1]
            text = f"{text}…"
        self.text(x, y, text, size=size, bold=bold, colour=colour, align=align)

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = 7.5,
        bold: bool = False,
        colour: str = INK,
    ) -> float:
        """Write lines of `width` from baseline `y` on; the baseline of the next line comes back."""
        for line in self.lines(text, width=width, size=size, bold=bold):
            self.text(x, y, line, size=size, bold=bold, colour=colour)
            y += leading(size)
        return y

    def lines(self, text: str, *, width: float, size: float = 7.5, bold: bool = False) -> list[str]:
        """Return a text in lines of `width`; a word that is wider goes on in the next line."""
        font = BOLD if bold else REGULAR
        found: list[str] = []
        for line in simpleSplit(text, font, size, width):
            rest = line
            while len(rest) > 1 and self.width_of(rest, size=size, bold=bold) > width:
                room = len(rest)
                while room > 1 and self.width_of(rest[:room], size=size, bold=bold) > width:
                    room -= 1
                found.append(rest[:room])
                rest = rest[room:]
            found.append(rest)
        return found

    def rule(self, y: float, *, x: float = MARGIN, to: float = RIGHT, colour: str = LINE, width: float = 0.6) -> None:
        """Draw a line across."""
        self.line([(x, y), (to, y)], colour=colour, width=width)

    def line(
        self,
        points: list[tuple[float, float]],
        *,
        colour: str = INK,
        width: float = 0.8,
        closed: bool = False,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], HEIGHT - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, HEIGHT - y)
        if closed:
            path.close()
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)
        self.canvas.setLineJoin(1)
        self.canvas.setDash([2, 2] if dashed else [])
        self.canvas.drawPath(path, stroke=1, fill=0)

    def box(
        self, x: float, y: float, *, width: float, height: float, fill: str | None = None, stroke: str | None = None
    ) -> None:
        """Draw a rectangle whose upper left corner is at (x, y)."""
        if fill is not None:
            self.canvas.setFillColor(HexColor(fill))
        if stroke is not None:
            self.canvas.setStrokeColor(HexColor(stroke))
            self.canvas.setLineWidth(0.6)
            self.canvas.setDash([])
        self.canvas.rect(
            x, HEIGHT - y - height, width, height, stroke=int(stroke is not None), fill=int(fill is not None)
        )

    def area(self, points: list[tuple[float, float]], *, fill: str, stroke: str) -> None:
        """Fill what a closed line encloses."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0], HEIGHT - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, HEIGHT - y)
        path.close()
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.setStrokeColor(HexColor(stroke))
        self.canvas.setLineWidth(0.5)
        self.canvas.setDash([])
        self.canvas.drawPath(path, stroke=1, fill=1)

    def dot(self, x: float, y: float, *, radius: float, fill: str) -> None:
        """Draw a disc."""
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.circle(x, HEIGHT - y, radius, stroke=0, fill=1)

    def image(self, picture: Any, x: float, y: float, *, width: float, height: float) -> None:
        """Draw a picture (of reportlab or Pillow) whose upper left corner is at (x, y)."""
        self.canvas.drawImage(picture, x, HEIGHT - y - height, width, height)


def leading(size: float) -> float:
    """Return from one baseline to the next."""
    return size * 1.36
