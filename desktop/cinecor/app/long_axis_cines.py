"""`read_long_axis_cines`: the chamber views and outflow cines of a study, to be shown beside its stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cinecor.errors import Cancelled, CinecorError
from cinecor.message import Message
from cinecor.progress import CancelCheck, never, stop_if
from cinecor.review.valve.line import Valve
from cinecor.study import CineStack, SeriesEntry, SeriesIndex, SeriesKind, read_stack
from cinecor.study.dicom.header import PatientIdentity, of_one_patient
from cinecor.study.series.long_axis_name import is_of_rv, is_rvot


@dataclass(frozen=True, slots=True, eq=False)
class LongAxisCine:
    """One long-axis cine: the series it came from and its frames; nothing here is ever segmented."""

    entry: SeriesEntry
    stack: CineStack  # of one slice, or of a few parallel ones

    @property
    def name(self) -> Message:
        """What the view is called."""
        return view_name(self.entry)

    def may_show(self, valve: Valve) -> bool:
        """Return whether a valve can lie in the view: of the mitral one not in that of the RV's outflow, of the
        tricuspid one not in those of two and three chambers, unless they are named as views of the RV."""
        if valve is Valve.MITRAL:
            return self.name != _RVOT
        return self.name not in (_TWO, _THREE) or is_of_rv(self.entry.description)


@dataclass(frozen=True, slots=True, eq=False)
class LongAxisCines:
    """The long-axis cines of the stack's own study, and why any is not shown.

    One of four, two and three chambers and of the RV's outflow come first, then what is taken again or else, each in
    the order of its series.
    """

    cines: tuple[LongAxisCine, ...]
    refused: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))  # by series UID


_TWO = Message("view_2ch", "2-chamber")
_THREE = Message("view_3ch", "3-chamber")
_FOUR = Message("view_4ch", "4-chamber")
_RVOT = Message("view_rvot", "RVOT")


def view_name(entry: SeriesEntry) -> Message:
    """Return what a long-axis view is called: by what it shows where its name tells that, else as the site named it."""
    named = {2: _TWO, 3: _THREE, 4: _FOUR}.get(entry.chambers or 0)
    if named is None and is_rvot(entry.description):
        return _RVOT
    return entry.label if named is None else named


def read_long_axis_cines(index: SeriesIndex, stack: CineStack, *, cancelled: CancelCheck = never) -> LongAxisCines:
    """Return the long-axis cines that belong to the same study as `stack`; one that cannot be read is told, not raised.

    Raises `Cancelled` on request.
    """
    own = next((entry.study_uid for entry in index.series if entry.uid in stack.series_uids), None)
    patient = _patient_of(index, stack)
    cines: list[LongAxisCine] = []
    refused: dict[str, Message] = {}
    for entry in index.series:
        if entry.kind is not SeriesKind.LONG_AXIS_CINE or entry.study_uid != own or entry.uid in stack.series_uids:
            continue
        stop_if(cancelled)
        try:
            read, _ = read_stack(index, series_uid=entry.uid, cancelled=cancelled)
        except Cancelled:
            raise
        except CinecorError as error:
            refused[entry.uid] = _unread(entry, error.message)
            continue
        if of_one_patient(_patient_of(index, read), patient):
            cines.append(LongAxisCine(entry, read))
        else:
            refused[entry.uid] = _unread(entry, Message("of_another_patient", "its headers name another patient."))
    return LongAxisCines(tuple(_in_order(cines)), MappingProxyType(refused))


def _in_order(cines: list[LongAxisCine]) -> list[LongAxisCine]:
    usual = (_FOUR, _TWO, _THREE, _RVOT)
    first = [next((cine for cine in cines if cine.name == name), None) for name in usual]
    found = [cine for cine in first if cine is not None]
    return [*found, *(cine for cine in cines if cine not in found)]


def _patient_of(index: SeriesIndex, stack: CineStack) -> PatientIdentity | None:
    """Return whose a stack is, by its own images, which are all of one patient."""
    paths = {frame.path for row in stack.frames or () for frame in row if frame is not None}
    headers = (frame.header for view, _ in index.judged for frame in view.frames if frame.header.path in paths)
    return next((header.patient for header in headers if header.patient is not None), None)


def _unread(entry: SeriesEntry, why: Message) -> Message:
    return Message("long_axis_unread", "{series} cannot be shown: {why}", series=entry.label, why=why)
