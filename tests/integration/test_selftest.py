"""Rules of `cinecor selftest`: it looks at everything, names each failure in one sentence, and lets nothing pass."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from program import Cinecor

import cinecor.app.selftest as under_test
import cinecor_resources
from cinecor.app import installation
from cinecor.app.session import open_session
from cinecor.cli.main import main
from cinecor.errors import CinecorError, UsageError
from cinecor.inference.store.model_store import ModelStore
from cinecor.message import Message
from cinecor_phantom import TRANSFER_SYNTAXES
from cinecor_resources import encoded_frames, probe_frames

LEFT_OUT = Message("left_out", "left out")
SCRIPT = Path(__file__).parents[2] / "docs" / "make_phantom_files.py"


def _needs_qt() -> None:
    pytest.importorskip("PySide6.QtWidgets", reason="Qt lacks a library of the system here", exc_type=ImportError)
    from cinecor.ui.window.display import require_plugins

    try:
        require_plugins()
    except UsageError as error:
        pytest.skip(str(error))


def test_that_a_whole_installation_passes(cinecor: Cinecor, tmp_path: Path) -> None:
    _needs_qt()
    report = tmp_path / "report.json"
    said = cinecor("selftest", "--device", "cpu", "--json", "--out", report)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["passed"] is True
    assert (found["schema_version"], found["installed"]) == (1, cinecor.frozen)
    guide = (SCRIPT.parent / "install.md").read_text(encoding="utf-8")
    assert all(f"`{field}`" in guide for field in (*found, *found["checks"][0], *found["devices"][0]))
    assert [entry["device"] for entry in found["devices"]] == ["cpu", "cuda"]
    names = [check["name"] for check in found["checks"]]
    assert [name for name in names if name.startswith("codec ")] == [f"codec {name}" for name in TRANSFER_SYNTAXES]
    assert names[-1] == "phantom"
    assert found["choice"]["provider"] == "CPUExecutionProvider"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what passed above: the phantom's segmentation, the desktop, and the trials of devices and model."""
    monkeypatch.setattr(under_test, "_phantom", lambda _session: lambda: LEFT_OUT)
    monkeypatch.setattr(under_test, "open_session", lambda *, device, **_: open_session(device=device))
    monkeypatch.setattr(under_test, "require_runnable", lambda _: None)
    monkeypatch.setattr(under_test, "desktop_starts", lambda: LEFT_OUT)


