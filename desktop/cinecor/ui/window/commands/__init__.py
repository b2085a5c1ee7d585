"""Every command of the window, a file a menu."""

from typing import Final

from cinecor.ui.window.commands.correct import CORRECT
from cinecor.ui.window.commands.edit import EDIT
from cinecor.ui.window.commands.file import FILE
from cinecor.ui.window.commands.go import GO
from cinecor.ui.window.commands.help import HELP
from cinecor.ui.window.commands.review import REVIEW
from cinecor.ui.window.commands.study import STUDY
from cinecor.ui.window.commands.valves import VALVES
from cinecor.ui.window.commands.view import VIEW

MENUS: Final = (FILE, EDIT, CORRECT, VALVES, GO, VIEW, REVIEW, STUDY, HELP)
