"""`anonymous_image`: an image without identity: what is known to be harmless stays, everything else goes.

The basic profile of PS3.15 (annex E) lists what to remove; this keeps a list of what may stay instead, so that no tag
that the list's authors, or a vendor, did not think of gets through: it removes all that the profile removes, and more.
The pixel data are not touched.
"""

from typing import Final

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ImplicitVRLittleEndian

from cinecor.report.anonymous.pseudonym import Pseudonym

BASIC_PROFILE: Final = ("113100", "Basic Application Confidentiality Profile")
RETAIN_CHARACTERISTICS: Final = ("113108", "Retain Patient Characteristics Option")
_METHOD: Final = "Cinecor: list of harmless attributes (PS3.15 basic profile)"
CHARACTERISTICS: Final = ("PatientSex", "PatientAge", "PatientSize", "PatientWeight")

_KEPT: Final = frozenset(
    {
        # what kind of image
        "SOPClassUID", "Modality", "ImageType", "Manufacturer", "ManufacturerModelName", "MagneticFieldStrength",
        "ScanningSequence", "SequenceVariant", "ScanOptions", "MRAcquisitionType", "RepetitionTime", "EchoTime",
        "FlipAngle", "NumberOfAverages", "ImagingFrequency", "EchoNumbers", "InversionTime", "PixelBandwidth",
        "EchoTrainLength", "PercentSampling", "PercentPhaseFieldOfView", "ContentQualification", "VolumetricProperties",
        "VolumeBasedCalculationTechnique", "ComplexImageComponent", "AcquisitionContrast", "PixelPresentation",
        "AcquisitionNumber", "InstanceNumber", "SeriesNumber", "PatientPosition", "BurnedInAnnotation",
        "LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod", "BodyPartExamined",
        # when in the cycle
        "TriggerTime", "NominalInterval", "HeartRate", "CardiacNumberOfImages", "ImagesInAcquisition",
        "TemporalPositionIdentifier", "NumberOfTemporalPositions", "TemporalResolution", "LowRRValue", "HighRRValue",
        "IntervalsAcquired", "IntervalsRejected", "BeatRejectionFlag", "TriggerWindow", "TemporalPositionIndex",
        "NominalCardiacTriggerDelayTime", "RRIntervalTimeNominal", "CardiacCyclePosition",
        "ActualCardiacTriggerDelayTime",
        "CardiacSynchronizationTechnique", "CardiacSignalSource", "CardiacRRIntervalSpecified", "IntervalNumber",
        # where
        "ImagePositionPatient", "ImageOrientationPatient", "SliceThickness", "SpacingBetweenSlices", "PixelSpacing",
        "SliceLocation", "PositionReferenceIndicator",
        # pixels
        "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "Rows", "Columns", "NumberOfFrames",
        "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SmallestImagePixelValue",
        "LargestImagePixelValue", "PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleIntercept", "RescaleSlope",
        "RescaleType", "WindowCenter", "WindowWidth", "PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
        # functional groups of enhanced images
        "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "PixelMeasuresSequence",
        "PlanePositionSequence", "PlaneOrientationSequence", "FrameContentSequence", "CardiacSynchronizationSequence",
        "MRImageFrameTypeSequence", "FrameType", "PixelValueTransformationSequence", "FrameVOILUTSequence",
        "MRTimingAndRelatedParametersSequence", "MREchoSequence", "EffectiveEchoTime", "StackID",
        "InStackPositionNumber", "FrameAcquisitionNumber", "DimensionIndexValues", "DimensionIndexSequence",
        "DimensionIndexPointer", "FunctionalGroupPointer", "DimensionOrganizationType", "VelocityEncodingDirection",
    }
)  # fmt: skip
_REPLACED_UIDS: Final = (
    "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "DimensionOrganizationUID",
)  # fmt: skip


def anonymous_image(image: Dataset, pseudonym: Pseudonym, *, keep_characteristics: bool) -> FileDataset:
    """Return an image under a pseudonym, with the pixel data as they are and in the syntax that they have."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = UID(pseudonym.uid(str(image.SOPInstanceUID)))
    meta.TransferSyntaxUID = image.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
    kept = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    kept.update(harmless(image, pseudonym))
    kept.SpecificCharacterSet = "ISO_IR 192"
    put_pseudonym(kept, image, pseudonym, keep_characteristics=keep_characteristics)
    return kept


def put_pseudonym(target: Dataset, source: Dataset, pseudonym: Pseudonym, *, keep_characteristics: bool) -> None:
    """Write patient and study of an object anew: the pseudonym, and the method by which identity went."""
    target.PatientName = target.PatientID = pseudonym.name
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
                    "ReferringPhysicianName"):  # fmt: skip
        setattr(target, keyword, "")
    for keyword in CHARACTERISTICS if keep_characteristics else ():
        if source.get(keyword):
            setattr(target, keyword, source.get(keyword))
    target.PatientIdentityRemoved = "YES"
    target.DeidentificationMethod = _METHOD
    options = (BASIC_PROFILE, RETAIN_CHARACTERISTICS) if keep_characteristics else (BASIC_PROFILE,)
    target.DeidentificationMethodCodeSequence = Items([_code(*option) for option in options])
    target.LongitudinalTemporalInformationModified = "REMOVED"


def harmless(dataset: Dataset, pseudonym: Pseudonym) -> Dataset:
    """Return what may stay of a dataset, in every depth, with its UIDs replaced."""
    kept = Dataset()
    for element in dataset:
        if element.tag.is_private:
            continue
        if element.keyword in _REPLACED_UIDS and element.value:
            setattr(kept, element.keyword, UID(pseudonym.uid(str(element.value))))
        elif element.keyword in _KEPT and element.VR == "SQ":
            setattr(kept, element.keyword, Items([harmless(item, pseudonym) for item in element.value]))
        elif element.keyword in _KEPT:
            kept.add(element)
    return kept


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
