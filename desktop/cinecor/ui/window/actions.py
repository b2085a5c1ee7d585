"""`ACTIONS`: everything a person can do, in one table; menus, command palette and key sheet are made of it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Action:
    """One command: the method of `Commands` with its name runs it, `action.<name>` is its text."""

    name: str
    menu: str
    keys: tuple[str, ...] = ()
    needs_study: bool = True
    in_views: bool = False  # the key belongs to the views: a list or a button that has the focus keeps it
    separated: bool = False  # a line above it in the menu


ACTIONS: Final = (
    Action("open_folder", "file", ("Ctrl+O",), needs_study=False),
    Action("open_file", "file", ("Ctrl+Shift+O",), needs_study=False),
    Action("open_demo", "file", needs_study=False),
    Action("clear_recent", "file", needs_study=False),
    Action("save_results", "file", ("Ctrl+S",), separated=True),
    Action("save_picture", "file", ("Ctrl+P",)),
    Action("save_animation", "file", ("Ctrl+Shift+P",)),
    Action("save_curves", "file"),
    Action("close_study", "file", ("Ctrl+W",), separated=True),
    Action("quit", "file", ("Ctrl+Q",), needs_study=False),
    Action("undo", "edit", ("Ctrl+Z",)),
    Action("redo", "edit", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Action("toggle_slice_ed", "edit", ("Shift+D",), separated=True),
    Action("toggle_slice_es", "edit", ("Shift+S",)),
    Action("drop_slice", "edit", ("Shift+X",)),
    Action("set_ed", "edit", ("Ctrl+D",), separated=True),
    Action("set_es", "edit", ("Ctrl+E",)),
    Action("reset_moments", "edit"),
    Action("settings", "edit", ("Ctrl+,",), needs_study=False, separated=True),
    Action("slice_up", "go", ("Up",), in_views=True),
    Action("slice_down", "go", ("Down",), in_views=True),
    Action("slice_base", "go", ("Home",), in_views=True),
    Action("slice_apex", "go", ("End",), in_views=True),
    Action("phase_back", "go", ("Left",), in_views=True, separated=True),
    Action("phase_on", "go", ("Right",), in_views=True),
    Action("go_ed", "go", ("D",)),
    Action("go_es", "go", ("S",)),
    Action("play", "go", ("Space",), in_views=True, separated=True),
    Action("faster", "go", (".",)),
    Action("slower", "go", (",",)),
    Action("layout_1", "view", ("1",)),
    Action("layout_2", "view", ("2",)),
    Action("layout_3", "view", ("3",)),
    Action("layout_4", "view", ("4",)),
    Action("grid_mode", "view", ("G",)),
    Action("study_panel", "view", ("F2",)),
    Action("overlay", "view", ("O",), separated=True),
    Action("overlay_style", "view", ("Shift+O",)),
    Action("interpolation", "view", ("I",)),
    Action("level_auto", "view", ("A",), separated=True),
    Action("level_bright", "view", ("Shift+A",)),
    Action("level_dark", "view"),
    Action("level_full", "view"),
    Action("zoom_in", "view", ("+", "="), separated=True),
    Action("zoom_out", "view", ("-",)),
    Action("fit", "view", ("F",)),
    Action("zoom_heart", "view", ("H",)),
    Action("turn_cut", "view", ("T",)),
    Action("theme", "view", ("F8",), needs_study=False, separated=True),
    Action("full_screen", "view", ("F11",), needs_study=False),
    Action("segment", "study", ("Ctrl+R",)),
    Action("stop", "study", ("Escape",)),
    Action("audit", "study", ("F3",), separated=True),
    Action("take_series", "study"),
    Action("next_study", "study", ("Ctrl+Tab",), separated=True),
    Action("palette", "help", ("Ctrl+K",), needs_study=False),
    Action("key_sheet", "help", ("F1",), needs_study=False),
    Action("device", "help", needs_study=False),
    Action("licences", "help", needs_study=False),
    Action("about", "help", needs_study=False),
)
MENUS: Final = ("file", "edit", "go", "view", "study", "help")
MOUSE: Final = ("scrub", "level", "pan", "slice", "zoom", "fit", "matrix", "choice", "moment", "turn")
"""What the mouse does, for the key sheet; the texts are `mouse.<name>` and `mouse.<name>.how`."""
