"""`make_archivable`: what PDF/A-1b asks of a file besides its fonts: metadata as XMP, and what its colours mean."""

from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import (
    XMP,
    NoEncryption,
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObject,
    PDFStream,
    PDFString,
    pdfdocEnc,
)
from reportlab.pdfgen.canvas import Canvas

from cinecor.report.pdf.srgb_profile import srgb_profile

_INTENT: Final = "sRGB IEC61966-2.1"
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>{creator}</xmp:CreatorTool>
<xmp:CreateDate>{time}</xmp:CreateDate><xmp:ModifyDate>{time}</xmp:ModifyDate></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>{producer}</pdf:Producer>
<pdf:Keywords>{keywords}</pdf:Keywords></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def make_archivable(canvas: Canvas) -> None:
    """Write into a canvas' file what it is (PDF/A, part 1, level B), once its title, subject and author are set."""
    document: Any = canvas._doc
    document.encrypt = _Unencrypted()
    profile = PDFStream(PDFDictionary({"N": 3}), srgb_profile())
    intent = PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString(_INTENT),
            "Info": PDFString(_INTENT),
            "DestOutputProfile": document.Reference(profile),
        }
    )
    catalog = document.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]
    catalog.OutputIntents = PDFArray([intent])
    catalog.Metadata = XMP(creator=_packet)


class _Unencrypted(NoEncryption):  # type: ignore[misc]  # of an untyped library
    """reportlab lets what encrypts a file have each stream last: the place to end it as the standard asks."""

    def encode(self, content: bytes | str) -> "_EndedStream":
        return _EndedStream(content if isinstance(content, bytes) else pdfdocEnc(content))


class _EndedStream(PDFObject):  # type: ignore[misc]
    """A stream's content with an end of line behind it, which is no part of its length; reportlab writes none."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content)

    def format(self, _: Any) -> bytes:
        return self._content + b"\n"


def _packet(document: Any) -> bytes:
    """Return the metadata, which must say what the file's own dictionary says."""
    info, moment = document.info, document._timeStamp
    year, month, day, hour, minute, second = moment.YMDhms
    told = {
        name: escape(getattr(info, name)) for name in ("title", "subject", "author", "creator", "producer", "keywords")
    }
    time = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{moment.dhh:+03}:{moment.dmm:02}"
    return _PACKET.format(time=time, **told).encode()
