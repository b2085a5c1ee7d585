"""Settings as one frozen table: it makes the defaults, the dialog, the file and the table in the guide.

What another version wrote is kept: names and values that this one does not know are written back as they were, and a
file of a newer format is read as far as it is understood and never written.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cinecor.durable_file import replace_file
from cinecor.errors import OutputError
from cinecor.file_format import format_of, this_version
from cinecor.home import given_home, home

Value = bool | int | str
LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; its text has the key `setting.<name>`, a choice's text `setting.<name>.<choice>`."""

    name: str
    default: Value
    section: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    unit: str = ""

    def accepts(self, value: object) -> bool:
        """Return whether a value read from a file may be used."""
        if isinstance(self.default, bool):
            return isinstance(value, bool)
        if isinstance(self.default, int):
            return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high
        if not isinstance(value, str):
            return False
        return value in self.choices if self.choices else len(value) <= LONGEST_TEXT and value.isprintable()

    @property
    def is_text(self) -> bool:
        """Whether it is free text."""
        return isinstance(self.default, str) and not self.choices


SETTINGS: Final = (
    Setting("language", "system", "appearance", choices=("system", "en", "fr")),
    Setting("theme", "dark", "appearance", choices=("dark", "light", "system")),
    Setting("show_patient", True, "appearance"),
    Setting("auto_segment", True, "segmentation"),
    Setting("device", "auto", "segmentation", choices=("auto", "cpu", "cuda")),
    Setting("keep_studies", True, "kept"),
    Setting("keep_days", 0, "kept", low=0, high=3650, unit="days"),
    Setting("fractional_base", False, "numbers"),
    Setting("department", "", "report"),
    Setting("logo", "", "report"),
    Setting("overlay", "outline", "images", choices=("outline", "fill", "both", "off")),
    Setting("overlay_opacity", 35, "images", low=5, high=100, unit="%"),
    Setting("interpolation", "smooth", "images", choices=("smooth", "pixel")),
    Setting("rulers", True, "images"),
    Setting("long_axis_lines", True, "images"),
    Setting("orientation", True, "images"),
    Setting("crosshair", True, "images"),
    Setting("picture_patient", False, "images"),
    Setting("speed", "heart", "playing", choices=("heart", "fps")),
    Setting("fps", 20, "playing", low=1, high=60, unit="fps"),
    Setting("layout", "1", "window", choices=("1", "2", "3", "4", "5")),
    Setting("grid", "slices", "window", choices=("slices", "phases")),
    Setting("study_panel", True, "window"),
    Setting("bullseye", False, "window"),
)
BY_NAME: Final[Mapping[str, Setting]] = MappingProxyType({setting.name: setting for setting in SETTINGS})
HIDDEN_SECTIONS: Final = ("window",)  # remembered, but changed in the window itself
FORMAT: Final = 1
"""Of the file; it grows when an older Cinecor that writes the file would destroy what a newer one put there."""
_FILE: Final = "settings.json"


class Settings:
    """The values in use; every change is told to the listeners and written whole or not at all.

    What is `fixed` (see `cinecor.app.policy`) holds whatever a file says, and is never written. Until there is a file,
    what lies at `earlier` is taken over, and stays there.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        fixed: Mapping[str, Any] = MappingProxyType({}),
        earlier: Path | None = None,
    ) -> None:
        self._path = path
        self._fixed = fixed
        self._values: dict[str, Value] = {setting.name: setting.default for setting in SETTINGS}
        self._listeners: list[Callable[[str], None]] = []
        self._state: dict[str, str] = {}
        # What a file held and this version does not understand, to be written back.
        self._foreign: dict[str, Any] = {}
        self._foreign_settings: dict[str, Any] = {}
        self._foreign_state: dict[str, Any] = {}
        self._newer: str | None = None
        if path is not None:
            self._read(path if earlier is None or path.exists() else earlier)

    def __getitem__(self, name: str) -> Value:
        value: Value = self._fixed[name] if name in self._fixed else self._values[name]
        return value

    def is_fixed(self, name: str) -> bool:
        """Return whether a policy of this machine says what a setting is, so that nobody can change it."""
        return name in self._fixed

    def text(self, name: str) -> str:
        """Return a setting that is one of several words, or free text."""
        return str(self[name])

    def number(self, name: str) -> int:
        """Return a setting that is a number."""
        return int(self[name])

    def flag(self, name: str) -> bool:
        """Return a setting that is on or off."""
        return bool(self[name])

    def change(self, name: str, value: Value) -> None:
        """Set one value, tell the listeners, write the file. Raises `ValueError` for a value that is none."""
        if not BY_NAME[name].accepts(value):
            raise ValueError(f"{value!r} is no value of {name}")
        if self._values[name] == value or self.is_fixed(name):
            return
        self._values[name] = value
        self._foreign_settings.pop(name, None)
        for listener in list(self._listeners):
            listener(name)
        self.write()

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the name of every setting that changes."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[str], None]) -> None:
        """Stop calling `listener`."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    @property
    def state(self) -> dict[str, str]:
        """Sizes and positions of windows and recent studies, by name; written with the next `write`."""
        return self._state

    @property
    def newer(self) -> str | None:
        """The version of Cinecor that wrote a file too new for this one, so that it is not written; else None."""
        return self._newer

    def write(self) -> None:
        """Write the file atomically; a folder that cannot be written to loses the settings, not the session."""
        if self._path is None or self._newer is not None:
            return
        document = self._foreign | {
            "format": FORMAT,
            "written_by": this_version(),
            "settings": self._values | self._foreign_settings,
            "state": self._state | self._foreign_state,
        }
        try:
            replace_file(self._path, json.dumps(document, indent=2).encode(), private=True)
        except OutputError:
            return

    def _read(self, path: Path) -> None:
        try:
            document: Any = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return  # a first start, or a damaged file: the defaults serve
        if not isinstance(document, dict):
            return
        if format_of(document) > FORMAT:
            self._newer = str(document.get("written_by", "?"))
        self._foreign = document
        values, state = document.get("settings"), document.get("state")
        for name, value in values.items() if isinstance(values, dict) else ():
            if name in BY_NAME and BY_NAME[name].accepts(value):
                self._values[name] = value
            else:
                self._foreign_settings[name] = value
        for key, value in state.items() if isinstance(state, dict) else ():
            if isinstance(value, str):
                self._state[key] = value
            else:
                self._foreign_state[key] = value


def settings_path() -> Path:
    """Return where this user's settings lie: in `CINECOR_HOME` where that is set and not somebody else's to share."""
    if given_home() and not _of_others(home()):
        return home() / _FILE
    return usual_settings_path()


def usual_settings_path() -> Path:
    """Return where settings lie without `CINECOR_HOME`, and lay with it before they moved there."""
    import platformdirs

    return Path(platformdirs.user_config_dir("cinecor", appauthor=False)) / _FILE


def _of_others(folder: Path) -> bool:
    """Return whether a folder that is there is another user's, or may not be written to."""
    if not folder.is_dir():
        return False
    owner = folder.stat().st_uid
    return (hasattr(os, "getuid") and owner != os.getuid()) or not os.access(folder, os.W_OK)
