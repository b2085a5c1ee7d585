"""The model that a study is segmented with: the one named, else the active installed one, else the bundled one."""

from pathlib import Path

from cinecor.inference.device.model_session import Device, ModelSession, open_model
from cinecor.inference.store.model_store import ModelStore, blamed_on_store
from cinecor.inference.store.store_records import BUNDLED


def open_session(model: Path | None = None, *, device: Device = "auto", afresh: bool = False) -> ModelSession:
    """Open the model of this workstation, or the file `model`, on `device` (see `open_model`).

    Raises `ModelRefused` when it cannot be used. A damaged active model is no reason to use another one unasked.
    """
    store = ModelStore()
    if model is not None:
        return open_model(model, device=device, trust=store.trust(), afresh=afresh)
    active = store.active()
    if active.name == BUNDLED:  # it came with the program, which vouches for it
        return open_model(active.path, device=device, afresh=afresh)
    trust = store.trust()
    with blamed_on_store():
        return open_model(active.path, device=device, trust=trust, afresh=afresh)
