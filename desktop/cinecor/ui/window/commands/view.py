"""The menu View: what is shown, and how."""

from typing import Final

from PySide6.QtCore import Qt

from cinecor.scene.picture_turn import AS_TAKEN
from cinecor.ui.look.texts import N_
from cinecor.ui.sheets.level_sheet import LevelSheet
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.window.command import AtStudy, Bench, Menu

VIEW: Final = Menu(N_("View"))

_ZOOM_STEP = 1.25
_CUT_STEP_DEGREES = 10
_OVERLAYS = ("outline", "fill", "both")


@VIEW.study_command(N_("Layout: reading"), "1")
def layout_1(at: AtStudy) -> None:
    """Show the slice large, with the long-axis views, matrix, curves and numbers."""
    at.bench.settings.change("layout", "1")


@VIEW.study_command(N_("Layout: correcting"), "2")
def layout_2(at: AtStudy) -> None:
    """Show the slice as large as it can be beside matrix and numbers."""
    at.bench.settings.change("layout", "2")


@VIEW.study_command(N_("Layout: comparing"), "3", also=N_("grid slices phases beside each other"))
def layout_3(at: AtStudy) -> None:
    """Show all slices of a phase, or all phases of a slice."""
    at.bench.settings.change("layout", "3")


@VIEW.study_command(N_("Layout: base and apex"), "4")
def layout_4(at: AtStudy) -> None:
    """Show a slice beside the long-axis views, with matrix and numbers."""
    at.bench.settings.change("layout", "4")


@VIEW.study_command(N_("Layout: image alone"), "5")
def layout_5(at: AtStudy) -> None:
    """Show one slice and nothing beside it."""
    at.bench.settings.change("layout", "5")


@VIEW.study_command(N_("Grid: slices or phases"), "G")
def grid_mode(at: AtStudy) -> None:
    """Show the grid, of the other axis."""
    settings = at.bench.settings
    settings.change("grid", "phases" if settings.text("grid") == "slices" else "slices")
    settings.change("layout", "3")


@VIEW.study_command(N_("Bull’s-eye or volumes"), "Shift+W")
def bullseye(at: AtStudy) -> None:
    """Show the wall's segments in the place of the volume curves, or these again."""
    at.bench.settings.change("bullseye", not at.bench.settings.flag("bullseye"))


@VIEW.study_command(N_("Study panel"), "F2")
def study_panel(at: AtStudy) -> None:
    """Show or hide the study panel."""
    at.bench.settings.change("study_panel", not at.bench.settings.flag("study_panel"))


@VIEW.study_command(N_("Overlay on or off"), "O", separated=True, also=N_("show hide contours masks outlines"))
def overlay(at: AtStudy) -> None:
    """Hide the overlay, or bring the same back."""
    settings = at.bench.settings
    now = settings.text("overlay")
    if now == "off":
        kept = settings.state.get("overlay", "")
        settings.change("overlay", kept if kept in _OVERLAYS else _OVERLAYS[0])
    else:
        settings.state["overlay"] = now
        settings.change("overlay", "off")


@VIEW.study_command(N_("Overlay: outline, fill, both"), "Shift+O", also=N_("contours masks opacity"))
def overlay_style(at: AtStudy) -> None:
    """Lay labels over the images in the next way."""
    now = at.bench.settings.text("overlay")
    following = _OVERLAYS[(_OVERLAYS.index(now) + 1) % len(_OVERLAYS)] if now in _OVERLAYS else _OVERLAYS[0]
    at.bench.settings.change("overlay", following)


@VIEW.study_command(N_("Smooth or single pixels"), "I")
def interpolation(at: AtStudy) -> None:
    """Show the images smooth, or pixel by pixel."""
    settings = at.bench.settings
    settings.change("interpolation", "pixel" if settings.text("interpolation") == "smooth" else "smooth")


@VIEW.study_command(N_("Window: automatic"), "A", separated=True, also=N_("contrast brightness grey level"))
def level_auto(at: AtStudy) -> None:
    """Show the usual range of pixel values."""
    _show_preset(at, "auto")


@VIEW.study_command(N_("Window: brighter"), "Shift+A")
def level_bright(at: AtStudy) -> None:
    """Show the images brighter."""
    _show_preset(at, "bright")


@VIEW.study_command(N_("Window: darker"))
def level_dark(at: AtStudy) -> None:
    """Show the images darker."""
    _show_preset(at, "dark")


