"""The bull's-eye and the reference ranges in the window: what they show, and what the mouse does."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cinecor.measure.reference.comparison import Verdict
from cinecor.measure.reference.table import Sex
from cinecor.message import Message
from cinecor.review import Body, DropSlice, SetBody
from cinecor.scene.bullseye import PLACES, Shown, curve_mm, insertion_px, pieces, place_at
from cinecor.ui.look.colour_map import colour_of
from cinecor.ui.look.range_bar import comparison_text, range_text
from cinecor.ui.look.theme import DARK
from cinecor.ui.window.study_page import StudyPage

from .colour_vision import SIGHT, distance
from .mouse import move_held

GAPS = ((1.1, 2.9), (3.1, 4.9))  # phases between which nothing is drawn


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    move_held(widget, start, end, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


@pytest.fixture
def shown(reviewed: StudyPage, qtbot: QtBot) -> StudyPage:
    reviewed.desk.settings.change("bullseye", True)
    reviewed.window().resize(1400, 900)
    qtbot.waitUntil(lambda: reviewed.regional.function is not None)
    return reviewed


def test_that_nothing_is_measured_before_somebody_looks(reviewed: StudyPage, qtbot: QtBot) -> None:
    reviewed.desk.review.edit(DropSlice(0))
    qtbot.wait(250)
    assert reviewed.regional.function is None
    assert not reviewed.bullseye.isVisibleTo(reviewed)


def test_that_the_bull_s_eye_takes_the_place_of_the_curves(shown: StudyPage) -> None:
    assert shown.bullseye.isVisibleTo(shown)
    assert not shown.curves.isVisibleTo(shown)
    shown.desk.settings.change("bullseye", False)
    assert shown.curves.isVisibleTo(shown)


def test_that_a_correction_moves_it(shown: StudyPage, qtbot: QtBot) -> None:
    before = shown.regional.function
    assert before is not None
    counted = next(iter(before.rings))
    shown.desk.review.edit(DropSlice(counted))
    qtbot.waitUntil(lambda: shown.regional.function is not before)
    after = shown.regional.function
    assert after is not None
    assert counted not in after.rings


def test_that_the_mouse_points_at_a_segment_and_a_click_goes_to_its_slice(shown: StudyPage) -> None:
    disc, function = shown.bullseye.disc, shown.regional.function
    assert function is not None
    place = PLACES[10]
    spot = disc.point_of(place).toPoint()
    QTest.mouseMove(disc, spot)
    assert shown.regional.pointed == 11
    QTest.mouseClick(disc, Qt.MouseButton.LeftButton, pos=spot)
    assert function.rings[shown.desk.cursor.slice] == place.segment.ring
    QTest.mouseMove(disc, QPoint(1, 1))
    assert shown.regional.pointed is None


def test_that_what_is_shown_can_be_chosen(shown: StudyPage) -> None:
    for button, what in zip(shown.bullseye.findChildren(QPushButton), Shown, strict=True):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert shown.bullseye.disc.shown is what


def test_that_an_insertion_point_can_be_dragged_and_taken_back(shown: StudyPage, qtbot: QtBot) -> None:
    function = shown.regional.function
    assert function is not None
    index = next(index for index, ring in function.rings.items() if ring == 1)
    shown.desk.cursor.go(to_slice=index, to_phase=0)
    shown.cine.zoom_to_heart()
    study = shown.desk.reading.study
    assert study is not None
    points = insertion_px(function, index=index, phase=0, spacing_mm=study.stack.geometry.pixel_spacing_mm)
    assert points is not None
    to_screen = shown.cine.to_screen()
    begin = to_screen.map(QPointF(points[0][0] + 0.5, points[0][1] + 0.5))
    drag(shown.cine, begin.toPoint(), begin.toPoint() + QPoint(25, 10))
    present = shown.desk.review.present
    assert present is not None
    assert set(present.insertion) == {index}
    qtbot.waitUntil(lambda: shown.regional.function is not function)
    moved = shown.regional.function
    assert moved is not None
    assert moved.insertion is not None
    assert moved.insertion.by_reader == {index}
    shown.desk.review.undo()
    present = shown.desk.review.present
    assert present is not None
    assert present.insertion == {}


def test_that_a_drag_elsewhere_still_goes_through_the_phases(shown: StudyPage) -> None:
    shown.desk.cursor.go(to_phase=0)
    drag(shown.cine, QPoint(20, 20), QPoint(120, 20))
    assert shown.desk.cursor.phase > 0
    present = shown.desk.review.present
    assert present is not None
    assert present.insertion == {}


def test_that_every_segment_has_its_place_and_the_apex_none() -> None:
    for place in PLACES:
        assert place_at(*place.middle) is place
    assert place_at(0.0, 0.0) is None
    assert place_at(1.01, 0.0) is None
    above, left = PLACES[0].middle, PLACES[7].middle
    assert above[1] > 0.5  # anterior on top
    assert left[0] < 0  # the septum at left


def test_that_a_curve_has_a_gap_where_the_wall_is_open(shown: StudyPage) -> None:
    function, disc = shown.regional.function, shown.bullseye.disc
    assert function is not None
    one = function.segments[6]
    assert one.thickness_mm is not None
    phases = len(one.thickness_mm)
    curve = one.thickness_mm.copy()
    curve[[2, 4]] = np.nan
    broken = replace(one, thickness_mm=curve)
    told = curve_mm(broken, Shown.ED, ed_phase=function.ed_phase)
    assert told is not None
    assert [piece.tolist() for piece in pieces(told)] == [[0, 1], [3], list(range(5, phases))]

    assert disc.shown is Shown.ED
    shown.regional.point(7)
    before = columns_of_curve(shown)
    shown.regional.function = replace(function, segments=(*function.segments[:6], broken, *function.segments[7:]))
    after = columns_of_curve(shown)
    assert {round(at) for at in after} <= {round(at) for at in before}
    assert max(before) == max(after)
    assert all(any(low < at < high for at in before) for low, high in GAPS)
    assert not any(low < at < high for at in after for low, high in GAPS)
    assert any(2.9 < at < 3.1 for at in after)  # one phase alone is a dot


def columns_of_curve(page: StudyPage) -> list[float]:
    """Give the phases (with fractions) at which the curve of the segment that is pointed at is painted."""
    image = page.bullseye.curves.grab().toImage()
    function = page.regional.function
    assert function is not None
    curve = function.segments[6].thickness_mm
    assert curve is not None
    scale, accent = image.devicePixelRatio(), DARK.accent
    left, width = 30.0, image.width() / scale - 38.0
    return [
        (column / scale - left) / width * (len(curve) - 1)
        for column in range(image.width())
        if any(image.pixelColor(column, row).name() == accent for row in range(image.height()))
    ]


@pytest.mark.parametrize("shows", list(Shown))
def test_that_a_curve_needs_ed_and_es(shown: StudyPage, shows: Shown) -> None:
    function = shown.regional.function
    assert function is not None
    one = function.segments[6]
    assert curve_mm(one, shows, ed_phase=function.ed_phase) is not None
    assert curve_mm(replace(one, es_mm=None), shows, ed_phase=function.ed_phase) is None
    assert pieces(np.full(4, np.nan)) == []


@pytest.mark.parametrize("sight", SIGHT)
def test_that_colours_are_even_and_the_same_to_every_eye(sight: str) -> None:
    colours = [colour_of(share).name() for share in np.linspace(0, 1, 9)]
    steps = [distance(one, other, sight) for one, other in pairwise(colours)]
    assert min(steps) > 4.0
    assert max(steps) < 4.5 * min(steps)
    lightness = [colour_of(share).lightnessF() for share in (0.0, 0.5, 0.9)]
    assert lightness == sorted(lightness)


def test_that_values_stand_beside_their_ranges(reviewed: StudyPage) -> None:
    def compared() -> set[str]:
        return {key for key, bar in reviewed.numbers.ranges.items() if bar.comparison is not None}

    assert compared() == {"lv.ef_percent", "rv.ef_percent"}
    reviewed.desk.review.edit(SetBody(Body(66.0, 175.0, 74.0, Sex.MALE, 60)))
    assert compared() == {"lv.ef_percent", "lv.mass_g", "rv.edv_ml", "rv.esv_ml", "rv.ef_percent"}
    rows = reviewed.numbers.ranges
    assert "papillary muscles as mass" in rows["lv.edv_ml"].toolTip()
    ef = rows["lv.ef_percent"]
    assert ef.comparison is not None
    assert (ef.comparison.lower, ef.comparison.upper) == (48.0, 68.0)
    assert ef.share == pytest.approx((ef.comparison.value - 48.0) / 20.0)
    assert "Petersen" in ef.toolTip()
    assert "outflow" in rows["rv.ef_percent"].toolTip()


def test_that_a_value_in_doubt_has_its_limits_and_no_word_for_where_it_lies(reviewed: StudyPage) -> None:
    reviewed.desk.review.edit(SetBody(Body(66.0, 175.0, 74.0, Sex.MALE, 60)))
    found = reviewed.numbers.ranges["lv.ef_percent"].comparison
    assert found is not None
    for verdict, word in ((Verdict.ABOVE, "high"), (Verdict.BELOW, "low"), (Verdict.WITHIN, "")):
        sure = replace(found, verdict=verdict, doubtful=False)
        assert range_text(sure).startswith(word)
        doubted = replace(sure, doubtful=True)
        assert range_text(doubted) == "48–68"
        assert comparison_text(doubted).startswith("in doubt 48–68")
    refused = replace(found, verdict=Verdict.REFUSED, why=Message("other", "Another convention."), doubtful=True)
    assert comparison_text(refused).startswith("Another convention.")


def test_that_the_mid_wall_stands_beside_its_range(shown: StudyPage, qtbot: QtBot) -> None:
    shown.desk.review.edit(SetBody(Body(66.0, 175.0, 74.0, Sex.MALE, 60)))
    qtbot.waitUntil(lambda: shown.regional.review is shown.desk.review.present)
    function, compared = shown.regional.function, shown.bullseye.range.comparison
    assert function is not None
    assert compared is not None
    assert (compared.lower, compared.upper) == (4.1, 8.5)
    assert compared.value == function.mid_ed_mm
    assert "Kawel" in shown.bullseye.range.toolTip()


def test_that_sex_and_age_can_be_typed(reviewed: StudyPage) -> None:
    form = reviewed.numbers.body
    form.sex.setCurrentIndex(1)
    form.sex.activated.emit(1)
    form.fields["age_years"].setValue(63)
    present = reviewed.desk.review.present
    assert present is not None
    assert (present.body.sex, present.body.age_years) == (Sex.FEMALE, 63)
