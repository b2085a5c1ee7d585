"""Extras: what is installed with Cinecor on request only, and the sentence for what was not."""

from typing import Final

from cinecor.errors import UsageError
from cinecor.message import Message

EXTRAS: Final[dict[str, tuple[str, ...]]] = {
    "cpu": ("onnxruntime",),
    "train": ("torch", "safetensors", "matplotlib", "tensorboard"),
    "export": ("onnx", "onnxscript"),
    "peer": ("skimage",),
    "cluster": ("distributed", "dask", "pyarrow"),
    "bench": ("openvino",),
}
"""The packages that each extra brings, by the names they are imported with."""


def missing_extra(error: ImportError) -> UsageError | None:
    """Return the sentence that names the extra, where `error` is of a package that one brings; else None."""
    package = (error.name or "").partition(".")[0]
    for extra, packages in EXTRAS.items():
        if isinstance(error, ModuleNotFoundError) and package in packages:
            if extra == "cpu":
                return UsageError(
                    Message(
                        "runtime_missing",
                        "{package} is not installed; install the extra “cpu” (pip install 'cinecor[cpu]') or, for an "
                        "NVIDIA card, “cuda”.",
                        package=package,
                    )
                )
            return UsageError(
                Message(
                    "extra_missing",
                    "{package} is not installed; it comes with the extra “{extra}”: pip install 'cinecor[{extra}]'.",
                    package=package,
                    extra=extra,
                )
            )
    return None
