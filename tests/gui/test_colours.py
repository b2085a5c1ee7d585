"""Colours: text can be read in both schemes, and colour-blind readers tell structures and states apart."""

from itertools import combinations

import pytest

from cinecor.inference.outline.segmentation import Label
from cinecor.ui.look.reading_art import COLOURS
from cinecor.ui.look.theme import DARK, HERE, LIGHT, OVERLAY, Theme

from .colour_vision import SIGHT, contrast, distance

THEMES = [pytest.param(theme, id=theme.name) for theme in (DARK, LIGHT)]
READABLE, SEEN, APART = 4.5, 3.0, 20.0


@pytest.mark.parametrize("theme", THEMES)
def test_that_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    texts = ("text", "quiet", "doubt", "refused", "accent", "lv", "rv", "myo")
    poor = {
        (text, ground): round(contrast(getattr(theme, text), getattr(theme, ground)), 2)
        for text in texts
        for ground in ("window", "panel", "raised")
        if contrast(getattr(theme, text), getattr(theme, ground)) < READABLE
    }
    assert poor == {}
    assert contrast(theme.on_accent, theme.accent) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
def test_that_what_differs_in_the_matrix_stands_out_from_what_is_usual(theme: Theme) -> None:
    for ground in (theme.panel, theme.cell_segmented):
        for colour in (theme.doubt, theme.on_cell):
            assert contrast(colour, ground) >= SEEN
    assert contrast(theme.cell_line, theme.panel) >= SEEN


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", THEMES)
def test_that_states_of_the_matrix_are_told_apart(theme: Theme, sight: str) -> None:
    for one, other in combinations((theme.panel, theme.cell_line, theme.doubt, theme.on_cell), 2):
        assert distance(one, other, sight) >= APART, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_that_neither_doubt_nor_what_is_chosen_has_a_structures_colour(theme: Theme) -> None:
    structures = [*OVERLAY.values(), *(theme.structure(label).name() for label in Label if label)]
    for colour in (theme.doubt, theme.accent, theme.text, theme.quiet, HERE):
        for structure in structures:
            assert distance(colour, structure) >= APART


@pytest.mark.parametrize("sight", SIGHT)
def test_that_structures_are_told_apart_in_images_curves_and_text(sight: str) -> None:
    palettes = [[*OVERLAY.values(), HERE], [*OVERLAY.values(), *COLOURS.values()]]
    palettes += [[theme.structure(label).name() for label in Label if label] for theme in (DARK, LIGHT)]
    for palette in palettes:
        for one, other in combinations(palette, 2):
            assert distance(one, other, sight) >= APART, (one, other)


def test_that_outlines_stand_out_from_dark_and_middle_grey() -> None:
    for colour in (*OVERLAY.values(), *COLOURS.values()):
        assert contrast(colour, "#000000") >= SEEN
        assert contrast(colour, "#404040") >= SEEN
