"""What the right button offers where it is clicked: commands of the menus, for the frame that is there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from cinecor.measure.moment import Moment

_LINE: Final = ""
IMAGE: Final = (
    "set_ed", "set_es", _LINE, "toggle_slice_ed", "toggle_slice_es", "drop_slice", _LINE, "push", "redraw_arc",
    "new_outline", "brush", _LINE, "model_frame", "accept", _LINE, "level_auto", "zoom_heart", "fit", _LINE,
    "turn_picture", "mirror_picture", "picture_as_taken", _LINE, "save_picture",
)  # fmt: skip
MATRIX: Final = (
    "set_ed", "set_es", _LINE, "toggle_slice_ed", "toggle_slice_es", "drop_slice", _LINE, "accept", "accept_slice",
    _LINE, "carry_phases", "fill_phases", "model_frame", "model_slice",
)  # fmt: skip


CHOICES: Final[Mapping[str, Moment | None]] = MappingProxyType(
    {"toggle_slice_ed": Moment.ED, "toggle_slice_es": Moment.ES, "drop_slice": None}
)
"""What is not offered of a slice where the choice cannot be made; None: at every phase."""


def context_menu(names: tuple[str, ...], actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """Return a menu of the commands with these names; it is deleted when it closes."""
    menu = QMenu(parent)
    for name in names:
        if name == _LINE:
            menu.addSeparator()
        else:
            menu.addAction(actions[name])
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
