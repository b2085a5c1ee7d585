"""`ReferenceSheet`: which reference table each value is compared with, and the site's own tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.reference import ReferenceShelf, replaced_message
from cinecor.errors import CinecorError
from cinecor.measure.quantity import QUANTITIES, quantity
from cinecor.measure.reference.comparison import AUTOMATIC, NONE, ReferenceBook
from cinecor.measure.reference.table import MID_WALL, Measure, Papillary, Person, ReferenceTable, Sex
from cinecor.measure.reference.table_file import FaultyTable
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.labels import quiet_label
from cinecor.ui.look.texts import said, tr, tr_counted
from cinecor.ui.sheets.sheet import Sheet

_LETTERS = 24  # that a choice shows at least, however long its table is called
_ORDER: Final = [one.field for one in QUANTITIES]


class ReferenceSheet(Sheet):
    """Every choice holds at once; `changed` is called after each, so that open studies compare anew."""

    def __init__(self, shelf: ReferenceShelf, *, changed: Callable[[], None], parent: QWidget) -> None:
        super().__init__(tr("Reference tables"), parent)
        self._shelf, self._changed = shelf, changed
        self.ask_file: Callable[[], Path | None] = self._asked_file
        self.choices: dict[str, ChoiceBox] = {}
        self.removals: dict[str, QPushButton] = {}
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setProperty("quiet", True)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self.lay(self._content)
        self.column.addWidget(self.told)
        add = QPushButton(tr("Add a table…"))
        add.clicked.connect(self._add)
        self.add_close().addButton(add, QDialogButtonBox.ButtonRole.ActionRole)
        self._fill()
        self.resize(640, 620)

    # -- content

    def _fill(self) -> None:
        """Show tables and choices as they are on the disk."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self.choices, self.removals = {}, {}
        book = self._shelf.book()
        self._tell_book(book)
        intro = quiet_label(
            tr(
                "A value is compared with rows of its own convention alone: where papillary muscles count, and whether "
                "the RV’s outflow tract does. A table that does not say may be chosen; the range says so then."
            )
        )
        self._column.addWidget(intro)
        group = QGroupBox(tr("Compared with"))
        form = QFormLayout(group)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for measure in sorted({measure for table in book.tables for measure in table.measures}, key=_place):
            box = self._choice(measure, book.tables, chosen=book.choices.get(measure.key, AUTOMATIC))
            form.addRow(measure_name(measure), box)
        self._column.addWidget(group)
        tables = QGroupBox(tr("Tables"))
        column = QVBoxLayout(tables)
        for table in book.tables:
            column.addLayout(self._table_row(table))
        self._column.addWidget(tables)
        self._column.addStretch()

    def _choice(self, measure: Measure, tables: tuple[ReferenceTable, ...], *, chosen: str) -> ChoiceBox:
        box = ChoiceBox()
        box.setAccessibleName(tr("Compared with: {measure}", measure=measure_name(measure)))
        box.addItem(_automatic(measure, tables), AUTOMATIC)
        box.addItem(tr("None: no range is shown"), NONE)
        for table in tables:
            if table.of(measure):
                box.addItem(table.title, table.id)
        box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(_LETTERS)
        if box.findData(chosen) < 0:
            box.addItem(tr("{table}: cannot be used", table=chosen), chosen)
        box.setCurrentIndex(box.findData(chosen))
        box.activated.connect(lambda _: self._choose(measure.key, box.currentData()))
        self.choices[measure.key] = box
        return box

    def _table_row(self, table: ReferenceTable) -> QHBoxLayout:
        row = QHBoxLayout()
        state = tr("this site’s") if table.own else tr("in use") if table.active else tr("only where chosen")
        ranges = tr_counted("{n} range", "{n} ranges", n=len(table.rows))
        sources = dict.fromkeys(one.source for one in table.rows)
        label = QLabel(f"{table.title} · {state} · {ranges}\n" + "\n".join(sources))
        label.setWordWrap(True)
        row.addWidget(label, 1)
        if table.own:
            remove = QPushButton(tr("Remove"))
            remove.setAccessibleName(tr("Remove {name}", name=table.title))
            remove.clicked.connect(lambda _=False: self._remove(table.id))
            self.removals[table.id] = remove
            row.addWidget(remove)
        return row

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))

    def _tell_book(self, book: ReferenceBook, *first: Message) -> None:
        self._tell("\n".join(said(message) for message in (*first, *book.told.values())))

    # -- what is done

    def _choose(self, key: str, table_id: str) -> None:
        self._try(lambda: self._chosen(key, table_id), refill=False)

    def _chosen(self, key: str, table_id: str) -> None:
        if self._shelf.book().choices.get(key, AUTOMATIC) != table_id:  # else one that cannot be used stays as it is
            self._shelf.choose(key, table_id)

    def _remove(self, table_id: str) -> None:
        self._try(lambda: self._shelf.remove(table_id))

    def _add(self) -> None:
        path = self.ask_file()
        if path is not None:
            self._try(lambda: self._added(path))

    def _added(self, path: Path) -> Message | None:
        kept = self._shelf.add(path)
        return replaced_message(kept.table.id) if kept.replaced else None

    def _try(self, change: Callable[[], Message | None], *, refill: bool = True) -> None:
        """Make a change, let it hold and say what it returns; or why it cannot be made: of a table, with its lines."""
        try:
            told = change()
        except FaultyTable as error:
            self._tell("\n".join(said(fault) for fault in error.faults))
            return
        except CinecorError as error:
            self._tell(said(error.message))
            return
        if refill:
            self._fill()
        self._tell_book(self._shelf.book(), *(() if told is None else (told,)))
        self._changed()

    def _asked_file(self) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Add a table…").removesuffix("…"), filter="CSV (*.csv)")
        return Path(name) if name else None


def _place(measure: Measure) -> tuple[bool, int, bool]:
    """Return where a measure stands: as in the numbers panel, what is no quantity last of its ventricle."""
    known = measure.field in _ORDER
    return (
        measure.ventricle is Ventricle.RV,
        _ORDER.index(measure.field) if known else len(_ORDER),
        measure.indexed,
    )


def _automatic(measure: Measure, tables: tuple[ReferenceTable, ...]) -> str:
    """Return what is compared with where nothing is chosen: men and women, by where papillary muscles count."""
    cavity = _titles(measure, tables, Papillary.CAVITY)
    mass = cavity if measure.ventricle is Ventricle.RV else _titles(measure, tables, Papillary.MASS)
    if cavity == mass:
        told = cavity or tr("no table is in use")
    elif not mass:
        told = tr("{tables}, while papillary muscles are cavity", tables=cavity)
    elif not cavity:
        told = tr("{tables}, while papillary muscles are mass", tables=mass)
    else:
        told = tr("{cavity}; where papillary muscles are mass {mass}", cavity=cavity, mass=mass)
    return tr("Automatic: {tables}", tables=told)


def _titles(measure: Measure, tables: tuple[ReferenceTable, ...], papillary: Papillary) -> str:
    """Return the tables in use that have a range of a convention, men's and women's; empty where all are refused."""
    book = ReferenceBook(tables)
    found = (book.fits(measure, person=Person(sex), papillary=papillary) for sex in Sex)
    return "; ".join(dict.fromkeys(table.title for table in found if table is not None))


def measure_name(measure: Measure) -> str:
    """Return what a measure is called, with its unit."""
    if measure.field == MID_WALL:
        return tr("Mid wall at ED, mm")
    what = quantity(measure.field)
    return f"{said(what.called(measure.ventricle))}, {what.unit}{'/m²' if measure.indexed else ''}"
