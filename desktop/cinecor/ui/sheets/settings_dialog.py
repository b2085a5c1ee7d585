"""`SettingsDialog`: made of the table of settings; every change holds at once."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cinecor.app.settings import HIDDEN_SECTIONS, SETTINGS, Setting, Settings
from cinecor.ui.look.choice_box import ChoiceBox
from cinecor.ui.look.texts import tr


class SettingsDialog(QDialog):
    """One row a setting, by section."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("settings.title"))
        self._settings = settings
        self.fields: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setSpacing(12)
        sections: dict[str, QFormLayout] = {}
        labels: list[QLabel] = []
        for setting in SETTINGS:
            if setting.section in HIDDEN_SECTIONS:
                continue
            if setting.section not in sections:
                group = QGroupBox(tr(f"settings.{setting.section}"))
                sections[setting.section] = QFormLayout(group)
                sections[setting.section].setHorizontalSpacing(18)
                sections[setting.section].setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
                column.addWidget(group)
            field = self._field(setting)
            field.setAccessibleName(tr(f"setting.{setting.name}"))
            self.fields[setting.name] = field
            label = QLabel(tr(f"setting.{setting.name}"))
            label.setBuddy(field)
            labels.append(label)
            sections[setting.section].addRow(label, field)
        for label in labels:  # one column over all sections
            label.setMinimumWidth(max(one.sizeHint().width() for one in labels))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("button.close"))
        defaults = QPushButton(tr("settings.defaults"))
        buttons.addButton(defaults, QDialogButtonBox.ButtonRole.ResetRole)
        defaults.clicked.connect(self._reset)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

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
            number.setSuffix(f" {tr('unit.fps') if setting.unit == 'fps' else setting.unit}")
            number.setValue(int(value))
            number.valueChanged.connect(lambda new, name=setting.name: self._settings.change(name, new))
            return number
        choice = ChoiceBox()
        for name in setting.choices:
            choice.addItem(tr(f"setting.{setting.name}.{name}"), name)
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
