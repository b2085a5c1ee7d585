"""The manner of Philips scanners whose trigger times cannot be used: one series, numbered phase by phase, rescaled.

Seen in archives: trigger times that are zero throughout a slice, or the same for several phases. The temporal position
is right. InstanceNumber runs through the slices of one phase before the next, and stored values need RescaleSlope.
"""

from collections.abc import Iterator

import numpy as np

from cinecor_phantom.dicom.identity import Identity
from cinecor_phantom.dicom.mr_image import add_protocol, clock, decimal, mr_image, study_dataset
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.view import View
from cinecor_phantom.phantom import Phantom

RESCALE_SLOPE = 1.8437
STUCK_PHASES = 3  # so many phases in a row report one trigger time


def philips_files(phantom: Phantom, views: list[View], identity: Identity) -> Iterator[PlannedFile]:
    """Yield the files of each view in turn; TemporalPositionIdentifier orders the phases."""
    shared = study_dataset(identity)
    add_protocol(shared, shape=phantom.shape, acquisition=phantom.acquisition)
    shared.Manufacturer = "Philips Healthcare"
    shared.ManufacturerModelName = "Cinecor phantom, Philips style"
    shared.SoftwareVersions = "synthetic"
    shared.DeviceSerialNumber = "0"
    shared.SequenceVariant = "SS"
    number = 0
    for series, view in enumerate(views):
        for phase in range(view.phases):
            for index in range(view.slices):
                ds = mr_image(shared, view, index=index, thickness_mm=view.slice_thickness_mm)
                ds.ImageType = ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE", "SYNTHETIC"]
                ds.SOPInstanceUID = identity.uid(view.name, index, phase)
                ds.SeriesInstanceUID = identity.uid(view.name, "series")
                ds.SeriesNumber = str(100 * series + 501)
                ds.SeriesDescription = f"{view.name} BTFE BH"
                ds.ProtocolName = ds.SeriesDescription
                ds.AcquisitionNumber = str(series + 5)
                ds.InstanceNumber = str(phase * view.slices + index + 1)
                ds.SeriesTime = clock(40.0 * series)
                ds.AcquisitionTime = ds.ContentTime = clock(40.0 * series)
                stuck = view.phase_times_ms[phase - phase % STUCK_PHASES]
                ds.TriggerTime = decimal(0.0 if index % 2 == 0 else stuck)
                ds.TemporalPositionIdentifier = str(phase + 1)
                ds.NumberOfTemporalPositions = str(view.phases)
                if view.slice_spacing_mm is not None:
                    ds.SpacingBetweenSlices = decimal(view.slice_spacing_mm)
                ds.RescaleIntercept = "0"
                ds.RescaleSlope = decimal(RESCALE_SLOPE)
                ds.RescaleType = "normalized"
                number += 1
                yield PlannedFile(
                    f"DICOM/IM_{number:04d}", ds, _stored(view, index, phase), view.brightest / RESCALE_SLOPE
                )


def _stored(view: View, index: int, phase: int) -> np.ndarray:
    """Return stored values: what times the slope gives the phantom's values, as near as whole numbers allow."""
    return np.asarray(np.round(view.pixels[index, phase] / RESCALE_SLOPE), dtype=np.uint16)
