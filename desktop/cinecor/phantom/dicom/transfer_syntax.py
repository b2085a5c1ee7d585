"""The transfer syntaxes a phantom can be written in, by short names fit for a command line."""

from dataclasses import dataclass

from pydicom import uid
from pydicom.uid import UID


@dataclass(frozen=True, slots=True)
class TransferSyntax:
    """One transfer syntax, and what it does to pixels."""

    name: str
    uid: UID
    lossless: bool = True
    most_bits: int = 16  # per sample, as this program writes it
    lossy_method: str | None = None  # value of LossyImageCompressionMethod


_ALL = (
    TransferSyntax("implicit", uid.ImplicitVRLittleEndian),
    TransferSyntax("explicit", uid.ExplicitVRLittleEndian),
    TransferSyntax("big-endian", uid.ExplicitVRBigEndian),
    TransferSyntax("deflated", uid.DeflatedExplicitVRLittleEndian),
    TransferSyntax("rle", uid.RLELossless),
    TransferSyntax("jpeg-baseline", uid.JPEGBaseline8Bit, lossless=False, most_bits=8, lossy_method="ISO_10918_1"),
    TransferSyntax("jpeg-extended", uid.JPEGExtended12Bit, lossless=False, most_bits=12, lossy_method="ISO_10918_1"),
    TransferSyntax("jpeg-lossless", uid.JPEGLossless, most_bits=12),
    TransferSyntax("jpeg-lossless-sv1", uid.JPEGLosslessSV1, most_bits=12),
    TransferSyntax("jpeg-ls", uid.JPEGLSLossless, most_bits=12),
    TransferSyntax("jpeg-ls-near", uid.JPEGLSNearLossless, lossless=False, most_bits=12, lossy_method="ISO_14495_1"),
    TransferSyntax("jpeg2000-lossless", uid.JPEG2000Lossless, most_bits=16),
    TransferSyntax("jpeg2000", uid.JPEG2000, lossless=False, most_bits=12, lossy_method="ISO_15444_1"),
    TransferSyntax("htj2k-lossless", uid.HTJ2KLossless, most_bits=12),
    TransferSyntax("htj2k-lossless-rpcl", uid.HTJ2KLosslessRPCL, most_bits=12),
    TransferSyntax("htj2k", uid.HTJ2K, lossless=False, most_bits=12, lossy_method="ISO_15444_15"),
)

TRANSFER_SYNTAXES: dict[str, TransferSyntax] = {syntax.name: syntax for syntax in _ALL}
