"""The attributes that every classic MR image of a phantom has, whatever the vendor's manner."""

from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.dicom.identity import PATIENT_NAME, STUDY_DATE, SYNTHETIC, Identity
from cinecor_phantom.dicom.view import View
from cinecor_phantom.shape import HeartShape


def clock(seconds: float) -> str:
    """Return a DICOM time so many seconds after 09:00, the phantom's appointment."""
    total = 9 * 3600 + seconds
    return f"{int(total // 3600) % 24:02d}{int(total // 60) % 60:02d}{total % 60:09.6f}"


def decimal(value: float) -> str:
    """Return a decimal string of at most 16 characters, as precise as fits."""
    for digits in range(12, 2, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    return f"{value:.3g}"


def study_dataset(identity: Identity) -> Dataset:
    """Return patient, study and frame of reference: what all images of the study share."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = STUDY_DATE
    ds.StudyTime = clock(0)
    ds.AccessionNumber = ""
    ds.Modality = "MR"
    ds.InstitutionName = "Cinecor phantom"
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = "Cardiac MR, synthetic phantom, research use only"
    ds.PatientName = PATIENT_NAME
    ds.PatientID = identity.patient_id
    ds.PatientBirthDate = ""
    ds.PatientSex = "O"
    ds.PatientComments = SYNTHETIC
    ds.StudyInstanceUID = identity.uid("study")
    ds.StudyID = "1"
    ds.FrameOfReferenceUID = identity.uid("frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.PatientPosition = "HFS"
    ds.BodyPartExamined = "HEART"
    return ds


def add_protocol(ds: Dataset, *, shape: HeartShape, acquisition: Acquisition) -> None:
    """Balanced steady-state cine: the numbers of the sequence that the phantom's contrast was computed for."""
    ds.ScanningSequence = "GR"
    ds.SequenceVariant = ["SS", "SK"]
    ds.ScanOptions = "CG"
    ds.MRAcquisitionType = "2D"
    ds.EchoTime = "1.5"
    ds.RepetitionTime = "3.0"
    ds.EchoTrainLength = "1"
    ds.NumberOfAverages = "1"
    ds.ImagedNucleus = "1H"
    ds.EchoNumbers = "1"
    ds.MagneticFieldStrength = decimal(acquisition.field_strength_t)
    ds.ImagingFrequency = decimal(42.577 * acquisition.field_strength_t)
    ds.FlipAngle = decimal(acquisition.flip_angle_deg)
    ds.PixelBandwidth = "977"
    ds.HeartRate = str(round(shape.heart_rate_bpm))
    ds.NominalInterval = str(round(shape.rr_ms))


def mr_image(shared: Dataset, view: View, *, index: int, thickness_mm: float) -> Dataset:
    """Return one classic MR image without pixels: the shared attributes and the plane of this frame."""
    ds = Dataset()
    ds.update(shared)
    ds.SOPClassUID = MRImageStorage
    ds.ImageComments = SYNTHETIC
    ds.SliceThickness = decimal(thickness_mm)
    ds.ImagePositionPatient = [decimal(value) for value in view.positions_mm[index]]
    ds.ImageOrientationPatient = [decimal(value) for value in (*view.column_axis, *view.row_axis)]
    ds.SliceLocation = decimal(view.slice_location_mm(index))
    ds.PixelSpacing = [decimal(value) for value in view.pixel_spacing_mm]
    rows, columns = view.pixels.shape[2:]
    ds.AcquisitionMatrix = [columns, 0, 0, rows]
    ds.InPlanePhaseEncodingDirection = "COL"
    ds.CardiacNumberOfImages = str(view.phases)
    return ds
