"""What a study's page shows, and where."""

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from telling_places import area_of, line_within, on_screen

from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.scene.cells import Cell
from cinecor.ui.panels.finding_row import FindingRow
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.views.valve_drag import mapped
from cinecor.ui.window.study_page import StudyPage


def page_places(page: StudyPage) -> dict[str, Any]:
    """Return what can be told of the study in front."""
    desk = page.desk
    told: dict[str, Any] = {
        "busy": desk.operations.busy,
        "place": [desk.cursor.slice, desk.cursor.phase],
        "ed": desk.review.phase_of(Moment.ED),
        "es": desk.review.phase_of(Moment.ES),
        "playing": page.player.playing,
        "open_doubts": len(desk.doubts.open),
        "locked": desk.review.locked,
        "tool": None if page.toolbox.name is None else page.toolbox.name.value,
        "compared": [whose.value for whose in desk.comparing.readings],
        "redrawn": 0 if desk.review.present is None else len(desk.review.present.corrections.frames),
        "valves": 0 if desk.review.present is None else len(desk.review.present.valves),
        "callipers": len(desk.callipers.at((desk.cursor.slice, desk.cursor.phase))),
        "crosshair": desk.crosshair.place_mm is not None,
        "layout": desk.settings.text("layout"),
        "hint": page.hint.text(),
        "message": page.messages.text.text() if page.messages.isVisible() else "",
        "dismiss": on_screen(page.messages.dismiss, page.messages.dismiss.rect().center()),
        "page": area_of(page),
        "shown": {
            name: area_of(view)
            for name, view in (
                ("cine", page.cine), ("grid", page.grid), ("beside", page.beside), ("matrix", page.matrix),
                ("curves", page.curves), ("numbers", page.numbers), ("bullseye", page.bullseye),
                ("first column", page.panel), ("banner", page.banner), ("tools", page.correction),
            )
            if view.isVisible()
        },
    }  # fmt: skip
    if desk.reading.study is not None:
        stack = desk.reading.study.stack
        told |= {"slices": stack.slices, "phases": stack.phases, "series": list(stack.series_uids)}
    return told | _head(page) | _images(page) | _long_axis(page) | _strip(page) | _curves(page) | _numbers(page)


def _head(page: StudyPage) -> dict[str, Any]:
    banner, panel = page.banner, page.panel
    return {
        "banner": {
            name: getattr(banner, name).text() for name in ("name", "person", "scan", "body", "status", "exported")
        },
        "cards": [
            {
                "title": card.text(),
                "facts": card.facts,
                "used": card.isChecked(),
                "shown": card.isVisible(),
                "at": on_screen(card, card.rect().center()),
            }
            for card in panel.cards
        ],
        "fold": {
            "text": panel.fold.text() if panel.fold.isVisible() else "",
            "at": on_screen(panel.fold, panel.fold.rect().center()),
            "unfolded": panel.tree.isVisible(),
        },
        "study_menu": on_screen(panel.menu_button, panel.menu_button.rect().center()),
    }


def _images(page: StudyPage) -> dict[str, Any]:
    desk, cine = page.desk, page.cine
    place = (desk.cursor.slice, desk.cursor.phase)
    to_screen = cine.to_screen()
    told: dict[str, Any] = {
        "cine": on_screen(cine, cine.rect().center()),
        "zoom": cine.viewport.zoom,
        "level": [desk.level.window.low, desk.level.window.high],
        "line_of_cut": None,
        "planes": 0,
    }
    if desk.reading.study is None:
        return told
    crossings = [mapped(line.ends_px, to_screen) for line in cine.crossings(place[0])]
    told["planes"] = len(crossings)
    if page.long_axis.isVisible() and crossings:
        told["line_of_cut"] = line_within(cine, crossings[0])
    labels = desk.overlays.labels
    if labels is not None and (labels[place] == Label.LV).any():
        within = np.argwhere(labels[place] == Label.LV)
        middle, radius = within.mean(axis=0)[::-1] + 0.5, float(np.sqrt(len(within) / np.pi))
        told["cavity"] = on_screen(cine, to_screen.map(QPointF(*middle)))
        told["cavity_radius"] = radius * to_screen.m11() * cine.devicePixelRatioF()
    return told


def _long_axis(page: StudyPage) -> dict[str, Any]:
    cut = page.long_axis
    large = page.images.large
    return {
        "large": "" if large is None else large.name,
        "views": [_view(page, view) for view in page.beside.cines if view.isVisible()],
        "cut": {
            "shown": cut.isVisible(),
            "degrees": page.desk.cut.angle_degrees,
            "at": on_screen(cut, cut.rect().center()),
            "base_is_last": page.desk.cut.base_is_last,
            "tops": [cut.band_rect(index).top() for index in range(page.desk.cursor.last_slice + 1)]
            if page.desk.reading.study is not None
            else [],
        },
    }


