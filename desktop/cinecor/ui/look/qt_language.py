"""`speak`: the words of Qt's own dialogs in the language in use."""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

_translators: list[QTranslator] = []


def speak(application: QApplication, language: str) -> None:
    """Load what Qt ships for a language; English needs nothing, and what Qt lacks stays English."""
    while _translators:
        application.removeTranslator(_translators.pop())
    QLocale.setDefault(QLocale(language))
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != "en" and translator.load(f"qtbase_{language}", folder):
        application.installTranslator(translator)
        _translators.append(translator)
