"""Rules of `cinecor selftest`: it looks at everything, names each failure in one sentence, and lets nothing pass."""

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from program import Cinecor

import cinecor.app.selftest as under_test
from cinecor.cli import main
from cinecor.inference.model_store import ModelStore
from cinecor.phantom import TRANSFER_SYNTAXES
from cinecor_resources import encoded_frames, probe_frames

SCRIPT = Path(__file__).parents[2] / "docs" / "make_phantom_files.py"


def test_that_a_whole_installation_passes(cinecor: Cinecor) -> None:
    said = cinecor("selftest", "--device", "cpu", "--json")
    assert (said.returncode, said.stderr) == (0, "")
    found = json.loads(said.stdout)
    assert found["passed"] is True
    names = [check["name"] for check in found["checks"]]
    assert [name for name in names if name.startswith("codec ")] == [f"codec {name}" for name in TRANSFER_SYNTAXES]
    assert names[-1] == "phantom"
    assert found["choice"]["provider"] == "CPUExecutionProvider"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the phantom's segmentation out: it passed above."""
    monkeypatch.setattr(under_test, "_phantom", lambda _session: lambda: "left out")


def _damaged_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "frames"
    shutil.copytree(encoded_frames(), folder)
    monkeypatch.setattr(under_test, "encoded_frames", lambda: folder)
    return folder


@pytest.mark.usefixtures("quick")
def test_that_each_failure_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _damaged_frames(tmp_path, monkeypatch)
    (folder / "rle.dcm").unlink()
    (folder / "jpeg-lossless.dcm").write_bytes((folder / "jpeg-lossless.dcm").read_bytes()[:-1500])
    other = np.load(folder / "frame.npy")
    np.save(folder / "frame.npy", other[::-1])  # exact and close comparisons: both must notice another picture
    assert main(["selftest", "--device", "cpu"]) == 1
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == len(TRANSFER_SYNTAXES) + 1  # every codec gives another picture, and one file is missing
    assert all(line.startswith("cinecor: ") and line.endswith(".") for line in lines)
    assert "RLE Lossless" in said.err
    assert "lacks rle.dcm" in said.err
    assert "Traceback" not in said.err


@pytest.mark.usefixtures("quick")
def test_that_a_damaged_model_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path))
    store = ModelStore()
    store.folder.mkdir()
    (store.folder / "active.json").write_text(json.dumps({"active": "a" * 64, "previous": "bundled"}))
    (store.folder / f"{'a' * 64}.cinecor").write_bytes(b"PK damaged")
    assert main(["selftest"]) == 4
    assert "cinecor model rollback" in capsys.readouterr().err
    assert main(["model", "rollback"]) == 0
    assert main(["selftest"]) == 0


def test_that_a_model_that_measures_the_phantom_wrongly_fails() -> None:
    from cinecor.errors import CinecorError
    from cinecor.measure.measurement import measure
    from cinecor.phantom import SMALL, make_phantom

    phantom = make_phantom(acquisition=SMALL)
    true = measure(phantom.labels, geometry=phantom.geometry, heart_rate_bpm=phantom.heart_rate_bpm)
    assert "LV EDV" in under_test._compared(true, phantom.truth)
    swapped = np.where(phantom.labels == 3, 2, phantom.labels).astype(np.uint8)
    wrong = measure(swapped, geometry=phantom.geometry, heart_rate_bpm=phantom.heart_rate_bpm)
    with pytest.raises(CinecorError, match="measures the phantom wrongly"):
        under_test._compared(wrong, phantom.truth)


def test_that_the_frames_devices_are_tried_on_are_the_phantoms() -> None:
    spec = importlib.util.spec_from_file_location("make_phantom_files", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with np.load(probe_frames()) as stored:
        assert float(stored["pixel_spacing_mm"]) == script.PROBE.pixel_spacing_mm
        difference = np.abs(stored["pixels"].astype(int) - script.probe_pixels())
    assert difference.max() <= 1  # another processor may round otherwise
