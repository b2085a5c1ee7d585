"""The machine and the versions that a benchmark's numbers hold for."""

import datetime
import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cinecor.inference.device.hardware import this_hardware

_PACKAGES = ("numpy", "onnxruntime", "openvino", "torch", "myopari", "pydicom")


def machine() -> str:
    """Sentences for the head of the table."""
    hardware = this_hardware(with_graphics=False)
    versions = ", ".join([f"Python {platform.python_version()}", *_versions()])
    load = f" Load average when the run began: {os.getloadavg()[0]:.1f}." if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor() or hardware.processor} ({', '.join(hardware.features)}), {hardware.cores} cores used, "
        f"{platform.system()}; {versions}; {datetime.date.today().isoformat()}.{load}\n"
    )


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


def _processor() -> str | None:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), None)
