"""Enhanced MR Image Storage: all frames of a view in one file, described by functional groups."""

from collections.abc import Iterator

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage

from cinecor_phantom.acquisition import Acquisition
from cinecor_phantom.dicom.identity import STUDY_DATE, SYNTHETIC, Identity
from cinecor_phantom.dicom.mr_image import clock, decimal, study_dataset
from cinecor_phantom.dicom.planned import PlannedFile
from cinecor_phantom.dicom.view import View
from cinecor_phantom.phantom import Phantom

_FRAME_TYPE = ["ORIGINAL", "PRIMARY", "CARDIAC", "NONE"]


def enhanced_files(phantom: Phantom, views: list[View], identity: Identity) -> Iterator[PlannedFile]:
    """Yield one file for each view; slices vary slowest, phases fastest."""
    for number, view in enumerate(views):
        ds = study_dataset(identity)
        ds.SOPClassUID = EnhancedMRImageStorage
        ds.SOPInstanceUID = identity.uid(view.name)
        ds.SeriesInstanceUID = identity.uid(view.name, "series")
        ds.SeriesNumber = str(number + 1)
        ds.SeriesDescription = f"{view.name} cine, enhanced"
        ds.ProtocolName = ds.SeriesDescription
        ds.InstanceNumber = "1"
        ds.Manufacturer = "Cinecor"
        ds.ManufacturerModelName = "Cinecor phantom, enhanced"
        ds.DeviceSerialNumber = "0"
        ds.SoftwareVersions = "synthetic"
        ds.SeriesTime = ds.ContentTime = clock(60.0 * number)
        ds.AcquisitionDateTime = STUDY_DATE + clock(60.0 * number)
        ds.AcquisitionNumber = number + 1
        ds.ImageType = list(_FRAME_TYPE)
        ds.ImageComments = SYNTHETIC
        _add_acquisition(ds, phantom)
        _add_dimensions(ds, identity, view)
        ds.NumberOfFrames = str(view.slices * view.phases)
        ds.SharedFunctionalGroupsSequence = Sequence([_shared_groups(view, phantom.acquisition)])
        ds.PerFrameFunctionalGroupsSequence = Sequence(
            [_frame_groups(view, phantom, index, phase) for index in range(view.slices) for phase in range(view.phases)]
        )
        pixels = view.pixels.reshape(-1, *view.pixels.shape[2:])
        yield PlannedFile(f"{view.name.replace(' ', '_')}.dcm", ds, pixels, view.brightest)


def _add_acquisition(ds: Dataset, phantom: Phantom) -> None:
    """MR Pulse Sequence, Cardiac Synchronization and Enhanced MR Image modules."""
    ds.PulseSequenceName = "BSSFP"
    ds.MRAcquisitionType = "2D"
    ds.EchoPulseSequence = "GRADIENT"
    ds.MultiPlanarExcitation = "NO"
    ds.PhaseContrast = "NO"
    ds.TimeOfFlightContrast = "NO"
    ds.SteadyStatePulseSequence = "FREE_PRECESSION"
    ds.EchoPlanarPulseSequence = "NO"
    ds.SaturationRecovery = "NO"
    ds.SpectrallySelectedSuppression = "NONE"
    ds.OversamplingPhase = "2D"
    ds.GeometryOfKSpaceTraversal = "RECTILINEAR"
    ds.SegmentedKSpaceTraversal = "PARTIAL"
    ds.RectilinearPhaseEncodeReordering = "LINEAR"
    ds.NumberOfKSpaceTrajectories = 1
    ds.KSpaceFiltering = "COSINE"
    ds.ContentQualification = "RESEARCH"
    ds.ResonantNucleus = "1H"
    ds.MagneticFieldStrength = decimal(phantom.acquisition.field_strength_t)
    ds.ApplicableSafetyStandardAgency = "IEC"
    ds.AcquisitionDuration = 60_000.0
    ds.CardiacSynchronizationTechnique = "RETROSPECTIVE"
    ds.CardiacSignalSource = "ECG"
    ds.CardiacRRIntervalSpecified = phantom.shape.rr_ms
    ds.CardiacBeatRejectionTechnique = "NONE"
    ds.LowRRValue = ds.HighRRValue = str(round(phantom.shape.rr_ms))
    ds.IntervalsAcquired = "10"
    ds.IntervalsRejected = "0"
    ds.HeartRate = str(round(phantom.shape.heart_rate_bpm))
    ds.PixelPresentation = "MONOCHROME"
    ds.VolumetricProperties = "VOLUME"
    ds.VolumeBasedCalculationTechnique = "NONE"
    ds.ComplexImageComponent = "MAGNITUDE"
    ds.AcquisitionContrast = "UNKNOWN"
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"
    ds.PresentationLUTShape = "IDENTITY"
    ds.AcquisitionContextSequence = Sequence([])


