"""Messages as JSON and back, so that a kept result still speaks every language."""

from collections.abc import Callable
from typing import Any

from cinecor.message import Frames, Message, Phases, Slices


def message_json(message: Message, single: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """Return a message as JSON holds it; `single` makes of a number or a text what is to stand for it."""
    values = {name: _value_json(value, single) for name, value in message.values.items()}
    return {"code": message.code, "template": message.template, "many": message.many, "values": values}


def message_of(kept: dict[str, Any]) -> Message:
    """Return the message. Raises `KeyError`, `TypeError`, `ValueError` for what is none."""
    values = {str(name): _value_of(value) for name, value in kept["values"].items()}
    many = kept["many"]
    return Message.restored(str(kept["code"]), str(kept["template"]), None if many is None else str(many), values)


def _value_json(value: object, single: Callable[[Any], Any]) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return single(value)
    if isinstance(value, Message):
        return {"message": message_json(value, single)}
    if isinstance(value, (Slices, Phases)):
        return {type(value).__name__.lower(): list(value.indices)}
    if isinstance(value, Frames):
        return {"frames": [list(place) for place in value.places]}
    if isinstance(value, (tuple, list)):
        return [_value_json(one, single) for one in value]
    return single(str(value))


def _value_of(kept: Any) -> Any:
    if isinstance(kept, list):
        return tuple(_value_of(one) for one in kept)
    if isinstance(kept, dict):
        ((kind, value),) = kept.items()
        if kind == "message":
            return message_of(value)
        if kind == "frames":
            return Frames(tuple((int(index), int(phase)) for index, phase in value))
        return {"slices": Slices, "phases": Phases}[kind](tuple(int(index) for index in value))
    return kept
