"""Every word the desktop shows can be said in every language, and the language is the one the user set."""

import ast
import locale
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from cinecor.app.settings import HIDDEN_SECTIONS, SETTINGS
from cinecor.errors import InputError
from cinecor.failure import failure_message
from cinecor.inference.outline.segmentation import Label
from cinecor.language import LANGUAGES, language
from cinecor.measure.moment import Moment
from cinecor.measure.quantity import EXCURSIONS, QUANTITIES, RATES
from cinecor.message import Message
from cinecor.review import FrameState, Gesture, Redraw, SetPhase
from cinecor.scene.cells import Cell
from cinecor.study import SeriesKind
from cinecor.ui.look import names
from cinecor.ui.look.failure import failure_of
from cinecor.ui.look.texts import number_text, said, system_language, tr, tr_as, tr_counted, use_language

UI = Path(__file__).parents[2] / "desktop" / "cinecor" / "ui"
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "unit", sorted({one.unit for one in (*QUANTITIES, *RATES, *EXCURSIONS)} | {"ms", "mL/m²", "s"})
)
def test_that_a_number_stays_on_the_line_of_its_unit(unit: str, code: str) -> None:
    use_language(code)
    inner = Message("planted", "within 5 " + unit)
    told = said(Message("planted", "{value:.1f} " + unit + " of {inner} and {n} stiles", value=2.5, inner=inner, n=3))
    assert told == f"{number_text(2.5, 1)}{SPACE}{unit} of within 5{SPACE}{unit} and 3 stiles"
    counted = Message.counted("planted", "{n} slice, 1 " + unit, "{n} slices, 2 " + unit, n=2)
    assert said(counted) == f"2 slices, 2{SPACE}{unit}"


def _calls(*functions: str) -> Iterator[list[str]]:
    """Give the texts of every call of these functions in the desktop's code."""
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
                yield [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_that_every_text_in_the_code_is_said_in_french_with_the_same_places() -> None:
    french = language("fr")
    texts = [text for (text, *_) in filter(None, _calls("tr", "N_"))]
    counted = list(_calls("tr_counted"))
    assert len(texts) > 200
    assert len(counted) >= 4
    known = french._catalogue._catalog  # type: ignore[attr-defined]  # gettext has no other way to ask
    assert [text for text in texts if text not in known] == []
    assert [one for one, _ in counted if (one, 0) not in known] == []
    for text in texts:
        assert _places(french.gettext(text)) == _places(text), text
    for one, many in counted:
        for number in (1, 2):
            assert _places(french.ngettext(one, many, number)) == _places(many), one


@pytest.mark.parametrize("code", LANGUAGES)
def test_that_everything_has_a_name(code: str) -> None:
    use_language(code)
    said = [names.edit_name(name) for name in _edit_names()]
    said += (
        [names.cell_name(cell) for cell in Cell]
        + [names.mark_name(mark) for mark in FrameState]
        + [names.kind_name(kind) for kind in SeriesKind]
    )
    said += [names.kind_name(SeriesKind.LONG_AXIS_CINE, chambers=chambers) for chambers in (2, 3, 4)]
    said += [names.moment_name(moment) for moment in Moment]
    said += [names.structure_name(label) for label in Label if label is not Label.BACKGROUND]
    for setting in SETTINGS:
        if setting.section not in HIDDEN_SECTIONS:
            said += [names.setting_name(setting), names.section_name(setting.section)]
            said += [names.choice_name(setting.name, choice) for choice in setting.choices]
            said += [names.placeholder(setting)] if setting.is_text else []
    assert all(said)


def _edit_names() -> set[str]:
    """Give the name of every edit that the review knows."""
    written = " ".join(path.read_text(encoding="utf-8") for path in (UI.parent / "review").rglob("*.py"))
    found = set(re.findall(r'"(edit\.[a-z_]+)"', written)) | {Redraw(one, {}).name for one in Gesture}
    found |= {SetPhase(moment, 0).name for moment in Moment}
    assert len(found) > 15
    return found


def test_that_places_plurals_and_contexts_are_said_in_the_language_in_use() -> None:
    use_language("fr")
    assert tr("Phases are ordered by {tag}.", tag="TriggerTime") == "Les phases sont ordonnées selon TriggerTime."
    assert [tr_counted("{n} slice", "{n} slices", n=n) for n in (0, 1, 2)] == ["0 coupe", "1 coupe", "2 coupes"]
    assert (tr("Heart rate"), tr_as("playing speed", "Heart rate")) == ("Fréq. cardiaque", "Rythme réel")
    assert tr("{name}: {what}", name="a", what="b") == f"a{SPACE}: b"
    use_language("en")
    assert [tr_counted("{n} slice", "{n} slices", n=n) for n in (0, 1, 2)] == ["0 slices", "1 slice", "2 slices"]
    assert tr_as("playing speed", "Heart rate") == "Heart rate"
    assert tr("a text that no catalogue has") == "a text that no catalogue has"


def test_that_numbers_have_the_languages_decimal_sign_and_a_true_minus() -> None:
    assert [number_text(-1.25, 1), number_text(3, signed=True)] == ["−1.2", "+3"]
    use_language("fr")
    assert number_text(-1.25, 1) == "−1,2"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr"),
    ],
)
def test_that_the_language_follows_the_environment_without_the_c_librarys_locale(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], code: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert use_language("system") == code


def test_that_without_an_environment_the_systems_own_language_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: ("fr_FR", "cp1252"))
    assert system_language() == "fr"
    monkeypatch.setattr(locale, "getlocale", lambda: (None, None))
    assert system_language() == "en"


def test_that_a_language_the_machine_does_not_know_is_spoken_nevertheless() -> None:
    script = "from cinecor.ui.look.texts import tr, use_language; use_language('system'); print(tr('Settings'))"
    own = {**os.environ, "LANG": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8", "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, env=own, check=True, encoding="utf-8")
    assert run.stdout.strip() == "Réglages"


def test_that_only_the_window_says_what_is_for_it_alone() -> None:
    error = InputError(Message("m", "Two patients."), on_screen=Message("n", "They say: {patients}.", patients="a, b"))
    failure = failure_of(error)
    assert failure.sentence == "Two patients. They say: a, b."
    assert "They say" not in failure.details
    assert str(failure_message(error)) == "Two patients."
