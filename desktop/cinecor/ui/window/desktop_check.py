"""`check_desktop`: the desktop started with its fonts, texts and icons, for the self-test."""

import os

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase

from cinecor.app.settings import Settings
from cinecor.errors import CinecorError
from cinecor.language import LANGUAGES
from cinecor.message import Message
from cinecor.ui.window.application import make_application
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.display import require_display, require_plugins
from cinecor_resources import fonts


def check_desktop(*, on_screen: bool) -> str:
    """Return a sentence about what was started: all on an invisible screen, or a hidden window on the user's own.

    Raises `CinecorError` when a part is missing. Qt ends the program when it cannot reach the user's screen.
    """
    return _on_own_screen() if on_screen else _on_invisible_screen()


def _on_own_screen() -> str:
    require_display()
    application = make_application(["cinecor"])
    desktop = Desktop(application, _settings())
    desktop.window.winId()  # made there, never shown
    application.processEvents()
    desktop.close()
    return application.platformName()


def _on_invisible_screen() -> str:
    require_plugins()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application(["cinecor"])
    for path in fonts():
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise CinecorError(
                Message("font_damaged", "The font {file} cannot be loaded; install Cinecor again.", file=path.name)
            )
    for language in LANGUAGES:
        settings = _settings()
        settings.change("language", language)
        desktop = Desktop(application, settings)
        desktop.window.show()
        picture = desktop.window.grab().toImage()
        desktop.close()
        if picture.isNull() or picture.allGray():  # the welcome page has colour
            raise CinecorError(Message("window_empty", "The desktop draws an empty window; install Cinecor again."))
    return f"The desktop starts in {' and '.join(LANGUAGES)} (Qt {qVersion()}, {application.font().family()})."


def _settings() -> Settings:
    """Return settings of no user: the check neither makes nor opens a store."""
    settings = Settings()
    settings.change("keep_studies", False)
    return settings
