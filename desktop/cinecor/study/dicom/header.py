"""`FileHeader` and `Frame`: what the headers of one DICOM file say, as plain values.

A file holds one `Frame`, or many when it is multi-frame. Everything downstream (series kinds, phase order, stack
geometry) works on frames alone and never opens a file again until pixels are needed.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cinecor.message import Message
from cinecor.study.dicom.stored_frame import StoredFormat, StoredFrame

Triple = tuple[float, float, float]

MULTI_FRAME_SOP_CLASSES: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.4.1",  # Enhanced MR Image Storage
        "1.2.840.10008.5.1.4.1.1.4.4",  # Legacy Converted Enhanced MR Image Storage
    }
)
MR_SOP_CLASSES: Final = MULTI_FRAME_SOP_CLASSES | {"1.2.840.10008.5.1.4.1.1.4"}  # MR Image Storage
MEDIA_DIRECTORY_SOP_CLASS: Final = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who an image says it is of, written one way; None for what it does not say. Compared, never told."""

    id: str | None
    name: str | None
    birth_date: str | None
    sex: str | None = None  # "m" or "f"

    def differs_in(self, other: "PatientIdentity") -> tuple[str, ...]:
        """Return the keywords of the tags that say two different things; what one of them does not say counts not."""
        pairs = (
            ("PatientID", self.id, other.id),
            ("PatientName", self.name, other.name),
            ("PatientBirthDate", self.birth_date, other.birth_date),
            ("PatientSex", self.sex, other.sex),
        )
        return tuple(keyword for keyword, one, two in pairs if one is not None and two is not None and one != two)


def of_one_patient(one: PatientIdentity | None, other: PatientIdentity | None) -> bool:
    """Return whether two identities can be of one patient: they say nothing that contradicts."""
    return one is None or other is None or not one.differs_in(other)


@lru_cache(maxsize=64)
def patient_identity(
    *,
    id: str | None,  # noqa: A002
    name: str | None,
    birth_date: str | None,
    sex: str | None = None,
) -> PatientIdentity | None:
    """Return the identity that the tags give; case, blanks and empty parts of a name do not count."""
    parts = [" ".join(part.split()) for part in (name or "").casefold().replace("=", "^").split("^")]
    digits = (birth_date or "").replace(".", "").replace("-", "").strip()
    identity = PatientIdentity(
        id=" ".join((id or "").casefold().split()) or None,
        name="^".join(part for part in parts if part) or None,
        birth_date=digits if digits.strip("0") else None,
        sex=sex.casefold() if sex in ("M", "F") else None,
    )
    return None if identity == PatientIdentity(None, None, None) else identity


@dataclass(slots=True, eq=False)
class FileHeader:
    """What is true of a whole file."""

    path: str  # relative to the input
    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    transfer_syntax_uid: str | None = None
    study_uid: str | None = None
    session: str | None = None  # the study, or the first of those that are fragments of one
    scattered: bool = False  # the study is such a fragment
    study_date: str | None = None  # "2026-01-31"
    patient: "PatientIdentity | None" = None  # only to tell patients apart, never told
    series_uid: str = ""
    series_number: int | None = None
    series_description: str | None = None
    series_time_s: float | None = None
    frame_of_reference_uid: str | None = None
    modality: str | None = None
    manufacturer: str | None = None
    sequence_name: str | None = None
    scanning_sequence: tuple[str, ...] = ()
    acquisition_number: int | None = None
    rows: int = 0
    columns: int = 0
    samples_per_pixel: int = 1
    photometric_interpretation: str | None = None
    frame_count: int = 1
    cardiac_images: int | None = None  # CardiacNumberOfImages
    acquisition_images: int | None = None  # ImagesInAcquisition
    repetition_time_ms: float | None = None
    flip_angle_degrees: float | None = None
    contrast_agent: bool = False  # one is named
    surplus_bytes: int = 0  # beyond the pixels that Rows, Columns and the bits of a pixel make
    tagged: bool = False  # a saturation grid is laid over the image on purpose
    has_functional_groups: bool = False
    form: StoredFormat | None = None  # how its pixels are stored; None when that cannot be read
    padding: tuple[int, int] | None = None  # stored values, both included, that are no image
    stored: StoredFrame | None = None  # where the one frame of an uncompressed file lies
    pixels_at: int | None = None  # where the pixel data begin; None in a deflated file

    @property
    def is_mr_image(self) -> bool:
        """Whether the file is an MR image, by modality and by SOP class where they are given."""
        if self.sop_class_uid is not None and self.sop_class_uid not in MR_SOP_CLASSES:
            return False
        return (self.modality or "MR") == "MR" and (self.modality == "MR" or self.sop_class_uid in MR_SOP_CLASSES)

    @property
    def label(self) -> Message:
        """The series the way a reader knows it: number and description."""
        return series_label(self.series_number, self.series_description)


