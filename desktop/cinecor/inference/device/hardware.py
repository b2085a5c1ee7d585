"""The processor and graphics card of this machine, as far as they decide how fast a model runs."""

import ctypes
import math
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

# What int8 and fp32 kernels are chosen by. A virtual machine may show one name on processors that differ in these.
_DECISIVE = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a measured choice of device holds for."""

    processor: str
    features: tuple[str, ...]  # instruction sets that bear on speed; empty where the system does not tell
    cores: int  # that this process may use at once; 0 where the system does not tell: ONNX Runtime finds out
    graphics: tuple[str, ...]  # names of NVIDIA cards


def this_hardware(*, with_graphics: bool) -> Hardware:
    """Look at this machine; graphics cards only when something could run on them (it takes a driver call)."""
    processor, features = _processor()
    return Hardware(processor, features, usable_cores(), _nvidia_cards() if with_graphics else ())


def share_cores(cores: int) -> None:
    """Use no more than so many cores in this process from now on: others work beside it."""
    global _share  # noqa: PLW0603  a fact about the process
    _share = cores


_share = 0


def usable_cores() -> int:
    """Return the physical cores that this process may use, by its share, affinity and container's quota; 0: unknown."""
    if _share:
        return _share
    if platform.system() != "Linux":
        return 0
    siblings = set()
    for number in os.sched_getaffinity(0):
        try:
            listed = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list").read_text()
        except OSError:
            listed = str(number)
        siblings.add(listed)
    return max(1, min(len(siblings), _quota()))


def _quota() -> int:
    """Return the whole processors that a container may use, rounded up."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or "max"
        return sys.maxsize


def _processor() -> tuple[str, tuple[str, ...]]:
    if platform.system() == "Linux":
        try:
            text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0]
        except OSError:
            text = ""
        facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
        flags = set((facts.get("flags") or facts.get("Features") or "").split())
        name = facts.get("model name") or platform.machine()
        return name, tuple(feature for feature in _DECISIVE if feature in flags)
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip(), ()
        except OSError:
            pass
    return platform.processor() or platform.machine(), ()


def cuda_card_count() -> int:
    """Return how many cards NVIDIA's driver would run CUDA on; 0 without a driver."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int()
    found = driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
    return count.value if found else 0


def _nvidia_cards() -> tuple[str, ...]:
    """Return the names of the cards that NVIDIA's driver knows; empty without a driver."""
    try:
        library = ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    except OSError:
        return ()
    names = []
    if library.nvmlInit_v2() != 0:
        return ()
    try:
        count = ctypes.c_uint()
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        for index in range(count.value):
            handle, name = ctypes.c_void_p(), ctypes.create_string_buffer(96)
            found = library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0
            if found and library.nvmlDeviceGetName(handle, name, ctypes.c_uint(len(name))) == 0:
                names.append(name.value.decode("utf-8", "replace"))
    finally:
        library.nvmlShutdown()
    return tuple(names)
