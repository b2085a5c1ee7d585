"""A synthetic beating heart with known volumes, as pixels, labels and DICOM."""

from cinecor.phantom.acquisition import SMALL, Acquisition
from cinecor.phantom.dicom.study_folder import STYLES, write_dicom
from cinecor.phantom.dicom.transfer_syntax import TRANSFER_SYNTAXES
from cinecor.phantom.phantom import Phantom, make_phantom
from cinecor.phantom.shape import HeartShape
from cinecor.phantom.truth import Truth
from cinecor.phantom.variation import random_phantom

__all__ = [
    "SMALL",
    "STYLES",
    "TRANSFER_SYNTAXES",
    "Acquisition",
    "HeartShape",
    "Phantom",
    "Truth",
    "make_phantom",
    "random_phantom",
    "write_dicom",
]
