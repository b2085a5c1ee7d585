"""Every word the desktop shows exists in English and in French."""

import ast
import json
import re
from pathlib import Path
from string import Formatter

from cinecor.app.settings import HIDDEN_SECTIONS, SETTINGS
from cinecor.review import (
    AcceptFrames,
    Body,
    ChoosePapillaries,
    DropSlice,
    Edit,
    Gesture,
    Moment,
    Redraw,
    SetBody,
    SetPhase,
    ToggleSlice,
)
from cinecor.review.papillary_choice import PapillaryChoice
from cinecor.scene.cells import Cell
from cinecor.study import SeriesKind
from cinecor.ui.look.texts import LANGUAGES
from cinecor.ui.views.frame_art import Caveat
from cinecor.ui.window.actions import ACTIONS, MENUS, MOUSE
from cinecor_resources import translation

UI = Path(__file__).parents[2] / "desktop" / "cinecor" / "ui"


def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads(translation(language).read_text(encoding="utf-8"))
    return texts


def _made_keys() -> set[str]:
    """Keys that code puts together from the tables."""
    edits: list[Edit] = [
        SetPhase(Moment.ED, 0), SetPhase(Moment.ES, 0), ToggleSlice(0, Moment.ED), DropSlice(0), SetBody(Body()),
    ]  # fmt: skip
    edits += [AcceptFrames(frozenset()), ChoosePapillaries(PapillaryChoice()), *(Redraw(one, {}) for one in Gesture)]
    keys = {edit.name for edit in edits}
    keys |= {f"action.{entry.name}" for entry in ACTIONS} | {f"menu.{menu}" for menu in MENUS}
    keys |= {f"mouse.{name}{end}" for name in MOUSE for end in ("", ".how")}
    keys |= {f"caveat.{caveat}" for caveat in Caveat}
    keys |= {f"cell.{cell.name.lower()}" for cell in Cell} | {f"series.{kind.name.lower()}" for kind in SeriesKind}
    for setting in SETTINGS:
        if setting.section not in HIDDEN_SECTIONS:
            keys |= {f"setting.{setting.name}", f"settings.{setting.section}"}
            keys |= {f"setting.{setting.name}.{choice}" for choice in setting.choices}
    keys |= {f"body.{field}" for field in Body.__dataclass_fields__}
    keys |= {f"name.{name}" for name in ("lv", "rv", "myo", "ed", "es")}
    return keys


def _written_keys() -> set[str]:
    """Keys that stand in the code as they are."""
    keys = set()
    for path in UI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text):
                keys.add(text)
    prefixes = {key.split(".")[0] for key in _texts("en")}
    return {key for key in keys if key.split(".")[0] in prefixes} | {"notice"}


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_that_both_languages_have_the_same_keys_and_places() -> None:
    english, french = (_texts(language) for language in LANGUAGES)
    assert english.keys() == french.keys()
    for key, text in english.items():
        assert _places(text) == _places(french[key]), key
        assert french[key].strip(), key


def test_that_every_key_in_the_code_has_a_text_and_no_text_is_unused() -> None:
    wanted = _made_keys() | _written_keys()
    have = set(_texts("en"))
    assert wanted - have == set()
    assert have - wanted == set()
