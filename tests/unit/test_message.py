"""A message is one value: its sentence, its language and its plain form are made from it where they are wanted."""

import json
import pickle
from pathlib import Path

import pytest

from cinecor.errors import InputError
from cinecor.language import language
from cinecor.message import Beyond, Frames, Message, Phases, Slices
from cinecor.review.store.message_code import message_json, message_of

FRENCH = language("fr")


def test_that_the_english_sentence_is_the_template_with_its_values() -> None:
    assert str(Message("apart", "Slices lie {apart_mm:.1f} mm apart.", apart_mm=17.68)) == "Slices lie 17.7 mm apart."


@pytest.mark.parametrize(
    ("indices", "english", "french"),
    [
        ((3,), "slice 4", "la coupe 4"),
        ((3, 4), "slices 4 and 5", "les coupes 4 et 5"),
        ((0, 1, 2, 5), "slices 1 to 3 and 6", "les coupes 1 à 3 et 6"),
        ((1, 4, 7), "slices 2, 5 and 8", "les coupes 2, 5 et 8"),
    ],
)
def test_that_places_are_said_as_runs(indices: tuple[int, ...], english: str, french: str) -> None:
    message = Message("where", "{where}", where=Slices(indices))
    assert (str(message), message.text(FRENCH)) == (english, french)


@pytest.mark.parametrize(("number", "sentence"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames")])
def test_that_a_counted_message_agrees_with_its_number(number: int, sentence: str) -> None:
    assert str(Message.counted("frames", "{n} frame", "{n} frames", n=number)) == sentence


def test_that_a_message_inside_a_message_is_said_in_the_same_language() -> None:
    outer = Message("outer", "{inner}", inner=Message("inner", "{where}", where=Phases((2, 3))))
    assert outer.text(FRENCH) == "les phases 3 et 4"


def test_that_french_numbers_have_a_comma_and_names_stay() -> None:
    message = Message("named", "{size:.1f} {name} {path}", size=-1.5, name="v1.5", path=Path("a") / "b.dcm")
    assert message.text(FRENCH) == "−1,5 v1.5 a/b.dcm"


@pytest.mark.parametrize("template", ["{a.__class__}", "{a[0]}", "{a!r}", "{}", "{a:{b}}"])
def test_that_a_template_out_of_a_file_reaches_nothing_behind_its_values(template: str) -> None:
    message = Message.restored("m", template, None, {"a": (1,), "b": "x"})
    with pytest.raises(ValueError, match="no plain name"):
        str(message)


def test_that_plain_values_hold_what_the_sentence_says() -> None:
    message = Message("m", "{a} {b} {c}", a=1.5, b=Slices((1, 2)), c=(Message("n", "{d}", d="x"), "y"))
    assert message.plain_values() == {"a": 1.5, "b": [1, 2], "c": [{"code": "n", "values": {"d": "x"}}, "y"]}


def test_that_messages_of_the_same_fact_are_equal() -> None:
    one, other = (Message("m", "{a}", a=number) for number in (1, 2))
    assert one == Message("m", "{a}", a=1)
    assert one != other


def test_that_an_error_carries_its_message() -> None:
    error = InputError(Message("unreadable", "{file} cannot be read.", file="a.dcm"))
    assert (error.message.code, str(error)) == ("unreadable", "a.dcm cannot be read.")


def test_that_an_error_without_a_message_is_refused() -> None:
    with pytest.raises(TypeError, match=r"carries a Message, not 'a\.dcm cannot be read\.'"):
        InputError("a.dcm cannot be read.")  # type: ignore[arg-type]


def test_that_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'xx'"):
        language("xx")


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        (12.4, 12.0, "12.4 mm"),
        (12.04, 12.0, "12.04 mm"),
        (11.996, 12.0, "11.996 mm"),
        (12.0, 12.0, "12.0 mm"),
        (-0.04, 0.0, "-0.04 mm"),
    ],
)
def test_that_a_number_beyond_a_limit_does_not_read_as_the_limit(value: float, limit: float, said: str) -> None:
    assert str(Message("apart", "{apart_mm:.1f} mm", apart_mm=Beyond(value, limit))) == said


def test_that_a_number_beyond_a_limit_is_a_plain_number_in_files_and_stays_itself_in_another_process() -> None:
    beyond = pickle.loads(pickle.dumps(Beyond(12.04, 12.0)))
    assert (beyond, beyond.limit) == (12.04, 12.0)
    assert json.dumps(Message("apart", "{apart_mm}", apart_mm=beyond).plain_values()) == '{"apart_mm": 12.04}'


@pytest.mark.parametrize(
    ("places", "english", "french"),
    [
        (((1, 5),), "slice 2, phase 6", "la coupe 2, la phase 6"),
        (((1, 5), (1, 6), (2, 5), (2, 6)), "slices 2 and 3, phases 6 and 7", "les coupes 2 et 3, les phases 6 et 7"),
        (((1, 5), (2, 5), (2, 6)), "3 frames of slices 2 and 3", "3 images dans les coupes 2 et 3"),
    ],
)
def test_that_frames_are_counted_where_not_every_slice_is_meant_in_every_phase(
    places: tuple[tuple[int, int], ...], english: str, french: str
) -> None:
    message = Message("where", "{where}", where=Frames(places))
    assert (str(message), message.text(language("fr"))) == (english, french)
    assert message.plain_values() == {"where": [list(place) for place in places]}
    assert message_of(json.loads(json.dumps(message_json(message)))) == message
