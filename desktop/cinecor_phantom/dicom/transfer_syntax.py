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
    bits_stored: int | None = None  # None: as the scanner stores them
    lossy_method: str | None = None  # value of LossyImageCompressionMethod


_ALL = (
    TransferSyntax("implicit", uid.ImplicitVRLittleEndian),
    TransferSyntax("explicit", uid.ExplicitVRLittleEndian),
    TransferSyntax("big-endian", uid.ExplicitVRBigEndian),
    TransferSyntax("deflated", uid.DeflatedExplicitVRLittleEndian),
    TransferSyntax("rle", uid.RLELossless),
    TransferSyntax("jpeg-baseline", uid.JPEGBaseline8Bit, lossless=False, bits_stored=8, lossy_method="ISO_10918_1"),
    TransferSyntax("jpeg-extended", uid.JPEGExtended12Bit, lossless=False, bits_stored=12, lossy_method="ISO_10918_1"),
    TransferSyntax("jpeg-lossless", uid.JPEGLossless),
    TransferSyntax("jpeg-lossless-sv1", uid.JPEGLosslessSV1),
    TransferSyntax("jpeg-ls", uid.JPEGLSLossless, bits_stored=12),
    TransferSyntax("jpeg-ls-near", uid.JPEGLSNearLossless, lossless=False, bits_stored=12, lossy_method="ISO_14495_1"),
    TransferSyntax("jpeg2000-lossless", uid.JPEG2000Lossless),
    TransferSyntax("jpeg2000", uid.JPEG2000, lossless=False, bits_stored=12, lossy_method="ISO_15444_1"),
    # The encoder at hand writes codestreams of 16 bits; what the header says of the pixels must agree.
    TransferSyntax("htj2k-lossless", uid.HTJ2KLossless, bits_stored=16),
    TransferSyntax("htj2k-lossless-rpcl", uid.HTJ2KLosslessRPCL, bits_stored=16),
    TransferSyntax("htj2k", uid.HTJ2K, lossless=False, bits_stored=16, lossy_method="ISO_15444_15"),
)

TRANSFER_SYNTAXES: dict[str, TransferSyntax] = {syntax.name: syntax for syntax in _ALL}