@dataclass(slots=True, eq=False)
class Frame:
    """One image: where it lies, when in the cycle it was taken, and what kind of image it is."""

    header: FileHeader
    number: int = 0  # index of the frame in its file
    position_mm: Triple | None = None
    column_axis: Triple | None = None  # first triple of ImageOrientationPatient
    row_axis: Triple | None = None  # second triple
    pixel_spacing_mm: tuple[float, float] | None = None
    slice_thickness_mm: float | None = None
    spacing_between_slices_mm: float | None = None
    slice_location_mm: float | None = None
    trigger_time_ms: float | None = None
    nominal_delay_ms: float | None = None
    temporal_index: int | None = None
    temporal_identifier: int | None = None
    acquisition_s: float | None = None  # seconds on a calendar of 31-day months: only differences and order count
    content_s: float | None = None
    instance_number: int | None = None
    rr_interval_ms: float | None = None
    heart_rate_bpm: float | None = None
    inversion_time_ms: float | None = None
    echo_time_ms: float | None = None
    b_value: float | None = None
    image_type: tuple[str, ...] = ()
    rescale: tuple[float, float] = (1.0, 0.0)  # slope, intercept
    complex_component: str | None = None
    velocity_encoded: bool = False
    acquisition_uid: str = ""  # frames of one slice with the same value were acquired together

    def __post_init__(self) -> None:
        self.acquisition_uid = self.acquisition_uid or self.header.series_uid

    @property
    def normal(self) -> Triple | None:
        """Unit vector through the plane (column axis × row axis), None without orientation."""
        if self.column_axis is None or self.row_axis is None:
            return None
        return cross(self.column_axis, self.row_axis)

    @property
    def centre_mm(self) -> Triple | None:
        """The middle of the image, None without a place."""
        if self.position_mm is None or self.pixel_spacing_mm is None or not (self.column_axis and self.row_axis):
            return None
        right = (self.header.columns - 1) / 2.0 * self.pixel_spacing_mm[1]
        down = (self.header.rows - 1) / 2.0 * self.pixel_spacing_mm[0]
        x, y, z = (
            place + right * column + down * row
            for place, column, row in zip(self.position_mm, self.column_axis, self.row_axis, strict=True)
        )
        return x, y, z

    @property
    def derived(self) -> bool:
        """Whether ImageType says that the image was computed; some scanners say so of any corrected cine."""
        return self.image_type[:1] == ("DERIVED",)

    @property
    def secondary(self) -> bool:
        """Whether ImageType says that the image was computed from finished images, after they were acquired."""
        return self.image_type[:2] == ("DERIVED", "SECONDARY")

    @property
    def recency(self) -> tuple[float, float, int, int, int]:
        """Sort key by which the latest acquisition comes last."""
        header = self.header
        return (
            self.acquisition_s if self.acquisition_s is not None else -1.0,
            header.series_time_s if header.series_time_s is not None else -1.0,
            header.series_number if header.series_number is not None else -1,
            header.acquisition_number if header.acquisition_number is not None else -1,
            self.instance_number if self.instance_number is not None else -1,
        )


def series_label(number: int | None, description: str | None) -> Message:
    """Return what a reader calls a series, for a place in a sentence."""
    if number is None and not description:
        return Message("series_without_number", "series without number")
    if number is None:
        return Message("series_by_name", "series without number '{name}'", name=description)
    if not description:
        return Message("series_by_number", "series {number}", number=str(number))
    return Message("series", "series {number} '{name}'", number=str(number), name=description)


def cross(a: Triple, b: Triple) -> Triple:
    """Return the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def dot(a: Triple, b: Triple) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def axes_of(orientation: tuple[float, ...] | None) -> tuple[Triple, Triple] | None:
    """Return the two unit axes of an ImageOrientationPatient, None when it is not a pair of perpendicular vectors."""
    if orientation is None or len(orientation) != 6:
        return None
    column_axis: Triple = (orientation[0], orientation[1], orientation[2])
    row_axis: Triple = (orientation[3], orientation[4], orientation[5])
    column_length, row_length = math.sqrt(dot(column_axis, column_axis)), math.sqrt(dot(row_axis, row_axis))
    if not (0.9 < column_length < 1.1 and 0.9 < row_length < 1.1):
        return None
    if abs(dot(column_axis, row_axis)) / (column_length * row_length) > 0.02:
        return None
    c, r = column_length, row_length
    return (
        (column_axis[0] / c, column_axis[1] / c, column_axis[2] / c),
        (row_axis[0] / r, row_axis[1] / r, row_axis[2] / r),
    )


def calendar_seconds(date: str | None, time: str | None) -> float | None:
    """Return a comparable number of seconds for a DICOM date and time; None without a time.

    Months count as 31 days and impossible dates (`20120000`) are accepted: the value orders, it is no date.
    """
    if not time:
        return None
    digits = time.replace(":", "")
    whole, _, fraction = digits.partition(".")
    if not whole.isdigit() or len(whole) < 2:
        return None
    whole = whole.ljust(6, "0")[:6]
    seconds = int(whole[:2]) * 3600 + int(whole[2:4]) * 60 + int(whole[4:6])
    days = 0
    date_digits = (date or "").replace(".", "").replace("-", "")
    if len(date_digits) >= 8 and date_digits[:8].isdigit():
        days = (int(date_digits[:4]) * 12 + int(date_digits[4:6])) * 31 + int(date_digits[6:8])
    tail = fraction[:6]
    return days * 86400.0 + seconds + (float(f"0.{tail}") if tail.isdigit() else 0.0)


def moment_seconds(moment: str | None) -> float | None:
    """Return comparable seconds for a DICOM DT value such as `20240704103045.372500+0100`."""
    if not moment or len(moment) < 10:
        return None
    main = moment.split("+")[0]
    if "-" in main[8:]:
        main = main[: main.index("-", 8)]
    return calendar_seconds(main[:8], main[8:])


def pixel_spacing(values: tuple[float, ...] | None) -> tuple[float, float] | None:
    """Return a PixelSpacing in mm that a picture of a body can have, None for any other."""
    if values is None or len(values) != 2 or min(values) <= 0.0 or max(values) > 100.0:
        return None
    return values[0], values[1]


def positive(value: float | None) -> float | None:
    """Return a length or time that is one, None for what is missing, zero or negative."""
    return value if value is not None and value > 0.0 else None
