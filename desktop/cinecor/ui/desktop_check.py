"""`check_desktop`: the desktop started on an invisible screen, with its fonts, texts and icons, for the self-test."""

import os

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase

from cinecor.app.settings import Settings
from cinecor.errors import CinecorError
from cinecor.ui.desktop import Desktop, make_application
from cinecor.ui.display import require_display
from cinecor.ui.texts import LANGUAGES
from cinecor_resources import fonts


def check_desktop() -> str:
    """Give a sentence about what was started. Raises `CinecorError` when a part is missing."""
    require_display()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application(["cinecor"])
    for path in fonts():
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise CinecorError(f"The font {path.name} cannot be loaded; install Cinecor again.")
    for language in LANGUAGES:
        settings = Settings()
        settings.change("language", language)
        desktop = Desktop(application, settings)
        desktop.window.show()
        picture = desktop.window.grab().toImage()
        desktop.close()
        if picture.isNull() or picture.allGray():  # the welcome page has colour
            raise CinecorError("The desktop draws an empty window; install Cinecor again.")
    return f"The desktop starts in {' and '.join(LANGUAGES)} (Qt {qVersion()}, {application.font().family()})."
