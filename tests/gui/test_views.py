"""What the views show of a study: places, sizes, colours and numbers that a reader relies on."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QTransform
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import Label, Segmentation
from cinecor.measure import ef_interval
from cinecor.measure.moment import Moment
from cinecor.measure.rates import rates
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Body, FrameState, SetBody, ToggleSlice
from cinecor.scene.cells import Cell
from cinecor.study.cine_stack import StackGeometry
from cinecor.ui.look.texts import use_language
from cinecor.ui.look.theme import DARK, OVERLAY
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.panels.numbers_view import NumbersView
from cinecor.ui.panels.one_line import OneLine
from cinecor.ui.sheets.numbers_sheet import NumbersSheet
from cinecor.ui.views.annotation import edge_letters, rulers
from cinecor.ui.views.matrix_legend import MatrixLegend
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import LAYOUTS, StudyPage

from .conftest import LONG_MS, page_when

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


# -- cine


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


def _colours(view: QWidget, rect: QRect | None = None) -> set[str]:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    image = image if rect is None else image.copy(rect)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return {f"#{value & 0xFFFFFF:06x}" for value in np.unique(pixels).tolist()}


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
    assert OVERLAY[Label.MYO] not in _colours(reviewed.cine)
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


# -- grid


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


# -- matrix


def test_that_each_state_of_a_cell_has_its_own_look(
    qtbot: QtBot, reviewed: StudyPage, phantom_segmentation: Segmentation
) -> None:
    unsure = np.ones_like(phantom_segmentation.confidence)
    unsure[4, 6] = 0.1
    reviewed.desk.review.adopt(replace(phantom_segmentation, confidence=unsure))
    qtbot.mouseClick(reviewed.matrix, LEFT, pos=reviewed.matrix.choice_rect(3, Moment.ED).center().toPoint())
    cells = reviewed.desk.overlays.cells()
    assert reviewed.desk.review.result is not None
    ed = reviewed.desk.review.result.moments.ed
    assert (cells[4, 6], cells[3, ed]) == (Cell.DOUBTFUL, Cell.EXCLUDED)
    reviewed.desk.cursor.go(to_slice=7, to_phase=9)

    def looks(index: int, phase: int) -> set[str]:
        return _colours(reviewed.matrix, reviewed.matrix.cell_rect(index, phase).adjusted(2, 2, -2, -2).toRect())

    assert DARK.doubt in looks(4, 6)
    assert looks(4, 5) == {DARK.cell_segmented}
    assert {DARK.panel, DARK.cell_line} <= looks(3, int(ed or 0))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_that_the_legend_names_every_state_at_any_width(qtbot: QtBot, language: str) -> None:
    use_language(language)
    legend = MatrixLegend(DARK)
    qtbot.addWidget(legend)
    legend.show_entries((*Cell, *FrameState))
    for width in (160, 260, 380, 900):
        places = legend.places(width)
        assert max(place.right() for place in places.values()) <= width
        assert len(legend.toolTip().splitlines()) == len(Cell) + len(FrameState)  # what has no room is there
    assert set(legend.places(2000)) == {*Cell, *FrameState}
    use_language("en")


# -- curves


def _at_phase(page: StudyPage, phase: float) -> QPoint:
    box = page.curves.getPlotItem().vb
    return page.curves.mapFromScene(box.mapViewToScene(QPointF(phase, box.viewRect().center().y())))


def test_that_the_values_of_a_phase_stand_beside_the_mouse(qtbot: QtBot, reviewed: StudyPage) -> None:
    measures, study = reviewed.desk.review.result, reviewed.desk.reading.study
    assert measures is not None
    assert study is not None
    assert study.stack.phase_times_ms is not None
    assert reviewed.curves.readout == ""
    for phase in (7, 2):  # on either side of the middle, and pyqtgraph skips moves that come too fast
        qtbot.wait(30)
        qtbot.mouseMove(reviewed.curves.viewport(), _at_phase(reviewed, phase))
        qtbot.waitUntil(lambda phase=phase: reviewed.curves.readout.startswith(f"Phase {phase + 1} "))
        assert f"{study.stack.phase_times_ms[phase]:.0f} ms" in reviewed.curves.readout
        for name, curve in (("LV", "lv_ml"), ("RV", "rv_ml"), ("MYO", "myo_ml")):
            assert f"{name}  {getattr(measures.curves, curve)[phase]:.1f} mL" in reviewed.curves.readout


def test_that_a_click_on_the_curves_goes_to_the_phase(qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.mouseClick(reviewed.curves.viewport(), LEFT, pos=_at_phase(reviewed, 6))
    assert reviewed.desk.cursor.phase == 6


def test_that_no_tick_names_a_phase_that_is_not_there(reviewed: StudyPage) -> None:
    axis = reviewed.curves.getPlotItem().getAxis("bottom")
    for low, high, width in ((-0.4, 11.5, 300), (-0.4, 11.5, 2000)):
        ticks = {value for _, values in axis.tickValues(low, high, width) for value in values}
        assert ticks <= set(range(10))
        assert {0, 5} <= ticks


# -- numbers


def test_that_rates_stand_with_the_numbers_and_their_unit(reviewed: StudyPage) -> None:
    measures, study = reviewed.desk.review.result, reviewed.desk.reading.study
    assert measures is not None
    assert study is not None
    for side in ("lv", "rv"):
        found = rates(getattr(measures.curves, f"{side}_ml"), study.stack.phase_times_ms)
        assert found is not None
        assert reviewed.numbers.cells[f"{side}.ejection_ml_s"].text().rstrip("?") == f"{found.ejection_ml_s:.0f}"
        assert reviewed.numbers.cells[f"{side}.filling_ml_s"].text().rstrip("?") == f"{found.filling_ml_s:.0f}"
    texts = [label.text() for label in reviewed.numbers.findChildren(QLabel)]
    assert [texts.count(unit) for unit in ("mL", "%", "L/min", "g", "mL/s")] == [6, 2, 2, 1, 2]


def test_that_the_lv_ef_has_its_interval_until_a_reader_changes_what_counts(
    qtbot: QtBot, reviewed: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, review = reviewed.numbers.heads[Ventricle.LV], reviewed.desk.review
    assert not head.interval.text()  # this phantom's slices lie 15 mm apart, farther than any it was calibrated on
    monkeypatch.setattr(ef_interval, "LARGEST_SLICE_SPACING_MM", 15.0)
    review.edit(SetBody(Body(60.0, 170.0, 70.0)))
    assert review.result is not None
    found = review.result.ef_ranges[Ventricle.LV]
    assert found is not None
    assert head.interval.text() == f"{found.low_percent:.0f}–{found.high_percent:.0f} in 9 of 10"
    assert "model error only" in head.interval.toolTip()
    assert f"calibrated on {found.constants.calibrated} patients" in head.interval.toolTip()
    assert not reviewed.numbers.heads[Ventricle.RV].interval.text()  # too few patients for one
    review.edit(ToggleSlice(3, Moment.ED))
    qtbot.waitUntil(lambda: not head.interval.text())
    assert not head.interval.toolTip()


def test_that_conventions_and_sources_stand_behind_the_i(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    qtbot.mouseClick(reviewed.numbers.about, LEFT)
    sheet = next(one for one in desktop.window.findChildren(NumbersSheet) if one.isVisible())
    told = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert all(word in told for word in ("1.05 g/mL", "Papillary", "Mosteller", "infundibulum", "Petersen"))
    assert "Chosen among" in told
    assert "ED, slice" in told  # what each slice at base and apex decides
    assert "without it the LV EF would be" in told
    sheet.reject()


def test_that_the_numbers_go_to_the_clipboard_with_doubts_and_notice(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage
) -> None:
    reviewed.desk.review.edit(SetBody(Body(290.0, 170.0, 70.0)))  # the rate puts the output in doubt
    qtbot.keyClick(desktop.window, Qt.Key.Key_C, CTRL)
    lines = QApplication.clipboard().text().split("\n")
    cells = {line.split("\t")[0]: line.split("\t") for line in lines if "\t" in line}
    result = reviewed.desk.review.result
    assert result is not None
    lv = result.measurements.lv
    assert lv.edv_ml is not None
    assert lv.ef_percent is not None
    assert cells["LV EDV"][1:3] == [f"{lv.edv_ml:.0f}", "mL"]
    assert cells["LV EF"][1].rstrip("?") == f"{lv.ef_percent:.1f}"
    assert "age" in cells["LV EF"][5]  # Petersen 2017 has no limits for who may be of any
    assert cells["LV CO"][1].endswith("?")
    assert any(line.startswith("? ") for line in lines)
    assert any("outflow tract" in line for line in lines)
    assert lines[-1].startswith("Research use only")


def test_that_a_stack_of_one_phase_shows_its_volumes(
    desktop: Desktop, qtbot: QtBot, settings: Settings, tmp_path: Path, phantom_segmentation: Segmentation
) -> None:
    settings.change("auto_segment", False)
    image = nib.nifti1.Nifti1Image(np.tile(np.arange(64, dtype=np.float32), (64, 5, 1)).swapaxes(1, 2), np.eye(4) * 2)
    nib.save(image, tmp_path / "one.nii.gz")
    desktop.open(tmp_path / "one.nii.gz")
    page = page_when(desktop, qtbot, lambda desk: desk.reading.study is not None and not desk.operations.busy)
    assert page.desk.reading.study is not None
    stack = page.desk.reading.study.stack
    labels = np.zeros(stack.pixels.shape, np.uint8)
    labels[1:4, :, 20:40, 20:40] = Label.MYO
    labels[1:4, :, 25:35, 25:35] = Label.LV
    page.desk.review.adopt(
        replace(
            phantom_segmentation, labels=labels, confidence=np.ones(labels.shape[:2], np.float32), uncertain_px=None
        )
    )
    numbers = page.numbers
    assert numbers.heads[Ventricle.LV].name.text() == "LV volume"
    assert numbers.cells["lv.ef_percent"].text().rstrip("?") == f"{3 * 100 * 2**3 / 1000:.0f}"
    assert numbers.cells["rv.ef_percent"].text() == "–"
    assert f"Myocardium at the only phase: {3 * 300 * 2**3 / 1000:.0f} mL" in numbers.moments.text()


def test_that_a_doubtful_number_is_marked_and_says_why(desktop: Desktop, qtbot: QtBot, reviewed: StudyPage) -> None:
    measures = reviewed.desk.review.result
    assert measures is not None
    ed, es = measures.moments.ed, measures.moments.es
    assert ed is not None
    assert es is not None
    reviewed.desk.cursor.go(to_phase=es)
    qtbot.keyClick(desktop.window, Qt.Key.Key_D, CTRL)  # ED where the ventricle is smallest …
    reviewed.desk.cursor.go(to_phase=ed)
    qtbot.keyClick(desktop.window, Qt.Key.Key_E, CTRL)
    cell = reviewed.numbers.cells["lv.edv_ml"]
    assert cell.text().endswith("?")
    assert "The LV is not smaller at ES" in cell.toolTip()
    rows = reviewed.numbers.review_list.findChildren(FindingRow)
    assert any(row.findChild(QLabel).text() == "?" and "not smaller at ES" in row.sentence for row in rows)
    assert reviewed.numbers.cells["lv.mass_g"].text().endswith("?")
    assert reviewed.numbers.moments.text() == f"ED: phase {es + 1} · ES: phase {ed + 1} · set by hand"
    assert "set by hand" in reviewed.numbers.moments.toolTip()
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    qtbot.keyClick(desktop.window, Qt.Key.Key_Z, CTRL)
    assert "not smaller at ES" not in cell.toolTip()


def test_that_marks_of_doubt_push_no_number_over_the_edge(
    qtbot: QtBot, opened: StudyPage, phantom_segmentation: Segmentation
) -> None:
    numbers = NumbersView(opened.desk, DARK)
    qtbot.addWidget(numbers)
    numbers.resize(200, 600)
    numbers.show()
    before = numbers.minimumWidth()
    opened.desk.review.adopt(phantom_segmentation)
    opened.desk.review.edit(ToggleSlice(1, Moment.ED))
    assert numbers.cells["lv.ef_percent"].text().endswith("?")
    assert numbers.minimumWidth() > before
    bar = numbers.verticalScrollBar().sizeHint().width()
    assert numbers.widget().minimumSizeHint().width() <= numbers.minimumWidth() - bar


def test_that_values_per_body_surface_come_with_height_and_weight_in_the_same_columns(
    qtbot: QtBot, reviewed: StudyPage
) -> None:
    cell = reviewed.numbers.cells["lv.edv_ml.indexed"]
    place = cell.geometry().right()
    assert cell.text() == "–"
    assert cell.toolTip() == "Needs height and weight."
    for name, text in (("height_cm", "170"), ("weight_kg", "70")):
        field = reviewed.numbers.body.fields[name]
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert cell.text() != "–"
    assert cell.geometry().right() == place


def test_that_french_numbers_have_a_comma_and_engine_sentences_are_french(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, settings: Settings
) -> None:
    before = desktop.window
    settings.change("language", "fr")
    qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    assert page.desk.review.result is not None
    ef = page.desk.review.result.measurements.lv.ef_percent
    assert ef is not None
    assert page.numbers.cells["lv.ef_percent"].text().rstrip("?") == f"{ef:.1f}".replace(".", ",")
    assert page.numbers.moments.toolTip().startswith("La TD est la phase")
    qtbot.wait(50)  # the new window finds its sizes
    qtbot.mouseMove(page.matrix, QPoint(1, 1))  # a mouse that is there already does not move
    qtbot.mouseMove(page.matrix, page.matrix.choice_rect(3, Moment.ED).center().toPoint())
    qtbot.waitUntil(lambda: "Sans elle" in page.hint.text())
    assert "," in page.hint.text()


# -- long-axis cut


def test_that_the_cut_shows_outlines_of_the_structures_that_are_chosen(qtbot: QtBot, reviewed: StudyPage) -> None:
    shown = _colours(reviewed.long_axis)
    assert {colour for colour in OVERLAY.values() if colour in shown} == set(OVERLAY.values())
    qtbot.mouseClick(reviewed.controls.structures[Label.RV], LEFT)
    assert OVERLAY[Label.RV] not in _colours(reviewed.long_axis)
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_O)
    assert not set(OVERLAY.values()) & _colours(reviewed.long_axis)


def test_that_the_cut_turns_by_key_and_bands_are_as_high_as_slices(qtbot: QtBot, reviewed: StudyPage) -> None:
    before = reviewed.long_axis.angle_degrees
    qtbot.keyClick(reviewed.cine, Qt.Key.Key_T)
    assert (reviewed.long_axis.angle_degrees - before) % 180 == pytest.approx(10)
    assert reviewed.desk.reading.study is not None
    extents = reviewed.desk.reading.study.stack.geometry.slice_extent_mm
    heights = np.array([reviewed.long_axis.band_rect(index).height() for index in range(8)])
    assert heights / heights.sum() == pytest.approx(extents / extents.sum())


# -- small windows


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [(1024, 700), (900, 520)])
def test_that_no_text_is_cut_off_in_a_small_window(
    desktop: Desktop, qtbot: QtBot, reviewed: StudyPage, language: str, size: tuple[int, int]
) -> None:
    settings = desktop.settings
    if language == "fr":
        before = desktop.window
        settings.change("language", language)
        qtbot.waitUntil(lambda: desktop.window is not before)
    page = desktop.window.page
    assert page is not None
    desktop.window.resize(*size)
    cut = []
    for layout in LAYOUTS:
        settings.change("layout", layout)
        qtbot.wait(20)
        for kind in (QLabel, QAbstractButton, QComboBox):
            for one in desktop.window.findChildren(kind):
                if not one.isVisible() or not one.width() or isinstance(one, OneLine):
                    continue
                wraps = isinstance(one, QLabel) and one.wordWrap()
                low = one.heightForWidth(one.width()) > one.height() + 1 if wraps else False
                if low or (not wraps and one.sizeHint().width() > one.width() + 1):
                    text = one.currentText() if isinstance(one, QComboBox) else one.text()
                    cut.append(f"{layout}: {text or type(one).__name__}")
    assert "; ".join(cut) == ""
