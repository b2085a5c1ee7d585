"""`Theme`: the colours of the desktop, dark and light, and the font; safe for colour-blind readers (Okabe and Ito)."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from cinecor.inference.outline.segmentation import Label
from cinecor_resources import fonts, tick


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours, as #rrggbb; every text has a contrast of 4.5 or more on `window`, `panel` and `raised`."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    quiet: str  # secondary text
    accent: str  # focus, and what is chosen: the colour of no structure
    on_accent: str
    lv: str
    rv: str
    myo: str
    doubt: str  # always with a shape or a mark beside it
    refused: str  # what was typed and is not taken
    cell_line: str  # of cells that hold no outline: a frame, or hatched
    cell_segmented: str  # the usual state, which asks for no eye
    on_cell: str  # marks on `cell_segmented`

    def structure(self, label: Label) -> QColor:
        """Return the colour of a structure in text and curves."""
        return QColor({Label.LV: self.lv, Label.RV: self.rv, Label.MYO: self.myo}[label])


DARK: Final = Theme(
    name="dark",
    window="#101214",
    panel="#16191c",
    raised="#23272c",
    line="#2d3237",
    text="#e6e8ea",
    quiet="#9aa3ab",
    accent="#e6e8ea",
    on_accent="#101214",
    lv="#e69f00",
    rv="#56b4e9",
    myo="#1fbf92",
    doubt="#d982b4",
    refused="#ee7f6d",
    cell_line="#626b73",
    cell_segmented="#2e343a",
    on_cell="#ffffff",
)
LIGHT: Final = Theme(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    raised="#e9ecf0",
    line="#cfd5dc",
    text="#171b20",
    quiet="#56606d",
    accent="#2b3138",
    on_accent="#ffffff",
    lv="#a35600",
    rv="#006aa6",
    myo="#007a5a",
    doubt="#8f1a63",
    refused="#b3261e",
    cell_line="#828b97",
    cell_segmented="#dde2e8",
    on_cell="#10151b",
)

HERE: Final = "#e8ebef"
"""The frame of what the cursor is on, over images: the colour of no structure."""

OVERLAY: Final = {Label.RV: "#56b4e9", Label.MYO: "#1fbf92", Label.LV: "#f0a818"}
"""Structures over images, which are dark in either theme."""


def theme_named(name: str) -> Theme:
    """Return a theme by the name in the settings; "system" follows the desktop environment."""
    if name == "system":
        scheme = QApplication.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK
    return LIGHT if name == "light" else DARK


def load_font() -> str:
    """Make the bundled font known to Qt and give its family."""
    family = "sans-serif"
    for path in reversed(fonts()):
        number = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        family = families[0] if families else family
    return family


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    sheet = _style_sheet(theme)
    if application.styleSheet() == sheet:
        return  # it is dressed so: to do it again takes as long as anew
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setStyleSheet(sheet)


def body_font(family: str) -> QFont:
    """Return the font of all widgets; its size is in points, so that it follows the screen's scaling."""
    font = QFont(family)
    font.setPointSizeF(9.75)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.raised),
        (role.Text, theme.text),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.doubt),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.quiet),
        (role.Mid, theme.line),
        (role.Accent, theme.accent),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.quiet))
    return palette