@VIEW.study_command(N_("Window: full range"))
def level_full(at: AtStudy) -> None:
    """Show every pixel value."""
    _show_preset(at, "full")


def _show_preset(at: AtStudy, name: str) -> None:
    at.page.images.main.show_preset(name)


@VIEW.study_command(N_("Window: numbers…"), "Ctrl+Shift+L")
def level_numbers(at: AtStudy) -> None:
    """Type width and level."""
    view, large = at.page.images.main, at.page.images.large
    alone = "" if large is None else large.name
    LevelSheet(view.level, view.window_now, alone=alone, parent=at.bench.window).open()


@VIEW.study_command(N_("Zoom in"), "+", "=", separated=True)
def zoom_in(at: AtStudy) -> None:
    """Show the slice larger."""
    at.page.images.main.zoom_by(_ZOOM_STEP)


@VIEW.study_command(N_("Zoom out"), "-")
def zoom_out(at: AtStudy) -> None:
    """Show the slice smaller."""
    at.page.images.main.zoom_by(1 / _ZOOM_STEP)


@VIEW.study_command(N_("Whole image"), "F")
def fit(at: AtStudy) -> None:
    """Show the whole slice."""
    at.page.images.main.show_whole()


@VIEW.study_command(N_("Zoom to the heart"), "H")
def zoom_heart(at: AtStudy) -> None:
    """Show the heart as large as it fits."""
    at.page.images.main.zoom_to_heart()


@VIEW.study_command(N_("Turn the picture"), "Ctrl+T", separated=True, also=N_("rotate 90° orientation"))
def turn_picture(at: AtStudy) -> None:
    """Show the slice a quarter further clockwise; letters and measurements follow, no data change."""
    view = at.page.images.main
    view.show_turned(view.turn.turned())


@VIEW.study_command(N_("Mirror the picture"), "Ctrl+Shift+T", also=N_("flip left right orientation"))
def mirror_picture(at: AtStudy) -> None:
    """Show the slice with left and right exchanged; letters and measurements follow, no data change."""
    view = at.page.images.main
    view.show_turned(view.turn.flipped())


@VIEW.study_command(N_("Picture as taken"))
def picture_as_taken(at: AtStudy) -> None:
    """Show the slice neither turned nor mirrored."""
    at.page.images.main.show_turned(AS_TAKEN)


@VIEW.study_command(
    N_("Next long-axis view large"),
    "Shift+L",
    when=lambda page: bool(page.desk.long_axis.cines),
    also=N_("2-chamber 4-chamber valve main place zoom"),
)
def enlarge_long_axis(at: AtStudy) -> None:
    """Show the next long-axis view in the main place, after the last one the short axis again."""
    at.page.show_long_axis()
    at.page.images.enlarge_next()


@VIEW.study_command(N_("Turn the long-axis cut"), "T")
def turn_cut(at: AtStudy) -> None:
    """Turn the cut a step further."""
    at.page.long_axis.turn(_CUT_STEP_DEGREES)


@VIEW.study_command(N_("Measure a distance"), "X", separated=True)
def distance(at: AtStudy) -> None:
    """Take the calliper for distances, or lay it down."""
    _take_calliper(at, ToolName.DISTANCE)


@VIEW.study_command(N_("Measure an area"), "Z")
def area(at: AtStudy) -> None:
    """Take the calliper for areas, or lay it down."""
    _take_calliper(at, ToolName.AREA)


@VIEW.study_command(N_("Take all measurements away"))
def no_callipers(at: AtStudy) -> None:
    """Take every distance and area off the images."""
    at.desk.callipers.clear()


def _take_calliper(at: AtStudy, name: ToolName) -> None:
    toolbox = at.page.toolbox
    toolbox.choose(None if toolbox.name is name else toolbox.tools[name])
    at.page.focus_image()


@VIEW.command(N_("Dark or light"), "F8", separated=True, also=N_("colours scheme night"))
def theme(bench: Bench) -> None:
    """Change the colours of the window."""
    bench.settings.change("theme", "light" if bench.theme.name == "dark" else "dark")


@VIEW.command(N_("Full screen"), "F11")
def full_screen(bench: Bench) -> None:
    """Fill the screen, or give it back."""
    window = bench.window
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)  # a maximised one is so again after
