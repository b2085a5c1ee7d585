"""The short axis as images: sides of the patient, rulers, outlines and fills, greys, and many frames at once."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTransform
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label
from cinecor.study.cine_stack import StackGeometry
from cinecor.ui.look.theme import OVERLAY
from cinecor.ui.views import written
from cinecor.ui.views.annotation import edge_letters, rulers
from cinecor.ui.views.pictures import picture_of
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

from .conftest import LONG_MS
from .snapshot import colours_of, rgb

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.mark.parametrize(
    ("columns_run", "rows_run", "letters"),
    [  # right, left, bottom, top
        pytest.param((1, 0, 0), (0, 1, 0), ("L", "R", "P", "A"), id="axial"),
        pytest.param((0, 1, 0), (0, 0, -1), ("P", "A", "F", "H"), id="sagittal"),
        pytest.param((1, 0, 0), (0, 0, -1), ("L", "R", "F", "H"), id="coronal"),
        pytest.param((0.76, 0.28, 0.59), (-0.45, 0.88, 0.16), ("LH", "RF", "PR", "AL"), id="oblique"),
        pytest.param((0.1, 0.05, -0.99), (-0.55, -0.83, -0.1), ("F", "H", "AR", "PL"), id="short axis of a GE scanner"),
    ],
)
def test_that_letters_name_the_sides_of_the_patient(
    columns_run: tuple[float, ...], rows_run: tuple[float, ...], letters: tuple[str, ...]
) -> None:
    geometry = StackGeometry(
        np.zeros((1, 3)), np.array(columns_run, float), np.array(rows_run, float), (1.0, 1.0), 8.0, np.array([8.0])
    )
    align = Qt.AlignmentFlag
    found = edge_letters(geometry)
    edges = (align.AlignRight, align.AlignLeft, align.AlignBottom, align.AlignTop)
    assert tuple(next(text for flags, text in found.items() if flags & edge) for edge in edges) == letters


def test_that_no_letters_stand_where_the_directions_in_the_patient_are_not_known() -> None:
    axes = np.eye(3)
    known = StackGeometry(np.zeros((1, 3)), axes[0], axes[1], (1.0, 1.0), 8.0, np.array([8.0]))
    assert edge_letters(known)
    assert not edge_letters(replace(known, oriented=False))


def test_that_outlines_are_as_wide_in_a_picture_of_twice_the_size(reviewed: StudyPage, settings: Settings) -> None:
    settings.change("overlay", "outline")
    own = rgb(reviewed.cine.grab().toImage())
    twice = rgb(picture_of(reviewed.cine, ()))[: 2 * own.shape[0]]
    for colour in (OVERLAY[Label.LV], OVERLAY[Label.RV]):
        wanted = np.array(QColor(colour).getRgb()[:3])
        few, many = (np.count_nonzero(np.abs(one.astype(int) - wanted).max(axis=2) < 60) for one in (own, twice))
        assert few > 50
        assert 3.0 < many / few < 5.5, "thin lines would have twice as many pixels, not four times"


def test_that_rulers_are_as_long_as_they_say_at_any_zoom(reviewed: StudyPage) -> None:
    assert reviewed.desk.reading.study is not None
    row_mm, column_mm = reviewed.desk.reading.study.stack.geometry.pixel_spacing_mm
    for zoom in (1.0, 2.5, 7.0):
        reviewed.cine.viewport.zoom = zoom
        to_screen = reviewed.cine.to_screen()
        to_pixels = to_screen.inverted()[0]
        laid = rulers(QRectF(reviewed.cine.rect()), to_screen, (row_mm, column_mm))
        assert len(laid) == 2
        for ruler in laid:
            span = to_pixels.map(ruler.line.p2()) - to_pixels.map(ruler.line.p1())
            assert np.hypot(span.x() * column_mm, span.y() * row_mm) == pytest.approx(10 * ruler.ticks)


@pytest.mark.parametrize("sides", [(420, 360), (1200, 800)])
def test_that_no_letter_stands_on_a_ruler_of_the_whole_image(reviewed: StudyPage, sides: tuple[int, int]) -> None:
    study, cine = reviewed.desk.reading.study, reviewed.cine
    assert study is not None
    cine.viewport.fit()
    area = QRectF(0, 0, *sides)
    font = cine.font()
    font.setWeight(QFont.Weight.DemiBold)
    fonts, inner = QFontMetricsF(font), area.adjusted(10, 10, -10, -10)
    letters = [fonts.boundingRect(inner, int(flags), "AL") for flags in edge_letters(study.stack.geometry)]
    for ruler in rulers(area, cine.viewport.to_screen(area), study.stack.geometry.pixel_spacing_mm):
        for line in ruler.lines:
            drawn = QRectF(line.p1(), line.p2()).normalized().adjusted(-1.5, -1.5, 1.5, 1.5)  # with its halo
            assert not any(drawn.intersects(letter.adjusted(-2, -2, 2, 2)) for letter in letters)


def test_that_rulers_keep_their_length_on_pixels_that_are_not_square() -> None:
    to_screen = QTransform.fromScale(6.0, 3.0)  # 2 mm between columns, 1 mm between rows: 3 pixels of the screen a mm
    across, down = rulers(QRectF(0, 0, 900, 900), to_screen, (1.0, 2.0))
    assert across.line.length() / across.ticks == pytest.approx(30)
    assert down.line.length() / down.ticks == pytest.approx(30)


def _colour_at(page: StudyPage, label: Label) -> QColor:
    """Give the colour in the middle of a structure of the frame under the cursor."""
    desk = page.desk
    assert desk.overlays.labels is not None
    inside = np.argwhere(desk.overlays.labels[desk.cursor.slice, desk.cursor.phase] == label)
    row, column = inside[len(inside) // 2]
    at = page.cine.to_screen().map(QPointF(column + 0.5, row + 0.5)).toPoint()
    return page.cine.grab().toImage().pixelColor(at)


def test_that_fills_outlines_opacity_and_single_structures_follow_the_controls(
    qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    bar = reviewed.controls

    def choose(name: str) -> None:
        steps = bar.overlay.findData(name) - bar.overlay.currentIndex()
        bar.overlay.setFocus()
        for _ in range(abs(steps)):
            qtbot.keyClick(bar.overlay, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
        assert settings.text("overlay") == name

    choose("off")
    bare = _colour_at(reviewed, Label.LV)
    assert bare.saturation() == 0
    assert OVERLAY[Label.MYO] not in colours_of(reviewed.cine)
    choose("outline")
    assert _colour_at(reviewed, Label.LV) == bare
    choose("fill")
    bar.opacity.setValue(100)
    assert _colour_at(reviewed, Label.LV).name() == OVERLAY[Label.LV]
    bar.opacity.setValue(40)
    assert 0 < _colour_at(reviewed, Label.LV).saturation() < QColor(OVERLAY[Label.LV]).saturation()
    qtbot.mouseClick(bar.structures[Label.LV], LEFT)
    assert _colour_at(reviewed, Label.LV) == bare
    assert _colour_at(reviewed, Label.RV) != bare
    for view in (reviewed.grid, reviewed.long_axis):
        assert view.structures == {Label.RV, Label.MYO}


def test_that_presets_of_the_window_show_darker_and_brighter_and_all_values(
    desktop: Desktop, reviewed: StudyPage
) -> None:
    desk, actions = reviewed.desk, desktop.window.actions_by_name
    assert desk.reading.study is not None
    found = {}
    for name in ("level_bright", "level_dark", "level_full", "level_auto"):
        actions[name].trigger()
        found[name] = desk.level.window
    assert found["level_bright"].high < found["level_auto"].high
    assert found["level_dark"].low > found["level_auto"].low
    pixels = desk.reading.study.stack.pixels
    assert found["level_full"].low == pytest.approx(pixels.min(), abs=2)
    assert found["level_full"].high == pytest.approx(pixels.max(), rel=0.02)


def test_that_the_grid_plays_all_its_slices_together(qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_3)
    phases = set()
    for _ in range(reviewed.desk.cursor.phases):
        places = reviewed.grid.places()
        assert [index for index, _ in places] == list(range(8))
        assert len({phase for _, phase in places}) == 1
        phases.add(places[0][1])
        qtbot.keyClick(reviewed.grid, Qt.Key.Key_Right)
    assert phases == set(range(10))
    with qtbot.waitSignal(reviewed.desk.cursor.phase_moved, timeout=LONG_MS):
        qtbot.keyClick(reviewed.grid, Qt.Key.Key_Space)
    qtbot.keyClick(reviewed.grid, Qt.Key.Key_Space)


def test_that_the_grid_of_phases_follows_the_slice_and_frames_the_phase_that_plays(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_G)
    qtbot.keyClick(reviewed.grid, Qt.Key.Key_Down)
    assert reviewed.grid.places() == [(5, phase) for phase in range(10)]
    before = reviewed.grid.grab().toImage()
    qtbot.keyClick(reviewed.grid, Qt.Key.Key_Right)
    after = reviewed.grid.grab().toImage()
    for number, moved in ((0, True), (1, True), (5, False)):
        rect = reviewed.grid.tile_rect(number).toRect()
        assert (before.copy(rect) != after.copy(rect)) == moved


@pytest.mark.parametrize(
    ("sides", "stand"),
    [
        ((160, 120), ()),
        ((220, 160), (" cm",)),
        ((300, 200), (" cm", "W ")),
        ((300, 300), (" cm", "W ")),
        ((900, 700), (" cm", "W ", " mm")),
    ],
)
def test_that_texts_over_the_short_axis_keep_apart_however_small_it_is(
    reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch, sides: tuple[int, int], stand: tuple[str, ...]
) -> None:
    put: list[tuple[QRectF, str]] = []
    monkeypatch.setattr(written, "shaded_text", lambda _, box, *told, **__: put.append((QRectF(box), told[1])))
    study = reviewed.desk.reading.study
    assert study is not None
    reviewed.desk.crosshair.point(study.stack.geometry.positions_mm[reviewed.desk.cursor.slice])
    image = QImage(*sides, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    reviewed.cine.paint_on(painter, QRectF(0, 0, *sides))
    painter.end()
    texts = [text for _, text in put]
    assert texts[0].startswith("Slice ")
    assert sum(text in edge_letters(study.stack.geometry).values() for text in texts) >= (2 if sides[1] < 160 else 4)
    for wanted in stand:  # ruler, greys, place of the crosshair: what there is room for
        assert any(wanted in text for text in texts), wanted
    for (one, _), (other, _) in combinations(put, 2):
        assert not one.intersects(other)
