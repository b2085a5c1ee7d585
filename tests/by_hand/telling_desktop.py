"""Start the desktop as `cinecor` does, and keep telling where its views lie, so that a hand can aim at them.

    python tests/by_hand/telling_desktop.py PLACES.json

Places are pixels of the screen; nothing is done to the program but looking at it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from cinecor.cli.main import main
from cinecor.inference.outline.segmentation import Label
from cinecor.measure.moment import Moment
from cinecor.ui.window.study_page import StudyPage
from cinecor.ui.window.window import Window

_EVERY_MS = 200


def _on_screen(widget: QWidget, at: QPointF | QPoint) -> list[float]:
    there = widget.mapToGlobal(QPointF(at))
    return [there.x(), there.y()]


def _page_places(page: StudyPage) -> dict[str, Any]:
    desk, cine, matrix, curves = page.desk, page.cine, page.matrix, page.curves
    place = (desk.cursor.slice, desk.cursor.phase)
    told: dict[str, Any] = {
        "busy": desk.operations.busy,
        "place": place,
        "cine": _on_screen(cine, cine.rect().center()),
        "open_doubts": len(desk.doubts.open),
        "locked": desk.review.locked,
        "tool": None if page.toolbox.name is None else page.toolbox.name.value,
        "compared": [whose.value for whose in desk.comparing.readings],
        "redrawn": 0 if desk.review.present is None else len(desk.review.present.corrections.frames),
        "status": page.banner.status.text(),
        "exported": page.banner.exported.text(),
        "message": page.messages.text.text() if page.messages.isVisible() else "",
    }
    labels = desk.overlays.labels
    if labels is not None and (labels[place] == Label.LV).any():
        within = np.argwhere(labels[place] == Label.LV)
        middle, radius = within.mean(axis=0)[::-1] + 0.5, float(np.sqrt(len(within) / np.pi))
        told["cavity"] = _on_screen(cine, cine.to_screen().map(QPointF(*middle)))
        told["cavity_radius"] = radius * cine.to_screen().m11()
    if labels is not None and matrix.isVisible():
        slices, phases = labels.shape[:2]
        told["cells"] = [
            [_on_screen(matrix, matrix.cell_rect(index, phase).center()) for phase in range(phases)]
            for index in range(slices)
        ]
        told["counts"] = {
            moment.value: [_on_screen(matrix, matrix.choice_rect(index, moment).center()) for index in range(slices)]
            for moment in Moment
        }
    if curves.isVisible() and desk.review.result is not None:
        box, line = curves.getPlotItem().vb, curves.moments[Moment.ES]
        height = box.viewRect().center().y()
        at, further = (
            _on_screen(curves, curves.mapFromScene(box.mapViewToScene(QPointF(line.value() + step, height))))
            for step in (0, 1)
        )
        told |= {"es_line": at, "one_phase": further[0] - at[0]}
    return told


def _places() -> dict[str, Any]:
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, Window) and one.isVisible()]
    if not windows:
        return {}
    window = windows[0]
    worklist = window.home.worklist
    if not worklist.table.isVisible():
        return {} if window.page is None else _page_places(window.page)
    search, header = worklist.search, worklist.table.horizontalHeader()
    heading_y = header.rect().center().y()
    told: dict[str, Any] = {
        "rows": [worklist.model.row(at).source for at in range(worklist.model.rowCount())],
        "search": _on_screen(search, search.rect().center()),
        "headings": [
            _on_screen(header.viewport(), QPoint(header.sectionViewportPosition(at) + 20, heading_y))
            for at in range(header.count())
        ],
    }
    if told["rows"]:
        first = worklist.table.visualRect(worklist.model.index(0, 0)).center()
        told["first_row"] = _on_screen(worklist.table.viewport(), first)
    return told


def _tell(path: Path) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(_places()), encoding="utf-8")
    beside.replace(path)


def _start(path: Path) -> int:
    run = QApplication.exec

    def telling(*_: object) -> int:
        timer = QTimer()
        timer.timeout.connect(lambda: _tell(path))
        timer.start(_EVERY_MS)
        return int(run())

    QApplication.exec = telling  # type: ignore[assignment,method-assign]
    return main([])


if __name__ == "__main__":
    sys.exit(_start(Path(sys.argv[1])))
