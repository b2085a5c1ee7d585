"""Files that ship with Cinecor: model, frames to try devices on, images of every syntax, fonts, texts, ranges."""

from importlib.resources import files
from pathlib import Path


def bundled_model() -> Path:
    """Return the path of the model that ships with this version."""
    return _resource("models", "cinecor-sax.cinecor")


def probe_frames() -> Path:
    """Return the path of the phantom's frames that devices are tried on (see docs/make_phantom_files.py)."""
    return _resource("phantom", "probe.npz")


def saturating_sum() -> Path:
    """Return the path of a tiny graph whose sums are too large for 16 bits (see docs/make_phantom_files.py)."""
    return _resource("phantom", "saturating_sum.onnx")


def encoded_frames() -> Path:
    """Return the folder with one small synthetic image in each transfer syntax, and `frame.npy`, what they show."""
    return _resource("phantom", "transfer_syntaxes")


def fonts() -> tuple[Path, ...]:
    """Return the paths of the font files of the desktop, the regular weight first."""
    return tuple(_resource("fonts", f"Inter-{weight}.otf") for weight in ("Regular", "Medium", "SemiBold"))


def tick(ink: str) -> Path:
    """Return the path of the picture of a tick, in "dark" or "light" ink (see docs/make_ticks.py)."""
    return _resource("icons", f"tick-{ink}.png")


def report_fonts() -> dict[str, Path]:
    """Return the font files of the report by weight: Inter with TrueType outlines, as PDF wants them embedded."""
    return {weight: _resource("fonts", "report", f"Inter-{weight}.ttf") for weight in ("Regular", "SemiBold")}


def reference_tables() -> Path:
    """Return the folder of the reference ranges: `tables.json` and a CSV for each table that it lists."""
    return _resource("reference")


def catalogues() -> Path:
    """Return the folder of the gettext catalogues, as `gettext.translation` wants it."""
    return _resource("locale")


def _resource(*parts: str) -> Path:
    return Path(str(files(__name__).joinpath(*parts)))
