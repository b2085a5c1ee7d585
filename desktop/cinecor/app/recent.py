"""`RecentStudies`: what was opened last, remembered with the settings."""

import json
from pathlib import Path

from cinecor.app.settings import Settings

_KEPT = 8


class RecentStudies:
    """Paths, the latest first; those that are gone stay, because a drive may come back: opening one tells."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def paths(self) -> tuple[Path, ...]:
        """Return the studies that were opened last."""
        try:
            kept = json.loads(self._settings.state.get("recent", "[]"))
        except ValueError:
            return ()
        return tuple(Path(text) for text in kept if isinstance(text, str)) if isinstance(kept, list) else ()

    def add(self, path: Path) -> None:
        """Remember a study."""
        paths = [path.absolute(), *(one for one in self.paths() if one != path.absolute())][:_KEPT]
        self._settings.state["recent"] = json.dumps([str(one) for one in paths])
        self._settings.write()

    def clear(self) -> None:
        """Forget all studies."""
        self._settings.state.pop("recent", None)
        self._settings.write()