def _style_sheet(theme: Theme) -> str:
    on_box, in_menu = (
        tick(ink).as_posix() for ink in (("dark", "light") if theme.name == "dark" else ("light", "dark"))
    )
    return f"""
    QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line}; padding: 4px 6px; }}
    QDialogButtonBox, QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QMenuBar {{ background: {theme.window}; padding: 2px 4px; }}
    QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; }}
    QMenuBar::item:selected {{ background: {theme.raised}; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 3px; }}
    QMenu::item:selected {{ background: {theme.raised}; color: {theme.text}; }}
    QMenu::item:disabled {{ color: {theme.quiet}; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 6px; }}
    QStatusBar {{ background: {theme.panel}; border-top: 1px solid {theme.line}; }}
    QStatusBar::item {{ border: none; }}
    QSplitter::handle {{ background: {theme.window}; }}
    QSplitter::handle:hover {{ background: {theme.accent}; }}
    QTabWidget::pane {{ border: none; }}
    QTabBar::tab {{ padding: 6px 12px; color: {theme.quiet}; border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
    QPushButton, QToolButton {{
        background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 4px; padding: 4px 10px;
    }}
    QToolButton {{ padding: 4px 6px; }}
    QToolButton[tab="true"] {{ background: transparent; border: none; color: {theme.quiet}; padding: 3px 8px; }}
    QToolButton[tab="true"]:checked {{ background: {theme.raised}; color: {theme.text}; }}
    QToolButton[tab="true"]:focus {{ border: 2px solid {theme.text}; padding: 1px 6px; }}
    QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:checked, QToolButton:checked {{
        background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
    }}
    QPushButton:focus {{ border: 2px solid {theme.text}; padding: 3px 9px; }}
    QToolButton:focus {{ border: 2px solid {theme.text}; padding: 3px 5px; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {theme.quiet}; }}
    QPushButton[primary="true"] {{
        background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; padding: 7px 16px;
    }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {theme.text}; padding: 6px 15px; }}
    QCheckBox::indicator {{
        width: 14px; height: 14px; border: 1px solid {theme.quiet}; border-radius: 3px; background: {theme.panel};
    }}
    QCheckBox::indicator:checked {{
        background: {theme.accent}; border-color: {theme.accent}; image: url("{on_box}");
    }}
    QCheckBox::indicator:disabled {{ border-color: {theme.cell_line}; }}
    QCheckBox::indicator:checked:disabled {{ background: {theme.cell_line}; }}
    QCheckBox::indicator:focus {{ border: 2px solid {theme.text}; width: 12px; height: 12px; }}
    QMenu::indicator {{ width: 12px; height: 12px; margin-left: 4px; }}
    QMenu::indicator:checked {{ image: url("{in_menu}"); }}
    QToolButton[menu="true"]::menu-indicator {{ image: none; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.line}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
    QSlider::sub-page:horizontal:disabled {{ background: {theme.line}; }}
    QSlider::handle:horizontal {{
        width: 12px; margin: -5px 0; border: 1px solid {theme.panel}; border-radius: 7px; background: {theme.text};
    }}
    QSlider::handle:horizontal:disabled {{ background: {theme.quiet}; }}
    QSlider:focus {{ border: 2px solid {theme.text}; border-radius: 4px; }}
    QScrollArea[reached="true"] {{ border: 2px solid transparent; }}
    QScrollArea[reached="true"]:focus {{ border-color: {theme.accent}; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; margin: 0; }}
    QScrollBar::handle:vertical {{
        background: {theme.cell_line}; border-radius: 3px; min-height: 28px; margin: 0 2px;
    }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 0; }}
    QScrollBar::handle:horizontal {{
        background: {theme.cell_line}; border-radius: 3px; min-width: 28px; margin: 2px 0;
    }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QToolButton[link="true"] {{ background: transparent; color: {theme.accent}; text-decoration: underline;
        padding: 0; border: 1px solid transparent; }}
    QToolButton[link="true"]:focus {{ border: 1px solid {theme.text}; padding: 0; }}
    QTreeView, QTableView, QListView, QTextBrowser {{ border: 1px solid {theme.line}; border-radius: 4px; }}
    QTreeView, QTableView, QListView {{ selection-background-color: {theme.raised}; selection-color: {theme.text}; }}
    QTreeView:focus, QTableView:focus, QListView:focus, QTextBrowser:focus {{ border-color: {theme.accent}; }}
    QTableView[roomy="true"]::item {{ padding: 0 5px; }}
    QHeaderView::section {{
        background: {theme.panel}; color: {theme.quiet}; border: none; border-bottom: 1px solid {theme.line};
        padding: 4px 8px;
    }}
    QLabel[quiet="true"] {{ color: {theme.quiet}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QFrame[panel="true"] {{ background: {theme.panel}; }}
    QFrame[banner="true"] {{ background: {theme.window}; border-bottom: 1px solid {theme.line}; }}
    QFrame[message="true"] {{ background: {theme.raised}; border: 1px solid {theme.cell_line}; border-radius: 6px; }}
    QProgressBar {{
        border: none; background: {theme.raised}; border-radius: 3px; max-height: 6px; min-height: 6px;
    }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
    """
