"""Under which terms weights may go on: those of what they learnt from, and those of the weights they started from."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cinecor.errors import InputError, ModelRefused
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.package.model_package import SUFFIX
from cinecor_training.config import TrainingConfig
from cinecor_training.data.settings import AnySettings, CorrectedSettings, StoreSettings
from cinecor_training.run_folder import RunFolder

NOT_STATED: Final = "not stated; ask who provided the training data"


def own_licences(settings: Iterable[AnySettings]) -> str:
    """Return what a site says of the terms that its own studies put on weights; empty where it says nothing."""
    own = (one.licence for one in settings if isinstance(one, CorrectedSettings | StoreSettings) and one.licence)
    return "; ".join(dict.fromkeys(own))


def licence_of(learnt: str, config: TrainingConfig) -> str:
    """Return the terms of weights that learnt under those of `learnt`, in a run of `config`.

    What the run started from, and what that had started from, was learnt under terms too, which hold on whatever comes
    after: those of a model are in its contract.
    """
    return "; ".join(dict.fromkeys((learnt or NOT_STATED, *_of_start(config.start))))


def _of_start(start: Path | None) -> Iterator[str]:
    seen: set[Path] = set()
    while start is not None and start not in seen:
        seen.add(start)
        if start.suffix in (SUFFIX, ".onnx"):
            yield _of_model(start)
            return
        run = RunFolder(start if start.is_dir() else start.parent)
        try:
            config = run.read_config()
        except (InputError, OSError):
            yield f"of the weights it started from ({start.name}): {NOT_STATED}"
            return
        own = own_licences(config.data)
        if own:
            yield own
        start = config.start


def _of_model(path: Path) -> str:
    try:
        contract = open_model_file(path).checked("fp32").contract
    except ModelRefused:
        return f"of the weights it started from ({path.name}): {NOT_STATED}"
    return f"of the weights it started from ({contract.id} {contract.version}): {contract.training.licence}"
