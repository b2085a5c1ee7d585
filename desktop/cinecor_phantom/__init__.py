"""A synthetic beating heart with known volumes, as pixels, labels and DICOM."""

from cinecor_phantom.acquisition import SMALL, Acquisition
from cinecor_phantom.dicom.study_folder import STYLES, write_dicom
from cinecor_phantom.dicom.transfer_syntax import TRANSFER_SYNTAXES
from cinecor_phantom.phantom import Phantom, make_phantom
from cinecor_phantom.planted import Planted, PlantedSegment
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.truth import Truth
from cinecor_phantom.variation import random_phantom

__all__ = [
    "SMALL",
    "STYLES",
    "TRANSFER_SYNTAXES",
    "Acquisition",
    "HeartShape",
    "Phantom",
    "Planted",
    "PlantedSegment",
    "Truth",
    "make_phantom",
    "random_phantom",
    "write_dicom",
]
