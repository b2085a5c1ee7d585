"""The manner of Siemens scanners: one series for each slice, no SpacingBetweenSlices, an R-R for each."""

from collections.abc import Iterator

import numpy as np

from cinecor_phantom.dicom.identity import Identity
from cinecor_phantom.dicom.mr_image import add_protocol, clock, decimal, mr_image, study_dataset
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.view import View
from cinecor_phantom.phantom import Phantom


def siemens_files(phantom: Phantom, views: list[View], identity: Identity) -> Iterator[PlannedFile]:
    """Yield the files of each view in turn; trigger times are right, and scaled to the R-R interval of their slice."""
    shared = study_dataset(identity)
    add_protocol(shared, shape=phantom.shape, acquisition=phantom.acquisition)
    shared.Manufacturer = "Siemens Healthineers"
    shared.ManufacturerModelName = "Cinecor phantom, Siemens style"
    shared.SoftwareVersions = "synthetic"
    shared.DeviceSerialNumber = "0"
    shared.SequenceName = "*tfi2d1_10"
    shared.SequenceVariant = "SK"
    shared.ScanOptions = ["CG", "PER"]
    generator = np.random.default_rng([phantom.seed, 11])
    series = 7
    for view in views:
        for index, factor in enumerate(_rr_factors(view.slices, generator)):
            rr_ms = phantom.shape.rr_ms * factor
            for phase, time_ms in enumerate(view.phase_times_ms):
                ds = mr_image(shared, view, index=index, thickness_mm=view.slice_thickness_mm)
                ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "RETRO", "NORM", "DIS2D", "SYNTHETIC"]
                ds.SOPInstanceUID = identity.uid(view.name, index, phase)
                ds.SeriesInstanceUID = identity.uid(view.name, "series", index)
                ds.SeriesNumber = str(1000 * series + 1)
                ds.SeriesDescription = "cine_trufi_retro" + ("" if view.name == "SAX" else f" {view.name}")
                ds.ProtocolName = ds.SeriesDescription
                ds.AcquisitionNumber = str(phase + 1)
                ds.InstanceNumber = str(phase + 1)
                ds.SeriesTime = clock(30.0 * series)
                ds.AcquisitionTime = ds.ContentTime = clock(30.0 * series)
                ds.NominalInterval = str(round(rr_ms))
                ds.TriggerTime = decimal(time_ms * factor)
                ds.NumberOfTemporalPositions = str(view.phases)
                path = f"SE{series:02d}/IM-{series:04d}-{phase + 1:04d}.dcm"
                yield PlannedFile(path, ds, view.pixels[index, phase], view.brightest)
            series += 1


def _rr_factors(slices: int, generator: np.random.Generator) -> list[float]:
    """Return the R-R of each slice over the nominal one: within 4 %, the median exactly 1."""
    if slices == 1:
        return [1.0]
    return [float(value) for value in generator.permutation(1.0 + 0.04 * np.linspace(-1.0, 1.0, slices))]
