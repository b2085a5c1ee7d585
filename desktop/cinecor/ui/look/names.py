"""What things are called on the screen: structures, moments, states of frames, series, edits, settings, devices."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cinecor.app.long_axis_cines import view_name
from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import Setting
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.message import Message
from cinecor.review import Answer, FrameState
from cinecor.review.border import Border
from cinecor.review.store.worklist import Status
from cinecor.scene.cells import Cell
from cinecor.study import SeriesEntry, SeriesKind
from cinecor.ui.look.texts import N_, said, tr

_STRUCTURES: Final[Mapping[Label, str]] = {Label.LV: N_("LV"), Label.RV: N_("RV"), Label.MYO: N_("MYO")}
_BORDERS: Final[Mapping[Border, str]] = {
    Border.ENDO: N_("LV cavity"),
    Border.EPI: N_("LV wall"),
    Border.RV: N_("RV"),
}
_MOMENTS: Final[Mapping[Moment, str]] = {Moment.ED: N_("ED"), Moment.ES: N_("ES")}
_CELLS: Final[Mapping[Cell, str]] = {
    Cell.IMAGE: N_("image only"),
    Cell.UNFINISHED: N_("not final yet"),
    Cell.SEGMENTED: N_("segmented"),
    Cell.DOUBTFUL: N_("doubtful"),
    Cell.EXCLUDED: N_("not counted"),
    Cell.MISSING: N_("missing"),
}
_MARKS: Final[Mapping[FrameState, str]] = {
    FrameState.CORRECTED: N_("corrected"),
    FrameState.PROVISIONAL: N_("provisional"),
    FrameState.ACCEPTED: N_("accepted"),
}
_KINDS: Final[Mapping[SeriesKind, str]] = {
    SeriesKind.SAX_CINE: N_("short-axis cine"),
    SeriesKind.SINGLE_PHASE_STACK: N_("single-phase stack"),
    SeriesKind.LONG_AXIS_CINE: N_("long-axis cine"),
    SeriesKind.OTHER_CINE: N_("cine in other planes"),
    SeriesKind.LOCALISER: N_("localiser"),
    SeriesKind.LGE: N_("late enhancement"),
    SeriesKind.PERFUSION: N_("perfusion"),
    SeriesKind.TAGGED_CINE: N_("tagged cine"),
    SeriesKind.MAP: N_("parametric map"),
    SeriesKind.PHASE_CONTRAST: N_("phase contrast"),
    SeriesKind.DERIVED: N_("derived images"),
    SeriesKind.OTHER_MR: N_("other MR images"),
    SeriesKind.OTHER_MODALITY: N_("no MR image"),
}
_CHAMBERS: Final[Mapping[int, str]] = {
    2: N_("two-chamber cine"),
    3: N_("three-chamber cine"),
    4: N_("four-chamber cine"),
}
_CARDS: Final[Mapping[SeriesKind, str]] = {
    SeriesKind.SAX_CINE: N_("Short axis"),
    SeriesKind.SINGLE_PHASE_STACK: N_("Short axis"),
    SeriesKind.OTHER_CINE: N_("Short axis, unusual planes"),  # it has a card only while it is in use
}
_EDITS: Final[Mapping[str, str]] = {
    "edit.set_ed": N_("move ED"),
    "edit.set_es": N_("move ES"),
    "edit.follow_curve": N_("ED and ES from the curve"),
    "edit.toggle_slice": N_("slice choice"),
    "edit.drop_slice": N_("drop slice"),
    "edit.set_body": N_("heart rate, height, weight, age, sex"),
    "edit.set_insertion": N_("RV insertion points"),
    "edit.accept": N_("accept frames"),
    "edit.answer": N_("answer a finding"),
    "edit.arc": N_("redraw arc"),
    "edit.brush": N_("brush"),
    "edit.carry_phases": N_("carry to other phases"),
    "edit.carry_slices": N_("carry to other slices"),
    "edit.delete": N_("delete here"),
    "edit.delete_onward": N_("delete from here on"),
    "edit.erase": N_("eraser"),
    "edit.fill": N_("fill between"),
    "edit.handle": N_("move handle"),
    "edit.hull": N_("close outline over papillary muscles"),
    "edit.import": N_("import outlines"),
    "edit.model_again": N_("back to the model’s"),
    "edit.outline": N_("new outline"),
    "edit.papillaries": N_("papillary muscles"),
    "edit.push": N_("push border"),
    "edit.valve_line": N_("line of a valve"),
    "edit.remove_valve_lines": N_("take lines of valves away"),
    "edit.base": N_("what counts at the base"),
}
_STATUSES: Final[Mapping[Status, str]] = {
    Status.NEW: N_("New"),
    Status.OUTLINED: N_("Outlined"),
    Status.IN_REVIEW: N_("In review"),
    Status.SIGNED: N_("Signed"),
}
_TOOLS: Final[Mapping[str, str]] = {
    "push": N_("Push a line (P)"),
    "redraw_arc": N_("Redraw an arc (R)"),
    "new_outline": N_("New outline (N)"),
    "handles": N_("Drag handles (J)"),
    "brush": N_("Brush (B)"),
    "eraser": N_("Eraser (E)"),
    "papillaries": N_("Show papillary muscles (M)"),
    "distance": N_("Measure a distance (X)"),
    "area": N_("Measure an area (Z)"),
}
_ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.ACCEPTED: N_("accepted"),
    Answer.CORRECTED: N_("corrected"),
    Answer.DROPPED: N_("dropped"),
}
_ANSWERING: Final[Mapping[Answer, str]] = {
    Answer.ACCEPTED: N_("Accept"),
    Answer.CORRECTED: N_("Corrected"),
    Answer.DROPPED: N_("Drop"),
}
_ANSWERED: Final[Mapping[Answer, str]] = {
    Answer.ACCEPTED: N_("Accepted: {doubt}"),
    Answer.CORRECTED: N_("Corrected: {doubt}"),
    Answer.DROPPED: N_("Dropped: {doubt}"),
}
_SECTIONS: Final[Mapping[str, str]] = {
    "appearance": N_("Appearance"),
    "segmentation": N_("Segmentation"),
    "kept": N_("Kept studies"),
    "numbers": N_("Numbers"),
    "report": N_("Report"),
    "images": N_("Images"),
    "playing": N_("Playing"),
}
_SETTINGS: Final[Mapping[str, str]] = {
    "language": N_("Language"),
    "theme": N_("Colours"),
    "show_patient": N_("Show the patient’s name"),
    "auto_segment": N_("Segment when a study opens"),
    "device": N_("Device"),
    "keep_studies": N_("Keep what is found and decided"),
    "keep_days": N_("Forget what nobody reviewed after"),
    "fractional_base": N_("Fractional base where a valve’s line is drawn"),
    "department": N_("Department"),
    "logo": N_("Logo"),
    "overlay": N_("Overlay"),
    "overlay_opacity": N_("Opacity of fills"),
    "interpolation": N_("Between pixels"),
    "rulers": N_("Rulers"),
    "long_axis_lines": N_("Lines of long-axis views"),
    "orientation": N_("Orientation letters"),
    "crosshair": N_("Place under the mouse"),
    "picture_patient": N_("Name and ID in pictures"),
    "speed": N_("Speed"),
    "fps": N_("Phases a second"),
}
_PLACEHOLDERS: Final[Mapping[str, str]] = {
    "department": N_("written above every report"),
    "logo": N_("PNG or JPEG file"),
}
_UNITS: Final[Mapping[str, str]] = {"fps": N_("fps"), "days": N_("days")}
_CHOICES: Final[Mapping[tuple[str, str], str]] = {
    ("language", "system"): N_("As the system"),
    ("language", "en"): "English",  # a language is named in itself
    ("language", "fr"): "Français",
    ("theme", "dark"): N_("Dark"),
    ("theme", "light"): N_("Light"),
    ("theme", "system"): N_("As the system"),
    ("device", "auto"): N_("Automatic"),
    ("device", "cpu"): "CPU",
    ("device", "cuda"): "CUDA",
    ("overlay", "outline"): N_("Outline"),
    ("overlay", "fill"): N_("Fill"),
    ("overlay", "both"): N_("Outline and fill"),
    ("overlay", "off"): N_("Off"),
    ("interpolation", "smooth"): N_("Smooth"),
    ("interpolation", "pixel"): N_("Single pixels"),
    ("speed", "heart"): N_("Heart rate"),
    ("speed", "fps"): N_("Fixed"),
}


def structure_name(label: Label) -> str:
    """Return the short name of a structure: "LV"."""
    return tr(_STRUCTURES[label])


def border_name(border: Border) -> str:
    """Return what lies within a border: "LV cavity"."""
    return tr(_BORDERS[border])


def moment_name(moment: Moment) -> str:
    """Return the short name of a moment: "ED"."""
    return tr(_MOMENTS[moment])


def cell_name(cell: Cell) -> str:
    """Return what is known of a frame in such a cell."""
    return tr(_CELLS[cell])


def mark_name(mark: FrameState) -> str:
    """Return what a person did about a frame: "corrected"."""
    return tr(_MARKS[mark])


def kind_name(kind: SeriesKind, *, chambers: int | None = None) -> str:
    """Return what a series is; a long-axis cine by its chambers where they are known."""
    return tr(_CHAMBERS.get(chambers or 0, _KINDS[kind]))


def input_name(path: Path, number: int, *, shown: bool) -> str:
    """Return what an input is called in a list: by its place there where names are hidden, for a path may tell one."""
    return path.name if shown else f"{tr('Name hidden')} · {number}"


def card_title(entry: SeriesEntry) -> str:
    """Return what the card of a series is headed by; a long-axis cine as its view is."""
    if entry.kind is SeriesKind.LONG_AXIS_CINE:
        return said(view_name(entry))
    return tr(_CARDS[entry.kind]) if entry.kind in _CARDS else kind_name(entry.kind)


def used_title(entry: SeriesEntry, *, slices: int) -> str:
    """Return what the card of the series in use is headed by: one slice of a stack may look like a long-axis view."""
    return tr(_CARDS[SeriesKind.OTHER_CINE]) if in_unusual_planes(entry, slices=slices) else card_title(entry)


def in_unusual_planes(entry: SeriesEntry, *, slices: int) -> bool:
    """Return whether a series that is in use belongs to a stack whose planes are no usual short axis."""
    return slices > 1 and entry.kind in (SeriesKind.OTHER_CINE, SeriesKind.LONG_AXIS_CINE)


def edit_name(name: str) -> str:
    """Return what an edit changes, for "Undo: …"."""
    return tr(_EDITS[name])


def status_name(status: Status) -> str:
    """Return how far a study has come."""
    return tr(_STATUSES[status])


def tool_name(name: str) -> str:
    """Return what a tool is called, with its key."""
    return tr(_TOOLS[name])


def answer_name(answer: Answer, *, asking: bool = False) -> str:
    """Return what was made of a doubt; `asking` as the button that does so."""
    return tr((_ANSWERING if asking else _ANSWERS)[answer])


def answered_text(answer: Answer, doubt: Message) -> str:
    """Return what is said once a doubt was answered."""
    return tr(_ANSWERED[answer], doubt=doubt)


def section_name(section: str) -> str:
    """Return the heading of a section of the settings."""
    return tr(_SECTIONS[section])


def setting_name(setting: Setting) -> str:
    """Return what a setting is called."""
    return tr(_SETTINGS[setting.name])


def placeholder(setting: Setting) -> str:
    """Return what stands in the field of a text while nothing is written there."""
    return tr(_PLACEHOLDERS[setting.name])


def choice_name(setting: str, choice: str) -> str:
    """Return what one of the values of a setting is called."""
    return tr(_CHOICES[setting, choice])


def unit_name(unit: str) -> str:
    """Return the unit of a setting."""
    return tr(_UNITS[unit]) if unit in _UNITS else unit


def device_name(running_on: RunningOn) -> str:
    """Return what runs the model as people call it: "CPU", "CUDA"."""
    return running_on.provider_used.removesuffix("ExecutionProvider")


def notice() -> str:
    """Return the notice that stands wherever something is shown."""
    return tr("Research use only. Not for diagnosis. A qualified reader must verify every result.")
