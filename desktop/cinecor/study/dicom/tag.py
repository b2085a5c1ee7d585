"""`Tag`: the DICOM elements that Cinecor reads, by the keywords of the standard; no other file writes their numbers."""

from typing import Final


class Tag:
    """Tag numbers by keyword; plain integers, since every header is looked through for each of them."""

    MediaStorageSOPClassUID: Final = 0x00020002
    MediaStorageSOPInstanceUID: Final = 0x00020003
    TransferSyntaxUID: Final = 0x00020010
    DirectoryRecordSequence: Final = 0x00041220
    ReferencedFileID: Final = 0x00041500
    SpecificCharacterSet: Final = 0x00080005
    ImageType: Final = 0x00080008
    SOPClassUID: Final = 0x00080016
    SOPInstanceUID: Final = 0x00080018
    StudyDate: Final = 0x00080020
    SeriesDate: Final = 0x00080021
    AcquisitionDate: Final = 0x00080022
    ContentDate: Final = 0x00080023
    AcquisitionDateTime: Final = 0x0008002A
    SeriesTime: Final = 0x00080031
    AcquisitionTime: Final = 0x00080032
    ContentTime: Final = 0x00080033
    Modality: Final = 0x00080060
    Manufacturer: Final = 0x00080070
    StudyDescription: Final = 0x00081030
    SeriesDescription: Final = 0x0008103E
    ManufacturerModelName: Final = 0x00081090
    FrameType: Final = 0x00089007
    ComplexImageComponent: Final = 0x00089208
    PatientName: Final = 0x00100010
    PatientID: Final = 0x00100020
    PatientBirthDate: Final = 0x00100030
    PatientSex: Final = 0x00100040
    PatientAge: Final = 0x00101010
    PatientSize: Final = 0x00101020
    PatientWeight: Final = 0x00101030
    ContrastBolusAgent: Final = 0x00180010
    ScanningSequence: Final = 0x00180020
    SequenceName: Final = 0x00180024
    SliceThickness: Final = 0x00180050
    RepetitionTime: Final = 0x00180080
    EchoTime: Final = 0x00180081
    InversionTime: Final = 0x00180082
    MagneticFieldStrength: Final = 0x00180087
    SpacingBetweenSlices: Final = 0x00180088
    TriggerTime: Final = 0x00181060
    NominalInterval: Final = 0x00181062
    HeartRate: Final = 0x00181088
    CardiacNumberOfImages: Final = 0x00181090
    FlipAngle: Final = 0x00181314
    InversionRecovery: Final = 0x00189009
    PhaseContrast: Final = 0x00189014
    Tagging: Final = 0x00189028
    FrameAcquisitionDateTime: Final = 0x00189074
    InversionTimes: Final = 0x00189079
    EffectiveEchoTime: Final = 0x00189082
    DiffusionBValue: Final = 0x00189087
    MREchoSequence: Final = 0x00189114
    MRModifierSequence: Final = 0x00189115
    MRDiffusionSequence: Final = 0x00189117
    CardiacSynchronizationSequence: Final = 0x00189118
    FrameReferenceDateTime: Final = 0x00189151
    MRVelocityEncodingSequence: Final = 0x00189197
    VelocityEncodingMaximumValue: Final = 0x00189217
    MRImageFrameTypeSequence: Final = 0x00189226
    StudyInstanceUID: Final = 0x0020000D
    SeriesInstanceUID: Final = 0x0020000E
    SeriesNumber: Final = 0x00200011
    AcquisitionNumber: Final = 0x00200012
    InstanceNumber: Final = 0x00200013
    ImagePositionPatient: Final = 0x00200032
    ImageOrientationPatient: Final = 0x00200037
    FrameOfReferenceUID: Final = 0x00200052
    ImagesInAcquisition: Final = 0x00201002
    TemporalPositionIdentifier: Final = 0x00200100
    SliceLocation: Final = 0x00201041
    FrameContentSequence: Final = 0x00209111
    PlanePositionSequence: Final = 0x00209113
    PlaneOrientationSequence: Final = 0x00209116
    TemporalPositionIndex: Final = 0x00209128
    NominalCardiacTriggerDelayTime: Final = 0x00209153
    UnassignedPerFrameConvertedAttributesSequence: Final = 0x00209171
    RRIntervalTimeNominal: Final = 0x00209251
    SamplesPerPixel: Final = 0x00280002
    PhotometricInterpretation: Final = 0x00280004
    PlanarConfiguration: Final = 0x00280006
    NumberOfFrames: Final = 0x00280008
    Rows: Final = 0x00280010
    Columns: Final = 0x00280011
    PixelSpacing: Final = 0x00280030
    BitsAllocated: Final = 0x00280100
    BitsStored: Final = 0x00280101
    HighBit: Final = 0x00280102
    PixelRepresentation: Final = 0x00280103
    PixelPaddingValue: Final = 0x00280120
    PixelPaddingRangeLimit: Final = 0x00280121
    RescaleIntercept: Final = 0x00281052
    RescaleSlope: Final = 0x00281053
    PixelMeasuresSequence: Final = 0x00289110
    PixelValueTransformationSequence: Final = 0x00289145
    SharedFunctionalGroupsSequence: Final = 0x52009229
    PerFrameFunctionalGroupsSequence: Final = 0x52009230
    ExtendedOffsetTable: Final = 0x7FE00001
    ExtendedOffsetTableLengths: Final = 0x7FE00002
    PixelData: Final = 0x7FE00010
    Item: Final = 0xFFFEE000
    ItemDelimitationItem: Final = 0xFFFEE00D
    SequenceDelimitationItem: Final = 0xFFFEE0DD
    GERawDataType: Final = 0x0043102F  # private: magnitude, phase, real or imaginary
    GEVelocityEncoding: Final = 0x001910CC  # private: of a flow measurement, 0 otherwise


_OF_ONE_FILE: Final = frozenset(
    {
        Tag.StudyDescription,
        Tag.ManufacturerModelName,
        Tag.PatientAge,
        Tag.PatientSize,
        Tag.PatientWeight,
        Tag.MagneticFieldStrength,
    }
)
"""What the patient's card takes from one file of a study: no other header is looked through for them."""
_OF_NO_HEADER: Final = frozenset(
    {
        Tag.SpecificCharacterSet,
        Tag.DirectoryRecordSequence,
        Tag.ReferencedFileID,
        Tag.Item,
        Tag.ItemDelimitationItem,
        Tag.SequenceDelimitationItem,
    }
)
"""What only a table of contents holds, what stands between items, and what a file is known as DICOM by."""
_NUMBERS: Final = {name: number for name, number in vars(Tag).items() if not name.startswith("_")}
HEADER_TAGS: Final = frozenset(_NUMBERS.values()) - _OF_ONE_FILE - _OF_NO_HEADER
SEQUENCES: Final = HEADER_TAGS.intersection(
    number for name, number in _NUMBERS.items() if name.endswith("Sequence") and name != "ScanningSequence"
)
UNDEFINED_LENGTH: Final = 0xFFFFFFFF
"""In place of an element's length: it ends where its delimiter stands."""


def group_of(tag: int) -> int:
    """Return the group of an element, the first of its two numbers."""
    return tag >> 16