def _damaged_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "frames"
    shutil.copytree(encoded_frames(), folder)
    for module in (under_test, installation):
        monkeypatch.setattr(module, "encoded_frames", lambda: folder)
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


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that ship with Cinecor, in their place."""
    folder = tmp_path / "cinecor_resources"
    shutil.copytree(Path(cinecor_resources.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cinecor_resources, "files", lambda _: folder)
    return folder


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("removed", ["fonts/Inter-Medium.otf", "locale/fr/LC_MESSAGES/cinecor.mo", "phantom/probe.npz"])
def test_that_a_removed_resource_is_named_with_the_remedy(
    resources: Path, removed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (resources / removed).unlink()
    assert main(["selftest", "--device", "cpu"]) == 1
    said = capsys.readouterr().err
    assert f"The installation lacks {Path(removed).name}; install Cinecor again." in said


@pytest.mark.usefixtures("quick")
def test_that_a_damaged_resource_is_named_with_the_remedy(resources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (resources / "locale" / "fr" / "LC_MESSAGES" / "cinecor.mo").write_bytes(b"no catalogue")
    (resources / "phantom" / "probe.npz").write_bytes(b"PK")
    assert main(["selftest", "--device", "cpu"]) == 1
    said = capsys.readouterr().err
    assert "cinecor.mo, probe.npz of the installation cannot be read; install Cinecor again." in said


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("fault", ["removed", "cut", "changed card"])
def test_that_a_bundled_model_that_is_not_whole_is_refused_with_the_remedy(
    resources: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = resources / "models" / "cinecor-sax.cinecor"
    if fault == "removed":
        model.unlink()
    elif fault == "cut":
        model.write_bytes(model.read_bytes()[:-1000])
    else:  # a part that no study needs
        _with_another_card(model)
    assert main(["selftest", "--device", "cpu"]) == 4
    said = capsys.readouterr().err
    assert "The model that ships with Cinecor is not as it was made" in said
    assert "install Cinecor again." in said


def _with_another_card(model: Path) -> None:
    with zipfile.ZipFile(model) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(model, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.upper() if name == "card.md" else content)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("variable", "kept"), [("CINECOR_HOME", "installed models and device choices"), ("XDG_CONFIG_HOME", "settings")]
)
def test_that_a_home_that_cannot_be_written_to_is_named_with_the_remedy(
    tmp_path: Path, variable: str, kept: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if variable == "XDG_CONFIG_HOME" and not sys.platform.startswith("linux"):
        pytest.skip("only Linux takes the folder of settings from the environment")
    if variable == "XDG_CONFIG_HOME":  # elsewhere than in a home that was named
        monkeypatch.delenv("CINECOR_HOME")
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "file").touch()  # no folder can be made below it, by root neither
    monkeypatch.setenv(variable, str(tmp_path / "file" / "home"))
    assert main(["selftest", "--device", "cpu"]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if "cannot be written to" in line]
    assert len(lines) == 1
    assert f"where {kept} are kept" in lines[0]
    assert "ask for the permission" in lines[0]


def _run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_that_a_missing_codec_is_named_with_the_remedy() -> None:
    found = _run(
        "import sys; sys.modules['gdcm'] = None\n"  # as in an installation without it
        "import cinecor.app.selftest as selftest\n"
        "for name in selftest.TRANSFER_SYNTAXES:\n"
        "    check = selftest._checked(name, selftest._codec(name))\n"
        "    check.passed or print(check.message)"
    )
    lines = found.stdout.splitlines()
    assert lines, found.stderr
    assert all("cannot be read here" in line and line.endswith("install Cinecor again.") for line in lines)
    assert any("JPEG Lossless" in line for line in lines)


@pytest.mark.parametrize(
    ("package", "remedy"),
    [("openjpeg", "install Cinecor again."), ("onnxruntime", "for an NVIDIA card, “cuda”.")],
)
def test_that_a_library_that_is_listed_but_gone_is_told_with_the_remedy(package: str, remedy: str) -> None:
    found = _run(
        f"import sys; sys.modules[{package!r}] = None\n"
        "from cinecor.cli.main import main; sys.exit(main(['selftest', '--device', 'cpu']))"
    )
    assert found.returncode == 1
    assert "Traceback" not in found.stderr
    lines = found.stderr.splitlines()
    assert lines
    assert all(package in line and line.endswith(remedy) for line in lines)


def test_that_a_missing_library_of_signatures_is_told_though_nothing_is_signed() -> None:
    found = _run(
        "import sys; sys.modules['cryptography'] = None\n"
        "import cinecor.app.selftest as under_test\n"
        "from cinecor.message import Message\n"
        "under_test.desktop_starts = lambda: Message('left_out', 'left out')\n"
        "under_test._phantom = lambda _: under_test.desktop_starts\n"
        "from cinecor.cli.main import main; sys.exit(main(['selftest', '--device', 'cpu']))"
    )
    assert found.returncode == 1
    lines = found.stderr.splitlines()
    assert len(lines) == 1
    assert "cryptography" in lines[0]
    assert lines[0].endswith("install Cinecor again.")


@pytest.mark.usefixtures("quick")
def test_that_a_library_that_takes_every_signature_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(under_test, "is_signed", lambda *_, **__: True)
    assert main(["selftest", "--device", "cpu"]) == 1
    assert "Signatures of models cannot be checked here" in capsys.readouterr().err


def test_that_a_desktop_that_cannot_start_is_told_with_the_remedy(resources: Path) -> None:
    _needs_qt()
    (resources / "fonts" / "Inter-Regular.otf").write_bytes(b"no font")
    found = _run(
        "import sys; from cinecor.cli.main import main; sys.exit(main(['selftest', '--desktop-only']))",
        PYTHONPATH=os.pathsep.join([str(resources.parent), os.environ.get("PYTHONPATH", "")]),
    )
    assert found.returncode == 1
    assert found.stderr == "cinecor: The font Inter-Regular.otf cannot be loaded; install Cinecor again.\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Qt has one platform on other systems")
@pytest.mark.parametrize("gone", ["libqxcb.so", "libqwayland.so"])
def test_that_a_missing_plugin_for_screens_is_told_with_the_remedy(tmp_path: Path, gone: str) -> None:
    _needs_qt()
    from PySide6.QtCore import QLibraryInfo

    real = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    (tmp_path / "platforms").mkdir()
    for plugin in real.iterdir():
        if plugin.name != gone:
            (tmp_path / "platforms" / plugin.name).symlink_to(plugin)
    found = _run(
        "import sys\n"
        "from PySide6.QtCore import QLibraryInfo\n"
        f"QLibraryInfo.path = lambda _: {str(tmp_path)!r}\n"
        "from cinecor.cli.main import main; sys.exit(main(['selftest', '--desktop-only']))"
    )
    assert found.returncode == 1
    assert found.stderr.startswith(f"cinecor: The desktop cannot start: Qt's plugin {gone} is missing")
    assert found.stderr.endswith("install Cinecor again.\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Qt has one platform on other systems")
def test_that_a_desktop_that_does_not_reach_the_users_display_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_qt()
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":65432")
    with pytest.raises(CinecorError, match=r"does not start on this display \(.*:65432\); check DISPLAY"):
        installation.desktop_starts()


def test_that_a_model_that_measures_the_phantom_wrongly_fails() -> None:
    from cinecor.measure.measurements import measure
    from cinecor_phantom import SMALL, make_phantom

    phantom = make_phantom(acquisition=SMALL)
    true = measure(phantom.labels, geometry=phantom.geometry, heart_rate_bpm=phantom.heart_rate_bpm)
    assert under_test._compared(true, phantom.truth).code == "phantom_measured"
    swapped = np.where(phantom.labels == 3, 2, phantom.labels).astype(np.uint8)
    wrong = measure(swapped, geometry=phantom.geometry, heart_rate_bpm=phantom.heart_rate_bpm)
    with pytest.raises(CinecorError, match="measures the phantom wrongly"):
        under_test._compared(wrong, phantom.truth)


def test_that_what_devices_are_tried_on_is_what_its_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_phantom_files", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with np.load(probe_frames()) as stored:
        assert float(stored["pixel_spacing_mm"]) == script.PROBE.pixel_spacing_mm
        difference = np.abs(stored["pixels"].astype(int) - script.probe_pixels())
    assert difference.max() <= 1  # another processor may round otherwise
