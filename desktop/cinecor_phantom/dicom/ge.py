"""The manner of GE scanners: one series for the whole stack, numbered slice by slice, in a round field of view."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.dicom.identity import Identity
from cinecor_phantom.dicom.mr_image import add_protocol, clock, decimal, mr_image, study_dataset
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.view import View
from cinecor_phantom.phantom import Phantom


def ge_files(phantom: Phantom, views: list[View], identity: Identity) -> Iterator[PlannedFile]:
    """Yield the files of each view in turn, InstanceNumber = slice · phases + phase + 1."""
    shared = study_dataset(identity)
    add_protocol(shared, shape=phantom.shape, acquisition=phantom.acquisition)
    shared.Manufacturer = "GE MEDICAL SYSTEMS"
    shared.ManufacturerModelName = "Cinecor phantom, GE style"
    shared.SoftwareVersions = "synthetic"
    shared.DeviceSerialNumber = "0"
    shared.SequenceVariant = "SS"
    shared.ScanOptions = ["FAST_GEMS", "SEQ_GEMS", "CG"]
    for number, view in enumerate(views):
        outside = outside_circle(view)
        for index in range(view.slices):
            for phase, time_ms in enumerate(view.phase_times_ms):
                instance = index * view.phases + phase + 1
                ds = mr_image(shared, view, index=index, thickness_mm=view.slice_thickness_mm)
                ds.ImageType = ["ORIGINAL", "PRIMARY", "CARDIAC", "SYNTHETIC"]
                ds.SOPInstanceUID = identity.uid(view.name, index, phase)
                ds.SeriesInstanceUID = identity.uid(view.name, "series")
                ds.SeriesNumber = str(300 + number)
                ds.SeriesDescription = f"{view.name} FIESTA CINE"
                ds.AcquisitionNumber = "1"
                ds.InstanceNumber = str(instance)
                ds.ImagesInAcquisition = str(view.slices * view.phases)
                ds.SeriesTime = clock(60.0 * number)
                ds.AcquisitionTime = ds.ContentTime = clock(60.0 * number + 12.0 * index)
                ds.TriggerTime = decimal(time_ms)
                if view.slice_spacing_mm is not None:
                    ds.SpacingBetweenSlices = decimal(view.slice_spacing_mm)
                ds.ReconstructionDiameter = decimal(min(view.pixels.shape[2:]) * view.pixel_spacing_mm[0])
                pixels = np.where(outside, np.uint16(0), view.pixels[index, phase])
                yield PlannedFile(f"{300 + number}/{instance}.dcm", ds, pixels, view.brightest, signed=True)


def outside_circle(view: View) -> NDArray[np.bool_]:
    """Return pixels beyond the round field of view that spans the longer side."""
    rows, columns = view.pixels.shape[2:]
    radius = 0.5 * max(rows, columns)
    down = np.arange(rows)[:, None] - 0.5 * (rows - 1)
    right = np.arange(columns)[None, :] - 0.5 * (columns - 1)
    return np.asarray(np.hypot(down, right) > radius)
