"""`Record`: one step of a review as it is kept: an edit with its frames, or that one was undone or redone."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from cinecor.errors import InputError
from cinecor.measure.moment import Moment
from cinecor.measure.reference.table import Sex
from cinecor.measure.regional.insertion import SetInsertion
from cinecor.message import Message
from cinecor.review.answers import Answer, AnswerFinding
from cinecor.review.base_rule import BaseRule
from cinecor.review.border import Border
from cinecor.review.correction import Frame, Place
from cinecor.review.edit import (
    ChooseBase,
    DropSlice,
    Edit,
    FollowCurve,
    RemoveValveLines,
    SetBody,
    SetInsertionPoints,
    SetPhase,
    SetValveLine,
    ToggleSlice,
)
from cinecor.review.log.frame_code import decoded, encoded
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.redraw import AcceptFrames, ChoosePapillaries, Gesture, Redraw
from cinecor.review.review import Body
from cinecor.review.valve.line import Point, Valve, ValveLine, ValveView

UNDO: Final = "undo"
REDO: Final = "redo"


@dataclass(frozen=True, slots=True)
class Record:
    """What was done, as text, and the frames that came of it, as bytes.

    Masks are kept as they came out, not the way of the mouse: another version of a tool, or another processor, could
    draw the same gesture a pixel otherwise.
    """

    kind: str  # "undo", "redo", or the edit's
    facts: str = "{}"  # JSON
    frames: bytes = b""  # the codes of all frames, one after the other


def record_of(edit: Edit) -> Record:
    """Return the record of an edit. Raises `TypeError` for a kind of edit that cannot be kept."""
    if isinstance(edit, Redraw):
        codes = {place: b"" if frame is None else encoded(frame) for place, frame in sorted(edit.frames.items())}
        facts = {
            "border": edit.border,
            "frames": [[*place, len(code)] for place, code in codes.items()],
        }
        return Record(f"redraw.{edit.gesture}", _text(facts), b"".join(codes.values()))
    try:
        kind, facts_of = _FACTS[type(edit)]
    except KeyError:
        raise TypeError(f"{type(edit).__name__} cannot be kept") from None
    return Record(kind, _text(facts_of(edit)))


def edit_of(record: Record) -> Edit:
    """Return the edit of a record. Raises `InputError` when it is damaged or a newer version's."""
    try:
        facts = json.loads(record.facts)
        kind, _, gesture = record.kind.partition(".")
        if kind == "redraw":
            border = None if facts["border"] is None else Border(facts["border"])
            return Redraw(Gesture(gesture), _frames(facts["frames"], record.frames), border)
        return _EDITS[kind](facts)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            Message(
                "unknown_edit",
                "A kept step of the review, {kind}, cannot be understood; open the study with a newer Cinecor.",
                kind=record.kind,
            )
        ) from error


def _places(listed: Iterable[Iterable[int]]) -> frozenset[Place]:
    return frozenset((int(index), int(phase)) for index, phase in listed)


def _frames(listed: Iterable[tuple[int, int, int]], codes: bytes) -> Mapping[Place, Frame | None]:
    frames: dict[Place, Frame | None] = {}
    start = 0
    for index, phase, length in listed:
        frames[int(index), int(phase)] = decoded(codes[start : start + length]) if length else None
        start += length
    if start != len(codes):
        raise ValueError("the frames are longer than their list says")
    return MappingProxyType(frames)


def _answer(facts: dict[str, Any]) -> Edit:
    answer = None if facts["answer"] is None else Answer(facts["answer"])
    places = tuple(sorted(_places(facts["frames"])))
    return AnswerFinding(str(facts["finding"]), answer, places, tuple(_drop(one) for one in facts.get("drops", ())))


def _drop(facts: dict[str, Any]) -> DropSlice | ToggleSlice:
    moment = facts.get("moment")
    return DropSlice(facts["slice"]) if moment is None else ToggleSlice(facts["slice"], Moment(moment))


def _answer_facts(edit: AnswerFinding) -> dict[str, Any]:
    facts: dict[str, Any] = {"finding": edit.key, "answer": edit.answer, "frames": edit.places}
    if edit.drops:
        facts["drops"] = [
            {"slice": one.index} if isinstance(one, DropSlice) else {"slice": one.index, "moment": one.moment}
            for one in edit.drops
        ]
    return facts