def _add_dimensions(ds: Dataset, identity: Identity, view: View) -> None:
    organization = Dataset()
    organization.DimensionOrganizationUID = identity.uid(view.name, "dimensions")
    ds.DimensionOrganizationSequence = Sequence([organization])
    indices = []
    for keyword in ("StackID", "InStackPositionNumber", "TemporalPositionIndex"):
        index = Dataset()
        index.DimensionOrganizationUID = organization.DimensionOrganizationUID
        index.DimensionIndexPointer = tag_for_keyword(keyword)
        index.FunctionalGroupPointer = tag_for_keyword("FrameContentSequence")
        indices.append(index)
    ds.DimensionIndexSequence = Sequence(indices)


def _item(**values: object) -> Sequence:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return Sequence([item])


def _shared_groups(view: View, acquisition: Acquisition) -> Dataset:
    rows, columns = view.pixels.shape[2:]
    groups = Dataset()
    groups.PixelMeasuresSequence = _item(
        PixelSpacing=[decimal(value) for value in view.pixel_spacing_mm],
        SliceThickness=decimal(view.slice_thickness_mm),
        **({} if view.slice_spacing_mm is None else {"SpacingBetweenSlices": decimal(view.slice_spacing_mm)}),
    )
    groups.PlaneOrientationSequence = _item(
        ImageOrientationPatient=[decimal(value) for value in (*view.column_axis, *view.row_axis)]
    )
    groups.FrameAnatomySequence = _item(
        FrameLaterality="U",
        AnatomicRegionSequence=_item(CodeValue="80891009", CodingSchemeDesignator="SCT", CodeMeaning="Heart"),
    )
    groups.PixelValueTransformationSequence = _item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")
    groups.MRImageFrameTypeSequence = _item(
        FrameType=list(_FRAME_TYPE),
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
        ComplexImageComponent="MAGNITUDE",
        AcquisitionContrast="UNKNOWN",
    )
    sar = _item(SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY", SpecificAbsorptionRateValue=1.5)
    groups.MRTimingAndRelatedParametersSequence = _item(
        RepetitionTime="3.0",
        FlipAngle=decimal(acquisition.flip_angle_deg),
        EchoTrainLength="1",
        RFEchoTrainLength=0,
        GradientEchoTrainLength=1,
        GradientOutputType="DB_DT",
        GradientOutput=50.0,
        SpecificAbsorptionRateSequence=sar,
        OperatingModeSequence=_item(OperatingModeType="STATIC FIELD", OperatingMode="IEC_NORMAL"),
    )
    groups.MRFOVGeometrySequence = _item(
        InPlanePhaseEncodingDirection="COLUMN",
        MRAcquisitionFrequencyEncodingSteps=columns,
        MRAcquisitionPhaseEncodingStepsInPlane=rows,
        PercentSampling=decimal(100.0 * acquisition.resolution),
        PercentPhaseFieldOfView="100",
    )
    groups.MREchoSequence = _item(EffectiveEchoTime=1.5)
    groups.MRImagingModifierSequence = _item(
        MagnetizationTransfer="NONE",
        BloodSignalNulling="NO",
        Tagging="NONE",
        TransmitterFrequency=42.577 * acquisition.field_strength_t,
        PixelBandwidth="977",
    )
    groups.MRModifierSequence = _item(
        InversionRecovery="NO",
        FlowCompensation="NONE",
        Spoiling="NONE",
        T2Preparation="NO",
        SpectrallySelectedExcitation="NONE",
        SpatialPresaturation="NONE",
        PartialFourier="NO",
        ParallelAcquisition="NO",
    )
    groups.MRReceiveCoilSequence = _item(
        ReceiveCoilName="BODY", ReceiveCoilManufacturerName="", ReceiveCoilType="BODY", QuadratureReceiveCoil="NO"
    )
    groups.MRTransmitCoilSequence = _item(
        TransmitCoilName="BODY", TransmitCoilManufacturerName="", TransmitCoilType="BODY"
    )
    groups.MRAveragesSequence = _item(NumberOfAverages="1")
    return groups


def _frame_groups(view: View, phantom: Phantom, index: int, phase: int) -> Dataset:
    groups = Dataset()
    groups.FrameContentSequence = _item(
        FrameAcquisitionDateTime=STUDY_DATE + clock(12.0 * index),
        FrameReferenceDateTime=STUDY_DATE + clock(12.0 * index),
        FrameAcquisitionDuration=phantom.shape.rr_ms / view.phases,
        FrameAcquisitionNumber=1,
        CardiacCyclePosition="UNDETERMINED",
        StackID="1",
        InStackPositionNumber=index + 1,
        TemporalPositionIndex=phase + 1,
        DimensionIndexValues=[1, index + 1, phase + 1],
    )
    groups.PlanePositionSequence = _item(ImagePositionPatient=[decimal(value) for value in view.positions_mm[index]])
    groups.CardiacSynchronizationSequence = _item(
        NominalCardiacTriggerDelayTime=view.phase_times_ms[phase],
        RRIntervalTimeNominal=phantom.shape.rr_ms,
        ActualCardiacTriggerDelayTime=view.phase_times_ms[phase],
    )
    return groups
