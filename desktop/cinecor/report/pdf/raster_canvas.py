"""`RasterCanvas`: takes what reportlab's canvas takes and paints it as pixels, for systems that show no PDF.

Coordinates are points from the lower left corner, as in a PDF. It knows what `Sheet` draws, and no more.
"""

from functools import cache
from itertools import pairwise
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics

from cinecor_resources import report_fonts

_DPI: Final = 150
_FINER: Final = 3  # painted at so many times the size, then made smaller: edges are smooth then
_POINTS_AN_INCH: Final = 72.0

Ink = tuple[int, int, int]
Point = tuple[float, float]


class RasterCanvas:
    """One page after the other, white at first."""

    def __init__(self, width: float, height: float, *, fonts: dict[str, str]) -> None:
        """`fonts` are the weights of the report's font (`report_fonts`) by the names that reportlab knows them by."""
        self.pages: list[Image.Image] = []
        self._size, self._fonts = (width, height), fonts
        self._scale = _DPI / _POINTS_AN_INCH * _FINER
        self._page = self._blank()
        self._font = (next(iter(fonts)), 8.0)
        self._fill: Ink = (0, 0, 0)
        self._stroke: Ink = (0, 0, 0)
        self._width = 1.0
        self._dash: list[float] = []
        self._clip: tuple[int, int, int, int] | None = None

    def showPage(self) -> None:  # noqa: N802  reportlab's name, like those below
        """Finish the page and begin the next."""
        smaller = (self._page.width // _FINER, self._page.height // _FINER)
        self.pages.append(self._page.resize(smaller, Image.Resampling.BOX))
        self._page = self._blank()

    def setFont(self, name: str, size: float) -> None:  # noqa: N802
        """Set the font of what follows."""
        self._font = (name, size)

    def setFillColor(self, colour: Color) -> None:  # noqa: N802
        """Set the colour of areas and letters."""
        self._fill = _ink(colour)

    def setStrokeColor(self, colour: Color) -> None:  # noqa: N802
        """Set the colour of lines."""
        self._stroke = _ink(colour)

    def setLineWidth(self, width: float) -> None:  # noqa: N802
        """Set the width of lines."""
        self._width = width

    def setLineJoin(self, _: int) -> None:  # noqa: N802
        """Lines are always joined round."""

    def setDash(self, dash: list[float]) -> None:  # noqa: N802
        """Set lengths of line and gap; none for a whole line."""
        self._dash = list(dash)

    def drawString(self, x: float, y: float, text: str) -> None:  # noqa: N802
        """Write letters, each where a PDF has it."""
        name, size = self._font
        font = _font(self._fonts[name], round(size * self._scale))
        draw = ImageDraw.Draw(self._page)
        for number, letter in enumerate(text):
            at = self._at((x + pdfmetrics.stringWidth(text[:number], name, size), y))
            draw.text(at, letter, font=font, fill=self._fill, anchor="ls")

    def beginPath(self) -> "RasterPath":  # noqa: N802
        """Return a path to draw along."""
        return RasterPath()

    def drawPath(self, path: "RasterPath", *, stroke: int = 1, fill: int = 0) -> None:  # noqa: N802
        """Draw a path's line, or fill what it encloses; within the clip where there is one."""
        target, origin = self._page, (0.0, 0.0)
        if self._clip is not None:
            target, origin = self._page.crop(self._clip), (float(self._clip[0]), float(self._clip[1]))
        draw = ImageDraw.Draw(target)
        points = [(x - origin[0], y - origin[1]) for x, y in map(self._at, path.points)]
        if fill:
            draw.polygon(points, fill=self._fill)
        if stroke:
            whole = [*points, points[0]] if path.closed else points
            width = max(1, round(self._width * self._scale))
            for part in self._dashed(whole) if self._dash else [whole]:
                draw.line(part, fill=self._stroke, width=width, joint="curve")
        if self._clip is not None:
            self._page.paste(target, self._clip[:2])

    def rect(self, x: float, y: float, width: float, height: float, *, stroke: int = 1, fill: int = 0) -> None:
        """Draw a rectangle from its lower left corner."""
        path = self.beginPath()
        path.rect(x, y, width, height)
        self.drawPath(path, stroke=stroke, fill=fill)

    def circle(self, x: float, y: float, radius: float, *, stroke: int = 1, fill: int = 0) -> None:
        """Draw a disc."""
        left, top = self._at((x - radius, y + radius))
        right, bottom = self._at((x + radius, y - radius))
        outline = self._stroke if stroke else None
        ImageDraw.Draw(self._page).ellipse(
            (left, top, right, bottom), fill=self._fill if fill else None, outline=outline
        )

    def drawImage(self, picture: Any, x: float, y: float, width: float, height: float) -> None:  # noqa: N802
        """Draw a picture (reportlab's reader) from its lower left corner."""
        data = picture.getRGBData()
        image = Image.frombytes(picture.mode, picture.getSize(), data).convert("RGB")
        left, top = self._at((x, y + height))
        right, bottom = self._at((x + width, y))
        size = (max(1, round(right - left)), max(1, round(bottom - top)))
        self._page.paste(image.resize(size, Image.Resampling.BICUBIC), (round(left), round(top)))

    def saveState(self) -> None:  # noqa: N802
        """Begin what `restoreState` ends: of it there is the clip alone."""

    def restoreState(self) -> None:  # noqa: N802
        """Draw on the whole page again."""
        self._clip = None

    def clipPath(self, path: "RasterPath", **_: int) -> None:  # noqa: N802
        """Keep what follows within the rectangle about a path."""
        points = [self._at(point) for point in path.points]
        left, top = (min(point[axis] for point in points) for axis in (0, 1))
        right, bottom = (max(point[axis] for point in points) for axis in (0, 1))
        self._clip = (round(left), round(top), round(right), round(bottom))

    def _blank(self) -> Image.Image:
        # A whole number of pixels after it was made smaller.
        size = tuple(round(side * _DPI / _POINTS_AN_INCH) * _FINER for side in self._size)
        return Image.new("RGB", (size[0], size[1]), "white")

    def _at(self, point: Point) -> Point:
        return point[0] * self._scale, (self._size[1] - point[1]) * self._scale

    def _dashed(self, points: list[Point]) -> list[list[Point]]:
        """Return the pieces of a dashed line; each straight stretch begins anew."""
        on, off = (self._dash[0] * self._scale, self._dash[-1] * self._scale)
        pieces = []
        for (x0, y0), (x1, y1) in pairwise(points):
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            at = 0.0
            while at < length:
                start, end = at / length, min(at + on, length) / length
                pieces.append([(x0 + share * (x1 - x0), y0 + share * (y1 - y0)) for share in (start, end)])
                at += on + off
        return pieces


class RasterPath:
    """Points in a row."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.closed = False

    def moveTo(self, x: float, y: float) -> None:  # noqa: N802
        """Begin here."""
        self.points = [(x, y)]

    def lineTo(self, x: float, y: float) -> None:  # noqa: N802
        """Go on to here."""
        self.points.append((x, y))

    def close(self) -> None:
        """Go back to where it began."""
        self.closed = True

    def rect(self, x: float, y: float, width: float, height: float) -> None:
        """Go around a rectangle."""
        self.points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self.closed = True


def _ink(colour: Color) -> Ink:
    return round(colour.red * 255), round(colour.green * 255), round(colour.blue * 255)


@cache
def _font(weight: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(report_fonts()[weight]), pixels, layout_engine=ImageFont.Layout.BASIC)
