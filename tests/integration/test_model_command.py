"""Rules of `cinecor model` and of the installed model in `cinecor segment`, through the command line."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from program import Cinecor

from cinecor.cli.main import main
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.package.model_package import write_package
from cinecor_phantom import Acquisition, make_phantom, write_dicom
from cinecor_resources import bundled_model


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "study"
    write_dicom(
        make_phantom(acquisition=Acquisition(slices=10, phases=2, rows=128, columns=144, slice_gap_mm=3.0)), folder
    )
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The bundled model's fp32 graph in a package of its own."""
    graph = open_model_file(bundled_model()).checked("fp32")
    path = tmp_path / "modèle du site.cinecor"
    contract = graph.contract
    write_package(
        path, id=contract.id, version=contract.version, graphs={"fp32": graph.content}, created=date(2026, 11, 24)
    )
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "Données"
    monkeypatch.setenv("CINECOR_HOME", str(folder))
    return folder


@pytest.fixture
def segmented(cinecor: Cinecor, study: Path, tmp_path: Path) -> Callable[..., dict[str, dict[str, object]]]:
    def segment(*options: str) -> dict[str, dict[str, object]]:
        out = tmp_path / "out"
        assert cinecor("segment", study, "--out", out, "--device", "cpu", *options).returncode == 0
        results: dict[str, dict[str, object]] = json.loads((out / "study" / "results.json").read_text())
        return results

    return segment


def _digest(package: Path) -> str:
    with zipfile.ZipFile(package) as archive:
        return hashlib.sha256(archive.read("manifest.json")).hexdigest()


def test_that_a_study_is_segmented_with_the_active_model_and_after_rollback_with_the_one_before(
    cinecor: Cinecor, package: Path, segmented: Callable[..., dict[str, dict[str, object]]]
) -> None:
    bundled = segmented()
    assert cinecor("model", "install", package).returncode == 0
    installed = segmented()
    assert installed["model"]["sha256"] == _digest(package) != bundled["model"]["sha256"]
    assert installed["runtime"]["precision"] == "fp32"
    assert cinecor("model", "rollback").returncode == 0
    assert segmented()["model"]["sha256"] == bundled["model"]["sha256"]
    assert segmented("--model", str(package))["model"]["sha256"] == _digest(package)


def test_that_every_action_says_what_it_did(cinecor: Cinecor, package: Path) -> None:
    digits = _digest(package)[:12]
    for arguments, said in (
        (["install", str(package), "--keep-active"], f"{digits}: installed, not active"),
        (["activate", digits], f"{digits}: active"),
        (["verify"], f"{digits}: whole"),
        (["verify", str(package)], "whole"),
        (["rollback"], "bundled: active"),
        (["list"], f"- {digits}"),
        (["trust", "ab" * 32, "--required"], "only models signed with a trusted key are taken"),
    ):
        run = cinecor("model", *arguments)
        assert run.returncode == 0
        assert said in run.stdout


def test_that_verify_names_the_damaged_model_and_refuses(cinecor: Cinecor, package: Path, home: Path) -> None:
    assert cinecor("model", "install", package).returncode == 0
    stored = home / "models" / f"{_digest(package)}.cinecor"
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes(content)
    said = cinecor("model", "verify")
    assert said.returncode == 4
    assert "bundled: whole" in said.stdout
    assert said.stderr.count("\n") == 1
    assert _digest(package)[:12] in said.stderr


@pytest.mark.parametrize("part", ["card.md", "evaluation.json", "int8.onnx"])
def test_that_verify_checks_every_part_of_the_bundled_model(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "bundled.cinecor"
    with zipfile.ZipFile(bundled_model()) as source, zipfile.ZipFile(changed, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            target.writestr(info, content[:-1] + b"?" if info.filename == part else content)
    monkeypatch.setattr("cinecor.inference.store.model_store.bundled_model", lambda: changed)
    assert main(["model", "verify"]) == 4
    assert f"its part {part}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["install", "nowhere.cinecor"], ["verify", "nowhere.cinecor"]])
def test_that_a_missing_file_is_refused_in_one_line(cinecor: Cinecor, arguments: list[str], home: Path) -> None:
    run = cinecor("model", *arguments)
    assert run.returncode == 4
    assert run.stderr.count("\n") == 1
    assert not home.exists()
