"""`OpeningModel`: the model, opened on a thread of its own while the first input is read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.inference.device.model_session import Device, ModelSession

Tell = Callable[[Message, Path | None], None]


class OpeningModel:
    """A session that will be there; `tell` hears, once each, why it does not run where it was asked to."""

    def __init__(self, model: Path | None, *, device: "Device", tell: Tell) -> None:
        pool = ThreadPoolExecutor(1, thread_name_prefix="cinecor-model")
        self._opened = pool.submit(_opened, model, device)
        self._tell = tell
        self._told: Message | None = None
        pool.shutdown(wait=False)

    def __call__(self) -> "ModelSession":
        """Wait for the session and return it. Raises `ModelRefused`."""
        self.look_at_device()
        return self._opened.result()

    def look_at_device(self, path: Path | None = None) -> None:
        """Tell of a device that is not used; name the input in which it was lost."""
        fallback = self._opened.result().fallback
        if fallback is not None and fallback != self._told:
            self._tell(fallback, path)
        self._told = fallback


def _opened(model: Path | None, device: "Device") -> "ModelSession":
    from cinecor.app.session import open_session

    return open_session(model, device=device)
