"""`measurement_report`: the numbers as a structured report, by template TID 1500, with the codes of `Quantity`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    Comprehensive3DSR,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurement,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from cinecor.file_format import this_version
from cinecor.measure.conventions import CONVENTIONS, NOTICE
from cinecor.measure.moment import ByMoment
from cinecor.measure.quantity import QUANTITIES, ConceptCode, Quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.report.dicom.measurement_reader import VENTRICLE_CODES
from cinecor.report.dicom.source_study import SourceStudy, new_uid
from cinecor.report.results import OLDEST_TOLD, AiFacts, LeftVentricle, Results, RightVentricle

_VENTRICLES: Final = {
    Ventricle.LV: Code(VENTRICLE_CODES[Ventricle.LV], "SCT", "Left ventricle"),
    Ventricle.RV: Code(VENTRICLE_CODES[Ventricle.RV], "SCT", "Right ventricle"),
}
_PROCEDURE: Final = Code("241620005", "SCT", "Cardiac MRI")
_PERSON: Final = CodedConcept("121006", "DCM", "Person")
_DEVICE: Final = CodedConcept("121007", "DCM", "Device")
_COMMENT: Final = Code("121106", "DCM", "Comment")
_IMPRESSION: Final = Code("121073", "DCM", "Impression")
_PAPILLARY: Final = Code("122670", "DCM", "Papillary Muscle Included/Excluded")
_IN_VOLUME: Final = Code("122621", "DCM", "Papillary Muscle Included")
_NOT_IN_VOLUME: Final = Code("122620", "DCM", "Papillary Muscle Excluded")
_SLICES: Final = Code("122562", "DCM", "Multiple Slices")
_HEART_RATE: Final = Code("8867-4", "LN", "Heart rate")
_SURFACE: Final = Code("8277-6", "LN", "BSA")
_ENGLISH: Final = CodedConcept("en", "RFC5646", "English")


def measurement_report(
    results: Results,
    *,
    source: SourceStudy,
    final: bool,
    surface_m2: float | None,
    series_number: int,
    impression: str = "",
) -> Dataset:
    """Return the report of the final numbers, or (`final` False) of the model's own.

    The model is the observer of its own; of the final ones the person who signed, with the device. The verified flag
    is set only where somebody signed who told name and organisation. Values are those of results.json. The reader's
    impression stands at the end of the final ones, never beside the model's own.
    """
    signature = None if results.status is None or not final else results.status.signature
    model = results.model
    numbers: Results | AiFacts = results if final or results.ai is None else results.ai
    device = ObserverContext(
        _DEVICE,
        DeviceObserverIdentifyingAttributes(
            uid=new_uid(), name="Cinecor", manufacturer_name="Cinecor", model_name=f"{model.id} {model.version}"
        ),
    )
    person = None
    if signature is not None:
        person = ObserverContext(
            _PERSON,
            PersonObserverIdentifyingAttributes(
                name=_person(signature.name), organization_name=signature.organisation or None
            ),
        )
    content = MeasurementReport(
        observation_context=ObservationContext(observer_person_context=person, observer_device_context=device),
        procedure_reported=_PROCEDURE,
        imaging_measurements=[
            _group(ventricle, results, numbers, source=source, surface_m2=surface_m2) for ventricle in Ventricle
        ],
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(_ENGLISH),
    )
    if final and impression.strip():
        said = "\r\n".join(impression.strip().splitlines())
        content[0].ContentSequence.append(
            TextContentItem(name=_IMPRESSION, value=said, relationship_type=RelationshipTypeValues.CONTAINS)
        )
    verified = signature is not None and bool(signature.organisation.strip())
    made = Comprehensive3DSR(
        evidence=list(_evidence(source)),
        content=content[0],
        series_instance_uid=new_uid(),
        series_number=series_number,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer="Cinecor",
        is_complete=final,
        is_final=verified,
        is_verified=verified,
        verifying_observer_name=_person(signature.name) if verified and signature is not None else None,
        verifying_organization=signature.organisation[:64] if verified and signature is not None else None,
        series_description=f"Cinecor measurements, {'final' if final else 'AI, not verified'}"[:64],
    )
    if verified and signature is not None:
        made.VerifyingObserverSequence[0].VerificationDateTime = _moment(signature.time)
    made.SoftwareVersions = this_version()
    return made


def _group(
    ventricle: Ventricle,
    results: Results,
    numbers: Results | AiFacts,
    *,
    source: SourceStudy,
    surface_m2: float | None,
) -> MeasurementsAndQualitativeEvaluations:
    function = numbers.lv if ventricle is Ventricle.LV else numbers.rv
    phases = ByMoment(numbers.ed_phase, numbers.es_phase)
    in_mass = results.choices.papillary == "mass"
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=new_uid(), identifier=f"Cinecor {ventricle.value.upper()}"),
        finding_type=_VENTRICLES[ventricle],
        algorithm_id=AlgorithmIdentification(
            name=f"Cinecor {results.model.id}"[:64],
            version=results.model.version,
            parameters=[f"sha256={results.model.sha256}", f"precision={results.model.precision}"],
        ),
        measurements=[
            *_measurements(ventricle, function, phases=phases, source=source),
            *_indexed(ventricle, function, surface_m2),
            *_of_the_patient(results, surface_m2),
        ],
        qualitative_evaluations=[QualitativeEvaluation(_PAPILLARY, _NOT_IN_VOLUME if in_mass else _IN_VOLUME)],
    )
    # The code does not say included in what; and no code says who must verify, or what doubts a number.
    told = [results.conventions["papillary"], *_of_volumes(results, numbers)]
    told += [results.conventions["rv"]] if ventricle is Ventricle.RV else []
    told += list(_compared_as(results))
    told += [
        f"Doubtful: {finding.message} (slices and phases count from {0 if finding.said is None else 1})"
        for finding in results.quality.findings
        if finding.doubts and ventricle.value in finding.concerns
    ]
    for text in (*told, NOTICE):
        group[0].ContentSequence.append(
            TextContentItem(name=_COMMENT, value=text[:1024], relationship_type=RelationshipTypeValues.CONTAINS)
        )
    return group


def _of_volumes(results: Results, numbers: Results | AiFacts) -> Iterable[str]:
    """Yield how volumes were summed; the model's own count whole slices whatever the reader's do."""
    if numbers is not results:
        yield str(CONVENTIONS["volume"])
        return
    yield results.conventions["volume"]
    if "base" in results.conventions:
        yield results.conventions["base"]


def _compared_as(results: Results) -> Iterable[str]:
    """Yield the sex and age that reference ranges were chosen by: a reader may have typed others than the headers'."""
    facts = results.reference
    if facts is None or (facts.sex is None and facts.age_years is None):
        return
    sex = facts.sex or "not known"
    age = "not known" if facts.age_years is None else f"{facts.age_years} years"
    if facts.age_years is not None and facts.age_years >= OLDEST_TOLD:
        age += " or more"
    yield f"Reference ranges were chosen by: sex {sex}, age {age}."


