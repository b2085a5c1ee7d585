"""`SvgCanvas`: takes what reportlab's canvas takes and writes it as SVG: the same report as a page for a browser.

Coordinates are points from the lower left corner, as in a PDF. It knows what `Sheet` draws, and no more.
"""

import base64
import io
from html import escape
from typing import Any, Final

from PIL import Image
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics

from cinecor.report.pdf.raster_canvas import RasterPath

_FAMILY: Final = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


class SvgCanvas:
    """One page after the other, each a picture in vectors with text that can be selected and searched."""

    def __init__(self, width: float, height: float, *, bold: str) -> None:
        """`bold` is the name of the font that stands for bold letters."""
        self.pages: list[str] = []
        self._size, self._bold = (width, height), bold
        self._drawn: list[str] = []
        self._font = ("", 8.0)
        self._fill = self._stroke = "#000000"
        self._width = 1.0
        self._dash: list[float] = []
        self._clips = 0

    def showPage(self) -> None:  # noqa: N802  reportlab's name, like those below
        """Finish the page and begin the next."""
        width, height = self._size
        self.pages.append(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.2f} {height:.2f}" role="document">'
            f"{''.join(self._drawn)}</svg>"
        )
        self._drawn = []

    def setFont(self, name: str, size: float) -> None:  # noqa: N802
        """Set the font of what follows."""
        self._font = (name, size)

    def setFillColor(self, colour: Color) -> None:  # noqa: N802
        """Set the colour of areas and letters."""
        self._fill = f"#{colour.hexval()[2:]}"

    def setStrokeColor(self, colour: Color) -> None:  # noqa: N802
        """Set the colour of lines."""
        self._stroke = f"#{colour.hexval()[2:]}"

    def setLineWidth(self, width: float) -> None:  # noqa: N802
        """Set the width of lines."""
        self._width = width

    def setLineJoin(self, _: int) -> None:  # noqa: N802
        """Lines are always joined round."""

    def setDash(self, dash: list[float]) -> None:  # noqa: N802
        """Set lengths of line and gap; none for a whole line."""
        self._dash = list(dash)

    def drawString(self, x: float, y: float, text: str) -> None:  # noqa: N802
        """Write letters as wide as a PDF has them, whatever font the browser has."""
        if not text.strip():
            return
        name, size = self._font
        width = pdfmetrics.stringWidth(text, name, size)
        weight = ' font-weight="600"' if name == self._bold else ""
        left, top = self._at((x, y))
        self._drawn.append(
            f'<text x="{left}" y="{top}" font-size="{size:g}"{weight} fill="{self._fill}" textLength="{width:.2f}" '
            f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        )

    def beginPath(self) -> RasterPath:  # noqa: N802
        """Return a path to draw along."""
        return RasterPath()

    def drawPath(self, path: RasterPath, *, stroke: int = 1, fill: int = 0) -> None:  # noqa: N802
        """Draw a path's line, or fill what it encloses."""
        self._drawn.append(f'<path d="{self._along(path)}" {self._style(stroke=stroke, fill=fill)}/>')

    def rect(self, x: float, y: float, width: float, height: float, *, stroke: int = 1, fill: int = 0) -> None:
        """Draw a rectangle from its lower left corner."""
        path = self.beginPath()
        path.rect(x, y, width, height)
        self.drawPath(path, stroke=stroke, fill=fill)

    def circle(self, x: float, y: float, radius: float, *, stroke: int = 1, fill: int = 0) -> None:
        """Draw a disc."""
        left, top = self._at((x, y))
        style = self._style(stroke=stroke, fill=fill)
        self._drawn.append(f'<circle cx="{left}" cy="{top}" r="{radius:g}" {style}/>')

    def drawImage(self, picture: Any, x: float, y: float, width: float, height: float) -> None:  # noqa: N802
        """Draw a picture (reportlab's reader) from its lower left corner."""
        data = picture.getRGBData()
        held = io.BytesIO()
        Image.frombytes(picture.mode, picture.getSize(), data).save(held, "PNG", optimize=True)
        left, top = self._at((x, y + height))
        self._drawn.append(
            f'<image x="{left}" y="{top}" width="{width:g}" height="{height:g}" preserveAspectRatio="none" '
            f'href="data:image/png;base64,{base64.b64encode(held.getvalue()).decode()}"/>'
        )

    def saveState(self) -> None:  # noqa: N802
        """Begin what `restoreState` ends."""
        self._drawn.append("<g>")

    def restoreState(self) -> None:  # noqa: N802
        """End the clip."""
        self._drawn.append("</g>" * (2 if self._clips else 1))
        self._clips = 0

    def clipPath(self, path: RasterPath, **_: int) -> None:  # noqa: N802
        """Keep what follows, to the end of the state, within a path."""
        name = f"clip-{len(self.pages)}-{len(self._drawn)}"
        self._drawn.append(f'<clipPath id="{name}"><path d="{self._along(path)}"/></clipPath>')
        self._drawn.append(f'<g clip-path="url(#{name})">')
        self._clips = 1

    def _along(self, path: RasterPath) -> str:
        points = " L".join(" ".join(map(str, self._at(point))) for point in path.points)
        return f"M{points}{' Z' if path.closed else ''}"

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        return round(point[0], 2), round(self._size[1] - point[1], 2)

    def _style(self, *, stroke: int, fill: int) -> str:
        told = f'fill="{self._fill if fill else "none"}"'
        if stroke:
            told += f' stroke="{self._stroke}" stroke-width="{self._width:g}" stroke-linejoin="round"'
            if self._dash:
                told += f' stroke-dasharray="{" ".join(f"{one:g}" for one in self._dash)}"'
        return told


def page_of(pages: list[str], *, title: str, language: str) -> str:
    """Return a page for a browser with the pages one below the other; nothing in it is fetched from anywhere."""
    shown = "\n".join(f"<section>{page}</section>" for page in pages)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>'
        "body{margin:0;background:#e7e9ec}section{max-width:210mm;margin:12px auto;background:#fff}"
        f"svg{{display:block;width:100%;height:auto;font-family:{_FAMILY}}}"
        "@media print{body{background:none}section{margin:0;max-width:none;break-after:page}}"
        f"</style></head><body>\n{shown}\n</body></html>\n"
    )
