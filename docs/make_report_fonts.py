"""Draw the report's fonts again: Inter with TrueType outlines, which is what a PDF's writer embeds."""

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

from cinecor_resources import fonts, report_fonts

_LETTERS = (  # Latin, Greek, Cyrillic; punctuation, superscripts, arrows, signs of mathematics
    (0x20, 0x7F), (0xA0, 0x250), (0x370, 0x460), (0x1E00, 0x1F00), (0x2010, 0x2030), (0x2030, 0x2045),
    (0x2070, 0x20B0), (0x2122, 0x2123), (0x2190, 0x2194), (0x2212, 0x2213), (0x221A, 0x221B), (0x2248, 0x2266),
    (0x25A0, 0x25CC), (0x2713, 0x2714),
)  # fmt: skip
_ERROR_UNITS = 1.0  # of 2816 an em: a curve lies within a thousandth of a point in print
_NO_PROGRAMS = (
    "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
    "maxCompositeContours", "maxComponentDepth",
)  # fmt: skip


def main() -> None:
    """Write the weights that the report is set in."""
    for weight, path in report_fonts().items():
        source = next(one for one in fonts() if one.stem.endswith(f"-{weight}"))
        font = TTFont(source, recalcTimestamp=False)
        options = subset.Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True)
        letters = subset.Subsetter(options)
        letters.populate(unicodes=[code for first, end in _LETTERS for code in range(first, end)])
        letters.subset(font)
        with_quadratic_curves(font)
        path.parent.mkdir(exist_ok=True)
        font.save(path)


def with_quadratic_curves(font: TTFont) -> None:
    """Replace a font's cubic outlines by quadratic ones."""
    outlines, order = font.getGlyphSet(), font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, _ERROR_UNITS, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    for cubic in ("CFF ", "VORG"):
        if cubic in font:
            del font[cubic]
    table.compile(font)
    limits = font["maxp"]
    limits.tableVersion, limits.maxZones = 0x00010000, 1
    for name in _NO_PROGRAMS:
        setattr(limits, name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


if __name__ == "__main__":
    main()