def _measurements(
    ventricle: Ventricle,
    function: LeftVentricle | RightVentricle,
    *,
    phases: ByMoment[int | None],
    source: SourceStudy,
) -> Iterable[Measurement]:
    for quantity in QUANTITIES:
        code, value = quantity.codes.get(ventricle), quantity.of(function)
        if code is None or value is None:
            continue
        moment = quantity.moment
        yield Measurement(
            name=_code(code),
            value=value,
            unit=_unit(quantity),
            method=_SLICES if quantity.is_volume else None,
            referenced_images=_images(source, phases[moment]) if moment is not None else None,
        )


def _indexed(
    ventricle: Ventricle, function: LeftVentricle | RightVentricle, surface_m2: float | None
) -> Iterable[Measurement]:
    """Yield the values per m² that have a code of their own.

    The others would bear the code of the absolute value, and whoever overlooks the unit would read a wrong volume;
    the body surface is told, by which they follow.
    """
    for quantity in QUANTITIES:
        value = quantity.of(function)
        if ventricle in quantity.codes and quantity.index_code is not None and value is not None and surface_m2:
            unit = f"{quantity.ucum}/m2"
            yield Measurement(
                name=_code(quantity.index_code), value=round(value / surface_m2, 3), unit=Code(unit, "UCUM", unit)
            )


def _of_the_patient(results: Results, surface_m2: float | None) -> Iterable[Measurement]:
    if results.stack.heart_rate_bpm is not None:
        yield Measurement(name=_HEART_RATE, value=results.stack.heart_rate_bpm, unit=Code("/min", "UCUM", "/min"))
    if surface_m2 is not None:
        yield Measurement(name=_SURFACE, value=round(surface_m2, 3), unit=Code("m2", "UCUM", "m2"))


def _images(source: SourceStudy, phase: int | None) -> list[SourceImageForMeasurement] | None:
    """Return the images of a phase; those of one file together, by their numbers."""
    if phase is None:
        return None
    numbers: dict[tuple[str, str], list[int]] = {}
    for index in range(source.stack.slices):
        frame = source.frame(index, phase)
        if frame is not None:
            of_file = numbers.setdefault((str(frame.sop_class_uid), str(frame.sop_instance_uid)), [])
            of_file += [] if frame.number is None else [frame.number]
    return [
        SourceImageForMeasurement(
            referenced_sop_class_uid=sop_class,
            referenced_sop_instance_uid=instance,
            referenced_frame_numbers=frames or None,
        )
        for (sop_class, instance), frames in numbers.items()
    ] or None


def _evidence(source: SourceStudy) -> Iterable[Dataset]:
    for frame, series in source.images():
        image = source.common
        image.SOPClassUID, image.SOPInstanceUID = frame.sop_class_uid, frame.sop_instance_uid
        image.SeriesInstanceUID = series
        image.Modality = "MR"
        yield image


def _code(code: ConceptCode) -> Code:
    return Code(code.value, code.scheme, code.meaning)


def _unit(quantity: Quantity) -> Code:
    return Code(quantity.ucum, "UCUM", quantity.ucum)


def _person(name: str) -> str:
    """Return a name as it was typed; one without DICOM's parts becomes the family name."""
    return name.replace("\\", " ")[:64]


def _moment(time: str) -> str:
    """Return a time of ISO 8601 as DICOM writes it."""
    try:
        return datetime.fromisoformat(time).strftime("%Y%m%d%H%M%S%z")
    except ValueError:
        return "".join(digit for digit in time if digit.isdigit())[:14]