def _view(page: StudyPage, view: LongAxisCineView) -> dict[str, Any]:
    to_screen = view.to_screen(QRectF(view.rect()))
    phase = page.desk.cursor.phase

    return {
        "name": view.name,
        "at": on_screen(view, view.rect().center()),
        "own_phase": view.own_phase,
        "zoom": view.viewport.zoom,
        "phases": next(one.stack.phases for one in page.desk.long_axis.cines if one is view._cine),
        "lines": {
            str(index): line_within(view, mapped(ends, to_screen))
            for index, ends in enumerate(view.slices.lines_px)
            if ends is not None
        },
        "runs": {
            label.name: {
                str(index): line_within(view, mapped(run.ends_px, to_screen))
                for index in range(len(view.slices.lines_px))
                for run in view.slices.runs(index, phase)
                if run.label is label
            }
            for label in (Label.LV, Label.RV)
        },
        "counting": [page.desk.review.counts((index, phase)) for index in range(len(view.slices.lines_px))],
        "notes": [view.slices.notes(index, phase) for index in range(len(view.slices.lines_px))],
        "valves": [
            {
                "valve": one.valve.value,
                "drawn": one.drawn,
                "waiting": one.waiting,
                "ends": [on_screen(view, to_screen.map(QPointF(*end))) for end in one.ends_px.tolist()],
            }
            for one in view.valve_lines()
        ],
    }


def _strip(page: StudyPage) -> dict[str, Any]:
    matrix, cells = page.matrix, page.desk.overlays.cells()
    if cells is None or not matrix.isVisible():
        return {"cells": [], "rows_hidden": 0, "doubtful": [], "differing": [], "counts": {}}
    slices, phases = cells.shape
    rows = [matrix.cell_rect(index, phases - 1) for index in range(slices)]
    return {
        "cells": [
            [on_screen(matrix, matrix.cell_rect(index, phase).center()) for phase in range(phases)]
            for index in range(slices)
        ],
        "rows_hidden": sum(not matrix.rect().contains(row.toAlignedRect()) for row in rows),
        "doubtful": np.argwhere(cells == Cell.DOUBTFUL).tolist(),
        "differing": [str(one) for one in matrix.differing],
        "counts": {
            moment.value: [on_screen(matrix, matrix.choice_rect(index, moment).center()) for index in range(slices)]
            for moment in Moment
        },
    }


def _curves(page: StudyPage) -> dict[str, Any]:
    curves, result = page.curves, page.desk.review.result
    if not curves.isVisible() or result is None:
        return {}
    box, line = curves.getPlotItem().vb, curves.moments[Moment.ES]
    height = box.viewRect().center().y()
    at, further = (
        on_screen(curves, curves.mapFromScene(box.mapViewToScene(QPointF(line.value() + step, height))))
        for step in (0, 1)
    )
    ed = result.moments.ed
    return {
        "es_line": at,
        "one_phase": further[0] - at[0],
        "curve_at_ed": None if ed is None else float(curves.volumes_ml(Label.LV)[ed]),
        "rings": {f"{label.name} {moment.value}": told for (label, moment), told in curves.counted.items()},
    }


def _numbers(page: StudyPage) -> dict[str, Any]:
    numbers = page.numbers
    rows = numbers.review_list.findChildren(FindingRow)
    return {
        "numbers": {name: cell.text() for name, cell in numbers.cells.items()},
        "columns": {
            name: area_of(numbers.cells[name]) for name in ("lv.edv_ml", "lv.edv_ml.indexed", "lv.edv_ml.change")
        },
        "heads": [
            {"name": head.name.text(), "value": head.value.text(), "unit": head.unit.text(),
             "interval": head.interval.text()}
            for head in numbers.heads.values()
        ],
        "no_rates": [note.text() for note in numbers.table.no_rates.values() if note.isVisible()],
        "ranges": sum(bar.comparison is not None for bar in numbers.ranges.values()),
        "about": on_screen(numbers.about, numbers.about.rect().center()),
        "form": area_of(numbers.body),
        "fields": {name: on_screen(one, one.rect().center()) for name, one in numbers.body.fields.items()},
        "below_numbers": on_screen(numbers.widget(), QPointF(3, numbers.viewport().height() - 4)),
        "findings": [
            {
                "sentence": row.sentence,
                "opened": row.text.wordWrap(),
                "tooltip": row.text.toolTip(),
                "height": row.height(),
                "line": row.fontMetrics().height(),
                "at": on_screen(row, row.rect().center()),
                "seen": not row.visibleRegion().isEmpty(),
            }
            for row in rows
        ],
    }  # fmt: skip
