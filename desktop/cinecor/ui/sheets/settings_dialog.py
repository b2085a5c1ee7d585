"""`SettingsDialog`: made of the table of settings; every change holds at once."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.settings import HIDDEN_SECTIONS, LONGEST_TEXT, SETTINGS, Setting, Settings
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.names import choice_name, placeholder, section_name, setting_name, unit_name
from cinecor.ui.look.texts import tr
from cinecor.ui.sheets.sheet import Sheet

_RIMS_PX = 20  # of a line to type in, with room for the caret


class SettingsDialog(Sheet):
    """One row a setting, by section."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(tr("Settings"), parent)
        self._settings = settings
        self.fields: dict[str, QWidget] = {}
        content = QWidget()
        groups = QVBoxLayout(content)
        groups.setContentsMargins(0, 0, 8, 0)
        groups.setSpacing(12)
        sections: dict[str, QFormLayout] = {}
        labels: list[QLabel] = []
        for setting in SETTINGS:
            if setting.section in HIDDEN_SECTIONS:
                continue
            if setting.section not in sections:
                group = QGroupBox(section_name(setting.section))
                sections[setting.section] = QFormLayout(group)
                sections[setting.section].setHorizontalSpacing(18)
                sections[setting.section].setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
                groups.addWidget(group)
            field = self._field(setting)
            field.setAccessibleName(setting_name(setting))
            if settings.is_fixed(setting.name):
                field.setEnabled(False)
                field.setToolTip(tr("Fixed for this computer by whoever administers it."))
            self.fields[setting.name] = field
            label = QLabel(setting_name(setting))
            label.setBuddy(field)
            labels.append(label)
            sections[setting.section].addRow(label, field)
        for label in labels:  # one column over all sections
            label.setMinimumWidth(max(one.sizeHint().width() for one in labels))
        self.lay(content)
        buttons = self.add_close()
        defaults = QPushButton(tr("Defaults"))
        buttons.addButton(defaults, QDialogButtonBox.ButtonRole.ResetRole)
        defaults.clicked.connect(self._reset)
        self.resize(content.sizeHint() + QSize(48, buttons.sizeHint().height() + 40))

    def _field(self, setting: Setting) -> QWidget:
        value = self._settings[setting.name]
        if isinstance(setting.default, bool):
            box = QCheckBox()
            box.setChecked(bool(value))
            box.toggled.connect(lambda on, name=setting.name: self._settings.change(name, on))
            return box
        if isinstance(setting.default, int):
            number = QSpinBox()
            number.setRange(setting.low, setting.high)
            number.setSuffix(" " + unit_name(setting.unit))
            if setting.low == 0:
                number.setSpecialValueText(tr("never"))
            number.setValue(int(value))
            number.valueChanged.connect(lambda new, name=setting.name: self._settings.change(name, new))
            return number
        if setting.is_text:
            line = QLineEdit(str(value))
            line.setMaxLength(LONGEST_TEXT)
            line.setPlaceholderText(placeholder(setting))
            line.setMinimumWidth(line.fontMetrics().horizontalAdvance(line.placeholderText()) + _RIMS_PX)
            line.editingFinished.connect(
                lambda name=setting.name, line=line: self._settings.change(name, line.text().strip())
            )
            return line
        choice = ChoiceBox()
        for name in setting.choices:
            choice.addItem(choice_name(setting.name, name), name)
        choice.setCurrentIndex(setting.choices.index(str(value)))
        choice.activated.connect(
            lambda _, name=setting.name, box=choice: self._settings.change(name, box.currentData())
        )
        return choice

    def _reset(self) -> None:
        for setting in SETTINGS:
            if setting.section not in HIDDEN_SECTIONS:
                self._settings.change(setting.name, setting.default)
        self.accept()
