"""What all tests share: one thread a worker, no haste, and the real studies, unpacked once, skipped where absent."""

import gc
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

# Before anything loads them: with several workers, threads that wait for each other cost more than they bring, and how
# many there are would decide in which order sums are rounded.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import hypothesis
import pytest
from once import Once, shared_by_workers
from program import Cinecor

# A machine that does other work besides may be ten times slower: no example has a deadline.
hypothesis.settings.register_profile("cinecor", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile(os.environ.get("CINECOR_HYPOTHESIS", "cinecor"))  # another: `tests/mutation`

# The programs that tests start keep their bytecode, whatever the machine asks for: without it each start compiles some
# six hundred modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def cinecor() -> Cinecor:
    """The program under test; who asks for it is an acceptance test, run against the installed program too."""
    frozen = os.environ.get("CINECOR_FROZEN")
    return Cinecor((frozen,) if frozen else (sys.executable, "-m", "cinecor"), frozen=bool(frozen))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "cinecor" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.frozen)


def pytest_collection_finish() -> None:
    """Let no later collection of garbage walk over the libraries and tests, which are loaded by now and stay."""
    gc.collect()
    gc.freeze()


def _unpacker() -> ModuleType:
    packed = Path(os.environ.get("CINECOR_DATA") or REPOSITORY.parent / "shared" / "data")
    script = packed / "unpack.py"
    if not script.is_file():
        pytest.skip(f"the real studies are not here ({packed}): set CINECOR_DATA to the folder that holds them")
    spec = importlib.util.spec_from_file_location("cinecor_real_data", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Installed models and device choices of whoever runs the tests are neither read nor changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CINECOR_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """No test cuts the power, and a killed process loses nothing that it has written: what is written need not sink."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Where folders are made once for all workers; what is in them is only read."""
    return shared_by_workers(tmp_path_factory)


@pytest.fixture(scope="session")
def sunnybrook(once: Once) -> Path:
    """Folder with the GE study SC-HF-I-1 (`SCD0000101/`) and its expert contours (`contours/`)."""
    unpacker = _unpacker()
    return once("sunnybrook", lambda folder: unpacker.unpack_archive("sunnybrook-sc-hf-i-1.tar.xz", folder))


@pytest.fixture(scope="session")
def siemens(once: Once) -> Path:
    """Folder with the Siemens study, one series a slice."""
    unpacker = _unpacker()
    return once("siemens", lambda folder: unpacker.unpack_archive("siemens-series-per-slice.tar.xz", folder))


@pytest.fixture(scope="session")
def acdc_patient(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return a function from an ACDC patient's number to the folder with its images, labels and Info.cfg."""
    done: dict[int, Path] = {}

    def unpack(number: int) -> Path:
        if number not in done:
            done[number] = _unpack_patient(_unpacker(), f"patient{number:03d}", tmp_path_factory.mktemp("acdc"))
        return done[number]

    return unpack


def _unpack_patient(unpacker: ModuleType, name: str, folder: Path) -> Path:
    """Unpack one patient with the provider's own code, by showing it only that patient's files."""
    stored = unpacker.HERE / "acdc"
    if not (stored / f"{name}.json").is_file():
        pytest.skip(f"ACDC {name} is not in {stored}")
    subset = folder / "stored" / "acdc"
    subset.mkdir(parents=True)
    record = json.loads((stored / f"{name}.json").read_text())
    files = [f"{name}.json", *(f"{frame}{end}" for frame in record["frames"] for end in (".jp2", "_gt.png"))]
    for file in files:
        (subset / file).write_bytes((stored / file).read_bytes())
    here, unpacker.HERE = unpacker.HERE, subset.parent
    try:
        unpacker.unpack_acdc(folder)
    finally:
        unpacker.HERE = here
    return folder / "acdc" / "training" / name
