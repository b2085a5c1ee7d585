"""`ExportSheet`: in which forms the study in front is to be taken along, and whether under a pseudonym."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.export_options import OF_DICOM, Anonymity, ExportOptions, Form
from cinecor.app.report_study import ReportOptions
from cinecor.app.settings import BY_NAME, LONGEST_TEXT, Settings
from cinecor.report.earlier_reading import EarlierReading
from cinecor.ui.look.names import placeholder
from cinecor.ui.look.texts import N_, language_in_use, tr, tr_counted
from cinecor.ui.sheets.sheet import Sheet

_FORMS: Final = {
    Form.PDF: N_("Report (PDF, and as DICOM object)"),
    Form.CAPTURE: N_("First page of the report as an image (DICOM)"),
    Form.SEG: N_("Outlines for other viewers (DICOM SEG)"),
    Form.SR: N_("Numbers for the archive (DICOM SR)"),
    Form.NIFTI: N_("Outlines as label map (NIfTI)"),
    Form.CSV: N_("Volumes and results (CSV, JSON)"),
    Form.IMAGES: N_("Images without identity (DICOM)"),
}
_USUAL: Final = (Form.PDF, Form.SEG, Form.SR)
_WORDS_PX: Final = 88  # five lines; more scroll


class ExportSheet(Sheet):
    """Tells `wanted` what is asked for; the choices of `dicom` inputs are greyed for others."""

    wanted = Signal(object)  # ExportOptions

    def __init__(
        self,
        parent: QWidget,
        *,
        dicom: bool,
        settings: Settings,
        impression: str = "",
        earlier: tuple[EarlierReading, ...] = (),
    ) -> None:
        super().__init__(tr("Export"), parent)
        self._dicom, self._settings, self._earlier = dicom, settings, earlier
        self.forms = {form: QCheckBox(tr(text)) for form, text in _FORMS.items()}
        for form, box in self.forms.items():
            box.setChecked(form in _USUAL and (dicom or form is Form.PDF))
            box.setEnabled(dicom or form not in OF_DICOM)
            if not box.isEnabled():
                box.setToolTip(tr("A NIfTI study has no DICOM images to refer to."))
            box.toggled.connect(self._follow)
        self.whole_cine = QCheckBox(tr("One SEG for the whole cine instead of one a phase"))
        self.anonymous = QCheckBox(tr("Without identity"))
        self.characteristics = QCheckBox(tr("Keep sex, age, height and weight"))
        self.pseudonym = QLineEdit()
        self.pseudonym.setPlaceholderText(tr("one that says nothing"))
        self.department, self.logo = (self._of_settings(name) for name in ("department", "logo"))
        self.impression = QPlainTextEdit(impression)
        self.impression.setFixedHeight(_WORDS_PX)
        self.impression.setTabChangesFocus(True)
        self.impression.setAccessibleName(tr("Impression"))
        self.impression.setToolTip(tr("It stands in the report and in the SR, and is kept with the study."))
        self.compare = QCheckBox(
            tr_counted(
                "Compare with {n} earlier study of this patient",
                "Compare with {n} earlier studies of this patient",
                n=len(earlier),
            )
        )
        self.compare.setChecked(bool(earlier))
        self.compare.setVisible(bool(earlier))
        self.compare.setToolTip(tr("What is kept of studies with the same patient ID and name."))
        self._lay_out()
        self.anonymous.toggled.connect(self._follow)
        self._follow()

    @property
    def options(self) -> ExportOptions:
        """What is chosen now."""
        forms = frozenset(form for form, box in self.forms.items() if box.isChecked() and box.isEnabled())
        anonymity = None
        if self.anonymous.isChecked():
            anonymity = Anonymity(self.characteristics.isChecked(), self.pseudonym.text().strip())
        return ExportOptions(
            forms,
            whole_cine=self.whole_cine.isChecked(),
            report=ReportOptions(
                language=language_in_use().code,
                department=self.department.text().strip(),
                logo=Path(self.logo.text().strip()) if self.logo.text().strip() else None,
                impression=self.impression.toPlainText().strip(),
                kept=self._earlier if self.compare.isChecked() and self.compare.isEnabled() else (),
            ),
            anonymity=anonymity,
        )

    def _of_settings(self, name: str) -> QLineEdit:
        """Return a field for a setting, which remembers what is written there for every report."""
        line = QLineEdit(self._settings.text(name))
        line.setPlaceholderText(placeholder(BY_NAME[name]))
        line.setMaxLength(LONGEST_TEXT)
        line.setEnabled(not self._settings.is_fixed(name))
        line.editingFinished.connect(lambda: self._settings.change(name, line.text().strip()))
        return line

    def _lay_out(self) -> None:
        what = QGroupBox(tr("Forms"))
        column = QVBoxLayout(what)
        for box in (*self.forms.values(), self.whole_cine):
            column.addWidget(box)
        whose = QGroupBox(tr("Identity"))
        rows = QFormLayout(whose)
        rows.addRow(self.anonymous)
        rows.addRow(self.characteristics)
        rows.addRow(tr("Pseudonym"), self.pseudonym)
        page = QGroupBox(tr("Report"))
        fields = QFormLayout(page)
        fields.addRow(tr("Department"), self.department)
        fields.addRow(tr("Logo"), self.logo)
        fields.addRow(tr("Impression"), self.impression)
        fields.addRow(self.compare)
        for group in (what, whose, page):
            self.column.addWidget(group)
        buttons = self.add_close()
        self.go = QPushButton(tr("Export…"))
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        self.go.clicked.connect(self._ask)

    def _follow(self) -> None:
        """Grey what the other choices leave no room for."""
        anonymous = self.anonymous.isChecked()
        self.characteristics.setEnabled(anonymous)
        self.pseudonym.setEnabled(anonymous)
        images = self.forms[Form.IMAGES]
        images.setEnabled(self._dicom and anonymous)
        # When somebody was scanned before is part of who it is.
        self.compare.setEnabled(bool(self._earlier) and not anonymous and self.forms[Form.PDF].isChecked())
        # Whose report it is, and what a reader writes, may name the patient.
        for line, name in ((self.department, "department"), (self.logo, "logo")):
            line.setEnabled(not anonymous and not self._settings.is_fixed(name))
        self.impression.setEnabled(not anonymous)
        self.whole_cine.setEnabled(self.forms[Form.SEG].isChecked())
        self.go.setEnabled(bool(self.options.forms))

    def _ask(self) -> None:
        self.wanted.emit(self.options)
        self.accept()
