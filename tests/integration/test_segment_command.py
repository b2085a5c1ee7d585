"""Rules of `cinecor segment` that a stranger relies on: files, exit codes, one-line errors."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from program import Cinecor
from result_folders import signed_copy

from cinecor_phantom import Acquisition, Phantom, make_phantom, write_dicom

NOTICE = "Research use only. Not for diagnosis. A qualified reader must verify every result."


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(acquisition=Acquisition(slices=10, phases=10, rows=144, columns=160, slice_gap_mm=3.0))


@pytest.fixture(scope="module")
def study(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "étude 1"
    write_dicom(phantom, folder, style="ge")
    return folder


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two phases, for rules that do not ask for its numbers."""
    folder = tmp_path_factory.mktemp("studies") / "étude 2"
    acquisition = Acquisition(slices=10, phases=2, rows=128, columns=144, slice_gap_mm=3.0)
    write_dicom(make_phantom(acquisition=acquisition), folder, style="ge")
    return folder


@pytest.fixture(scope="module")
def results(cinecor: Cinecor, study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    assert cinecor("segment", study, "--out", out, "--device", "cpu").returncode == 0
    return out / study.name


@pytest.fixture(scope="module")
def short_results(cinecor: Cinecor, short: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    assert cinecor("segment", short, "--out", out, "--device", "cpu").returncode == 0
    return out / short.name


def _one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


def test_that_one_folder_an_input_holds_its_files(results: Path) -> None:
    assert sorted(path.name for path in results.iterdir()) == [
        "results.json",
        "segmentation.nii.gz",
        "segments.csv",
        "volumes.csv",
    ]


def test_that_the_results_name_everything_other_programs_read(results: Path, phantom: Phantom) -> None:
    told = json.loads((results / "results.json").read_text())
    assert told["notice"] == NOTICE
    assert (told["stack"]["slices"], told["stack"]["phases"]) == (10, 10)
    assert told["stack"]["slice_spacing_mm"] == pytest.approx(11.0, abs=1e-3)
    assert len(told["stack"]["files"]) == 10
    assert all(len(row) == 10 for row in told["stack"]["files"])
    assert told["runtime"]["provider_requested"] == "cpu"
    assert told["runtime"]["provider_used"] == "CPUExecutionProvider"
    assert told["runtime"]["precision"] == told["model"]["precision"]
    assert told["runtime"]["reason"].startswith(f"{told['model']['precision']} on CPU: ")
    assert told["runtime"]["fallback"] is None
    assert len(told["model"]["sha256"]) == 64
    assert told["audit"]["files_given"] == told["audit"]["files_used"] == 100
    assert told["stack"]["heart_rate_bpm"] == pytest.approx(phantom.heart_rate_bpm, rel=0.02)


def test_that_the_curves_in_both_files_are_the_labels_volumes(results: Path) -> None:
    told = json.loads((results / "results.json").read_text())
    image = nib.load(results / "segmentation.nii.gz")
    labels = np.asarray(image.dataobj)
    assert labels.dtype == np.uint8
    assert labels.shape == (160, 144, 10, 10)
    voxel_ml = abs(np.linalg.det(image.affine[:3, :3])) / 1000
    with (results / "volumes.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for value, name in ((1, "rv"), (2, "myo"), (3, "lv")):
        expected = (labels == value).sum(axis=(0, 1, 2)) * voxel_ml
        np.testing.assert_allclose(told["volumes_ml"][name], expected, rtol=2e-3, atol=2e-3)
        np.testing.assert_allclose([float(row[f"{name}_ml"]) for row in rows], told["volumes_ml"][name], atol=1e-3)


def test_that_function_follows_from_the_curve(results: Path) -> None:
    told = json.loads((results / "results.json").read_text())
    curve, left = told["volumes_ml"]["lv"], told["lv"]
    assert told["ed_phase"] == int(np.argmax(curve))
    assert told["es_phase"] == int(np.argmin(curve))
    assert left["sv_ml"] == pytest.approx(max(curve) - min(curve), abs=0.01)
    assert left["ef_percent"] == pytest.approx(100 * left["sv_ml"] / left["edv_ml"], abs=0.01)
    assert left["mass_g"] == pytest.approx(told["volumes_ml"]["myo"][told["ed_phase"]] * 1.05, abs=0.01)
    assert left["co_l_min"] == pytest.approx(left["sv_ml"] * told["stack"]["heart_rate_bpm"] / 1000, abs=0.01)


def test_that_a_zip_gives_the_same_numbers_as_its_folder(
    cinecor: Cinecor, study: Path, results: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in study.rglob("*"):
            bundle.write(path, path.relative_to(study))
    assert cinecor("segment", archive, "--out", tmp_path / "out").returncode == 0
    told = json.loads((tmp_path / "out" / "study" / "results.json").read_text())
    assert told["volumes_ml"] == json.loads((results / "results.json").read_text())["volumes_ml"]


def test_that_one_bad_input_does_not_stop_the_others(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 nothing more")
    run = cinecor.process("segment", broken, short, "--out", tmp_path / "out", "--json")
    assert run.returncode == 1
    assert "broken.zip" in _one_line(run.stderr)
    told = json.loads(run.stdout)
    assert [entry["status"] for entry in told] == ["failed", "done"]
    assert told[1]["results"]["schema_version"] == 1
    assert (tmp_path / "out" / short.name / "results.json").is_file()


def test_that_what_a_person_signed_is_never_written_over(
    cinecor: Cinecor, short: Path, short_results: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    signed = signed_copy(short_results, out / short.name, organisation="Heart Centre")
    (signed / "report.pdf").write_bytes(b"of the signed results")
    before = {path.name: path.read_bytes() for path in signed.iterdir()}
    run = cinecor("segment", short, "--out", out, "--device", "cpu")
    assert run.returncode == 0
    assert {path.name: path.read_bytes() for path in signed.iterdir()} == before
    assert (out / f"{short.name}-2" / "results.json").is_file()
    assert not (out / f"{short.name}-2" / "ledger.jsonl").exists()
    assert str(signed) in _one_line(run.stderr)
    assert "signed" in run.stderr


def test_that_no_report_of_earlier_results_lies_beside_new_ones(
    cinecor: Cinecor, short: Path, short_results: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out" / short.name
    shutil.copytree(short_results, folder)
    (folder / "report.pdf").write_bytes(b"of the earlier results")
    (folder / "notes.txt").write_text("of the user")
    run = cinecor("segment", short, "--out", tmp_path / "out", "--device", "cpu")
    assert run.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [short.name]
    assert not (folder / "report.pdf").exists()
    assert (folder / "notes.txt").is_file()


def test_that_a_folder_without_images_is_told_in_one_line(cinecor: Cinecor, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "letter.txt").write_text("no images here")
    run = cinecor("segment", empty, "--out", tmp_path / "out")
    assert run.returncode == 3
    _one_line(run.stderr)
    assert not (tmp_path / "out" / "empty").exists()


def _unusable(folder: Path) -> dict[str, Path]:
    """Inputs of every kind that give no result."""
    for name in ("empty", "letters", "niftis"):
        (folder / name).mkdir(parents=True)
    (folder / "letters" / "letter.txt").write_text("no image")
    (folder / "letter.txt").write_text("no image")
    (folder / "nothing.dcm").touch()
    (folder / "broken.zip").write_bytes(b"PK")
    (folder / "broken.nii.gz").write_bytes(b"no NIfTI")
    image = nib.Nifti1Image(np.zeros((8, 8, 2), dtype=np.float32), np.eye(4))
    nib.save(image, folder / "niftis" / "patient1.nii.gz")
    for name, inside in (("letters.zip", "letter.txt"), ("niftis.zip", "niftis/patient1.nii.gz")):
        with zipfile.ZipFile(folder / name, "w") as bundle:
            bundle.write(folder / inside, inside)
    return {path.name: path for path in [*folder.iterdir(), folder / "nowhere"]}


@pytest.mark.parametrize(
    ("names", "code", "remedy"),
    [
        (["nowhere"], 2, "check the path"),
        (["broken.zip"], 1, "copy or download it again"),
        (["broken.nii.gz"], 1, "copy or export it again"),
        (["empty"], 3, "give the folder, DICOMDIR or .zip"),
        (["letters"], 3, "give the folder, DICOMDIR or .zip"),
        (["letters.zip"], 3, "give the folder, DICOMDIR or .zip"),
        (["letter.txt"], 3, "give a folder, a DICOMDIR, a .zip or a NIfTI file"),
        (["nothing.dcm"], 3, "give a folder, a DICOMDIR, a .zip or a NIfTI file"),
        (["niftis"], 1, "patient1.nii.gz: images of 8 x 8 pixels are too small"),
        (["niftis.zip"], 3, "unpack a .zip first"),
        (["empty", "letter.txt"], 3, "give"),
        (["empty", "broken.zip"], 1, "give"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_that_what_cannot_be_read_and_what_holds_nothing_have_their_exit_codes(
    cinecor: Cinecor, tmp_path: Path, names: list[str], code: int, remedy: str
) -> None:
    inputs = _unusable(tmp_path / "in")
    run = cinecor("segment", *(inputs[name] for name in names), "--out", tmp_path / "out")
    assert run.returncode == code
    told = run.stderr.splitlines()
    assert len(told) == len(names)
    assert remedy in told[0]


def test_that_a_missing_input_is_wrong_usage(cinecor: Cinecor, tmp_path: Path) -> None:
    run = cinecor("segment", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "does not exist" in _one_line(run.stderr)


def test_that_an_unknown_series_is_wrong_usage_and_names_those_there_are(
    cinecor: Cinecor, short: Path, tmp_path: Path
) -> None:
    run = cinecor("segment", short, "--out", tmp_path / "out", "--series", "1.2.3")
    assert run.returncode == 2
    assert "1.2.3" in _one_line(run.stderr)


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_that_a_bad_model_is_refused(cinecor: Cinecor, short: Path, tmp_path: Path, content: bytes | None) -> None:
    model = tmp_path / "model.onnx"
    if content is not None:
        model.write_bytes(content)
    run = cinecor("segment", short, "--out", tmp_path / "out", "--model", model)
    assert run.returncode == 4
    assert "model.onnx" in _one_line(run.stderr)


def test_that_a_stack_without_a_heart_is_no_result(cinecor: Cinecor, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(100, 20, (96, 96, 3, 2)).astype(np.float32)
    path = tmp_path / "noise.nii.gz"
    nib.save(nib.Nifti1Image(noise, np.diag([-1.5, -1.5, 8, 1])), path)
    run = cinecor("segment", path, "--out", tmp_path / "out")
    assert run.returncode == 3
    assert "no ventricle" in _one_line(run.stderr)


def test_that_an_output_place_that_is_a_file_is_told_in_one_line(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file")
    run = cinecor("segment", short, "--out", out)
    assert run.returncode == 1
    _one_line(run.stderr)
    assert out.read_text() == "a file"


def test_that_asking_for_cuda_without_one_is_said_and_recorded(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    run = cinecor.process("segment", short, "--out", tmp_path / "out", "--device", "cuda")
    if run.returncode == 0 and not run.stderr:
        pytest.skip("CUDA runs on this machine")
    assert run.returncode == 0
    assert "CUDA was asked for" in _one_line(run.stderr)
    told = json.loads((tmp_path / "out" / short.name / "results.json").read_text())
    assert told["runtime"]["provider_requested"] == "cuda"
    assert told["runtime"]["provider_used"] == "CPUExecutionProvider"
    assert "CUDA was asked for" in told["runtime"]["fallback"]
    assert any("CUDA was asked for" in finding["message"] for finding in told["quality"]["findings"])


@pytest.mark.parametrize("transform", ["transposed", "mirrored", "upside down"])
def test_that_the_way_a_nifti_is_stored_does_not_change_the_volumes(
    cinecor: Cinecor, phantom: Phantom, tmp_path: Path, transform: str
) -> None:
    """The same heart, its axes stored otherwise and its affine saying so, gives the same volumes."""
    frames = phantom.pixels[:, :1].astype(np.float32)  # (slice, 1, row, column)
    data = frames.transpose(3, 2, 0, 1)  # (x, y, z, t)
    spacing = phantom.acquisition.pixel_spacing_mm
    affine = np.diag([-spacing, -spacing, 11.0, 1.0])
    change = {
        "transposed": (data.transpose(1, 0, 2, 3), affine[:, [1, 0, 2, 3]]),
        "mirrored": (data[::-1], affine @ np.diag([-1.0, 1, 1, 1])),
        "upside down": (data[:, ::-1], affine @ np.diag([1, -1.0, 1, 1])),
    }
    volumes = []
    for name, (pixels, matrix) in {"plain": (data, affine), transform: change[transform]}.items():
        path = tmp_path / f"{name.replace(' ', '-')}.nii.gz"
        nib.save(nib.Nifti1Image(np.ascontiguousarray(pixels[..., 0]), matrix), path)
        assert cinecor("segment", path, "--out", tmp_path / "out").returncode == 0
        told = json.loads((tmp_path / "out" / name.replace(" ", "-") / "results.json").read_text())
        volumes.append([told["volumes_ml"][structure][0] for structure in ("lv", "rv", "myo")])
    np.testing.assert_allclose(volumes[1], volumes[0], rtol=0.02, atol=1.0)


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_that_a_progress_bar_is_for_terminals_only(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    import pty
    import termios

    assert cinecor.process("segment", short, "--out", tmp_path / "piped").stderr == ""
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (24, 80))
    command = [*cinecor.command, "segment", str(short), "--out", str(tmp_path / "shown")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=child)
    os.close(child)
    seen = b""
    try:
        while chunk := os.read(parent, 4096):
            seen += chunk
    except OSError:  # Linux ends a pseudo-terminal this way
        pass
    assert process.wait() == 0
    assert b"Outlining ventricles" in seen


def test_that_nothing_is_sent_and_nothing_of_a_study_is_written_elsewhere(short: Path, tmp_path: Path) -> None:
    """Sockets raise, the home folder is watched: the main job needs neither."""
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise RuntimeError('a socket was opened')\n"
        "socket.socket.__init__ = refuse\n"
        "from cinecor.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    for name in ("ORT_DISABLE_TELEMETRY", "CINECOR_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)
    command = [sys.executable, "-c", code, "segment", str(short), "--out", str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    # The one thing kept, where a model has several variants, is which of them was measured fastest.
    written = [path for path in home.rglob("*") if path.is_file()]
    assert all(path.parent.parts[-2:] == ("cinecor", "devices") for path in written), written


def test_that_an_empty_path_is_wrong_usage(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    for arguments in (["", "--out", str(tmp_path / "out")], [str(short), "--out", ""]):
        run = cinecor("segment", *arguments)
        assert run.returncode == 2
        assert "the path is empty" in run.stderr


def test_that_a_gone_reader_does_not_stop_the_work(cinecor: Cinecor, short: Path, tmp_path: Path) -> None:
    command = [*cinecor.command, "segment", str(short), str(short), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert len(list((tmp_path / "out").glob("*/results.json"))) == 2


def test_that_no_file_of_a_patient_is_written_while_an_archive_is_read(
    cinecor: Cinecor, short: Path, tmp_path: Path
) -> None:
    """What is never written survives no kill."""
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in short.rglob("*"):
            bundle.write(path, path.relative_to(short))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [*cinecor.command, "segment", str(archive), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(scratch)})
    written: set[Path] = set()
    while process.poll() is None:
        written.update(scratch.rglob("*"))
        time.sleep(0.005)
    assert process.returncode == 0
    assert written == set()


@pytest.mark.parametrize("command", ["open", "segment", "demo", "phantom", "model", "selftest"])
def test_that_a_folder_called_like_a_command_does_not_take_its_place(
    cinecor: Cinecor, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / command).mkdir()
    assert f"usage: cinecor {command}" in cinecor(command, "--help").stdout
