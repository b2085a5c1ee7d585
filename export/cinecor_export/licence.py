"""Under which terms weights may go on: those of what they learnt from, and those of the weights they started from."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cinecor.errors import InputError, ModelRefused
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.package.model_package import SUFFIX
from cinecor_export.public_data import licences
from cinecor_training.config import TrainingConfig
from cinecor_training.data.settings import AnySettings, FolderSettings, is_own
from cinecor_training.run_folder import RunFolder

NOT_STATED: Final = "not stated: ask who provided the training data"
_BETWEEN: Final = "; "


def consent_of(settings: Iterable[AnySettings]) -> str:
    """Return on what ground a site's own patients were learnt from; empty where there are none."""
    return _BETWEEN.join(dict.fromkeys(filter(None, (one.consent for one in settings if is_own(one)))))


def licence_of(said: str | None, config: TrainingConfig) -> str:
    """Return the terms of the weights of a run of `config`; `said` are those that its exporter names.

    What is said stands for the terms of public data sets, which are else named by their kinds. It never stands for
    those that the site's own studies put on the weights, nor for those of what the run started from, and of what that
    had started from: these hold on, whatever comes after. Those of a model are in its contract.
    """
    parts = [said] if said else [*_of_public(config.data), *_of_own(config.data)]
    if not parts or (not said and any(is_own(one) and not one.licence for one in config.data)):
        parts.append(NOT_STATED)
    told: dict[str, None] = {}
    for part in (*parts, *_of_own(config.data), *_of_start(config.start)):
        told |= dict.fromkeys(part.split(_BETWEEN))
    return _BETWEEN.join(told)


def _of_public(settings: Iterable[AnySettings]) -> Iterator[str]:
    kinds = dict.fromkeys(one.kind for one in settings if isinstance(one, FolderSettings) and one.use != "validation")
    return filter(None, (licences((kind,)) for kind in kinds))


def _of_own(settings: Iterable[AnySettings]) -> Iterator[str]:
    return filter(None, (one.licence for one in settings if is_own(one)))


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
        yield from _of_public(config.data)
        yield from _of_own(config.data)
        start = config.start


def _of_model(path: Path) -> str:
    try:
        contract = open_model_file(path).checked("fp32").contract
    except ModelRefused:
        return f"of the weights it started from ({path.name}): {NOT_STATED}"
    return f"of the weights it started from ({contract.id} {contract.version}): {contract.training.licence}"