def _body(facts: dict[str, Any]) -> Edit:
    sex = facts.get("sex")
    return SetBody(Body(**{**facts, "sex": None if sex is None else Sex(sex)}))


def _papillaries(facts: dict[str, Any]) -> Edit:
    shifts = tuple((int(index), float(shift)) for index, shift in facts["shifts"])
    return ChoosePapillaries(PapillaryChoice(PapillaryConvention(facts["convention"]), shifts))


def _valve_line(facts: dict[str, Any]) -> Edit:
    line = facts["line"]
    return SetValveLine(
        _valve_view(facts),
        None
        if line is None
        else ValveLine(
            tuple((_point(one), _point(other)) for one, other in line["ends_mm"]),
            tuple(int(phase) for phase in line["drawn"]),
            tuple(int(phase) for phase in line["unsure"]),
            _point(line["normal"]),
            None if line["chambers"] is None else int(line["chambers"]),
        ),
        BaseRule(facts["base"]) if "base" in facts else None,
    )


def _valve_line_facts(edit: SetValveLine) -> dict[str, Any]:
    facts = _view_facts(edit.view) | {"line": None if edit.line is None else asdict(edit.line)}
    return facts if edit.base is None else facts | {"base": edit.base}


def _valve_view(facts: dict[str, Any]) -> ValveView:
    return ValveView(str(facts["series"]), Valve(facts["valve"]))


def _view_facts(view: ValveView) -> dict[str, Any]:
    return {"series": view.series_uid, "valve": view.valve}


def _point(place: Iterable[float]) -> Point:
    x, y, z = (float(value) for value in place)
    return x, y, z


_FACTS: Final[Mapping[type[Any], tuple[str, Callable[[Any], dict[str, Any]]]]] = MappingProxyType(
    {
        AcceptFrames: ("accept", lambda edit: {"frames": edit.places}),
        ChoosePapillaries: (
            "papillaries",
            lambda edit: {"convention": edit.choice.convention, "shifts": edit.choice.shifts},
        ),
        AnswerFinding: ("answer", _answer_facts),
        SetPhase: ("phase", lambda edit: {"moment": edit.moment, "phase": edit.phase}),
        FollowCurve: ("curve", lambda _: {}),
        ToggleSlice: ("slice", lambda edit: {"slice": edit.index, "moment": edit.moment}),
        DropSlice: ("drop", lambda edit: {"slice": edit.index}),
        SetInsertionPoints: (
            "insertion",
            lambda edit: {"slice": edit.index, "points": None if edit.points is None else asdict(edit.points)},
        ),
        SetValveLine: ("valve_line", _valve_line_facts),
        RemoveValveLines: ("no_valve_lines", lambda edit: {"views": [_view_facts(view) for view in edit.views]}),
        ChooseBase: ("base", lambda edit: {"rule": edit.rule}),
        SetBody: ("body", lambda edit: {name: getattr(edit.body, name) for name in Body.__dataclass_fields__}),
    }
)
_EDITS: Final[Mapping[str, Callable[[dict[str, Any]], Edit]]] = MappingProxyType(
    {
        "accept": lambda facts: AcceptFrames(_places(facts["frames"])),
        "answer": _answer,
        "papillaries": _papillaries,
        "phase": lambda facts: SetPhase(Moment(facts["moment"]), facts["phase"]),
        "curve": lambda _: FollowCurve(),
        "slice": lambda facts: ToggleSlice(facts["slice"], Moment(facts["moment"])),
        "drop": lambda facts: DropSlice(facts["slice"]),
        "insertion": lambda facts: SetInsertionPoints(
            int(facts["slice"]), None if facts["points"] is None else SetInsertion(**facts["points"])
        ),
        "valve_line": _valve_line,
        "no_valve_lines": lambda facts: RemoveValveLines(tuple(_valve_view(view) for view in facts["views"])),
        "base": lambda facts: ChooseBase(BaseRule(facts["rule"])),
        "body": _body,
    }
)


def _text(facts: dict[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
