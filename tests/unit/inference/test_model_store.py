"""Rules of the installed models: atomic, kept, refused with a sentence, safe against kills and other installers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cinecor.app.session import open_session
from cinecor.cli.main import main
from cinecor.errors import ModelRefused, OutputError, UsageError
from cinecor.inference.package.signature import key_of, read_public_key
from cinecor.inference.store.model_store import ModelStore
from cinecor.inference.store.store_lock import locked
from cinecor.inference.store.store_records import BUNDLED

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Make = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "maison — é"))
    return ModelStore()


def _version() -> str:
    return open_session(device="cpu").identity.version


def test_that_without_any_installed_model_the_bundled_one_is_active(store: ModelStore) -> None:
    assert [(model.name, model.active) for model in store.models()] == [(BUNDLED, True)]
    assert not store.folder.exists()


def test_that_an_installed_model_is_active_and_the_one_before_is_kept(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    first = store.install(make_package(tmp_path / "première.cinecor", version="1"))
    second = store.install(make_package(tmp_path / "seconde.cinecor", version="2"))
    assert _version() == "2"
    assert store.rollback().name == first.sha256
    assert _version() == "1"
    assert store.rollback().name == second.sha256
    assert {model.name for model in store.models()} == {BUNDLED, first.sha256, second.sha256}


def test_that_the_bundled_model_can_always_be_gone_back_to(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    store.install(make_package(tmp_path / "m.cinecor"))
    assert store.rollback().name == BUNDLED
    store.install(make_package(tmp_path / "m.cinecor"))
    assert store.activate(BUNDLED).name == BUNDLED


def test_that_rollback_without_an_earlier_model_is_wrong_usage(store: ModelStore) -> None:
    with pytest.raises(UsageError, match="No other model was active before"):
        store.rollback()


def test_that_a_model_is_named_by_its_first_digits(store: ModelStore, make_package: Make, tmp_path: Path) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"), activate=False)
    assert store.active().name == BUNDLED
    assert store.activate(package.sha256[:8]).name == package.sha256
    with pytest.raises(UsageError, match="names no model"):
        store.activate("ffffffff")
    for name in (package.sha256[:5], ""):
        with pytest.raises(UsageError, match="at least 6 of the digits"):
            store.activate(name)


def test_that_a_refused_package_leaves_the_store_as_it_was(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    store.install(make_package(tmp_path / "m.cinecor"))
    before = sorted((path.name, path.read_bytes()) for path in store.folder.iterdir())
    broken = tmp_path / "broken.cinecor"
    broken.write_bytes((tmp_path / "m.cinecor").read_bytes()[:-99])
    with pytest.raises(ModelRefused, match=r"^broken\.cinecor"):
        store.install(broken)
    assert sorted((path.name, path.read_bytes()) for path in store.folder.iterdir()) == before


def test_that_a_damaged_active_model_is_refused_with_the_remedy_and_never_replaced(
    store: ModelStore, make_package: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"))
    content = package.path.read_bytes()
    place = content.index(b"papillary_muscles")  # in the graph
    damages = {
        "cut": lambda: package.path.write_bytes(content[:-99]),
        "changed": lambda: package.path.write_bytes(content[:place] + b"x" + content[place + 1 :]),
        "gone": package.path.unlink,
    }
    for damage in damages.values():
        damage()
        with pytest.raises(ModelRefused, match="cinecor model rollback"):
            open_session(device="cpu")
        assert main(["model", "list"]) == 0
        assert main(["segment", str(tmp_path), "--out", str(tmp_path / "out")]) == 4
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["model", "rollback"]) == 0
    assert open_session(device="cpu").identity.id != "small"


def test_that_to_install_again_heals_a_damaged_model(store: ModelStore, make_package: Make, tmp_path: Path) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"))
    package.path.write_bytes(b"")
    store.install(tmp_path / "m.cinecor")
    assert _version() == "1"


def test_that_an_unreadable_record_of_the_active_model_is_told_and_can_be_cured(
    store: ModelStore, make_package: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"))
    (store.folder / "active.json").write_text("{")
    with pytest.raises(ModelRefused, match="cinecor model activate bundled"):
        open_session(device="cpu")
    assert main(["model", "list"]) == 4
    assert package.sha256[:12] in capsys.readouterr().out
    assert main(["model", "verify"]) == 4
    said = capsys.readouterr()
    assert f"{package.sha256[:12]}: whole" in said.out
    assert "cinecor model activate bundled" in said.err
    assert store.activate(package.sha256).active
    assert _version() == "1"


def test_that_unsigned_models_are_refused_once_signatures_are_required(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    unsigned = make_package(tmp_path / "unsigned.cinecor")
    store.install(unsigned)
    public = tmp_path / "clé.pem"
    public.write_bytes(
        KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    assert main(["model", "trust", str(public), "--required"]) == 0
    with pytest.raises(ModelRefused, match="not signed"):  # also the one that was active already
        open_session(device="cpu")
    with pytest.raises(ModelRefused, match=r"unsigned\.cinecor is not signed"):
        store.install(unsigned)
    with pytest.raises(ModelRefused, match=r"unsigned\.cinecor is not signed"):
        open_session(unsigned, device="cpu")
    store.install(make_package(tmp_path / "signed.cinecor", version="3", signing_key=KEY))
    assert _version() == "3"
    assert store.activate(BUNDLED).active  # the program vouches for it


def test_that_an_unreadable_record_of_trust_is_no_consent(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    store.install(make_package(tmp_path / "m.cinecor"))
    (store.folder / "trust.json").write_text("{")
    with pytest.raises(ModelRefused, match="not known whose models may be used"):
        open_session(device="cpu")
    assert store.add_trust(key_of(KEY)).required


def test_that_rollback_without_a_readable_record_names_a_remedy_that_works(
    store: ModelStore, make_package: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"))
    for content in (b"", b"{", b"\xff", b'{"active": "other"}'):
        for name, active in (("bundled", BUNDLED), (package.sha256[:12], package.sha256)):
            (store.folder / "active.json").write_bytes(content)
            assert main(["model", "rollback"]) == 4
            said = capsys.readouterr().err
            assert said.count("\n") == 1
            assert "cinecor model activate bundled" in said
            assert "cinecor model rollback" not in said
            assert main(["model", "activate", name]) == 0
            assert store.active().name == active


def test_that_rollback_to_a_damaged_model_names_a_remedy_that_works(
    store: ModelStore, make_package: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = store.install(make_package(tmp_path / "1.cinecor", version="1"))
    second = store.install(make_package(tmp_path / "2.cinecor", version="2"))
    first.path.write_bytes(b"")
    assert main(["model", "rollback"]) == 4
    said = capsys.readouterr().err
    assert "cinecor model activate bundled" in said
    assert "cinecor model rollback" not in said
    assert store.active().name == second.sha256
    assert main(["model", "activate", "bundled"]) == 0


@pytest.mark.parametrize("action", [["activate", "bundled"], ["rollback"]])
def test_that_nothing_changes_when_the_record_of_trust_is_unreadable(
    store: ModelStore, make_package: Make, tmp_path: Path, action: list[str]
) -> None:
    package = store.install(make_package(tmp_path / "m.cinecor"))
    (store.folder / "trust.json").write_text("{")
    before = (store.folder / "active.json").read_bytes()
    assert main(["model", *action]) == 4
    assert (store.folder / "active.json").read_bytes() == before
    assert store.active().name == package.sha256


@pytest.mark.parametrize("record", ["active.json", "trust.json"])
def test_that_models_of_a_newer_version_are_left_as_they_are_with_the_reason(
    store: ModelStore, make_package: Make, tmp_path: Path, record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    package = make_package(tmp_path / "m.cinecor")
    store.install(package)
    store.add_trust(key_of(KEY))
    newer = json.loads((store.folder / record).read_bytes()) | {"format": 2, "written_by": "9.1", "more": {}}
    (store.folder / record).write_text(json.dumps(newer))
    before = {path: path.read_bytes() for path in store.folder.iterdir()}
    with pytest.raises(ModelRefused, match=r"newer Cinecor \(9.1\).*install that version again"):
        open_session(device="cpu")
    for action in (["install", str(package)], ["activate", "bundled"], ["rollback"], ["trust", "ab" * 32]):
        assert main(["model", *action]) == 4
        assert "belong to a newer Cinecor (9.1)" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in store.folder.iterdir()} == before


@pytest.mark.parametrize("action", [["list"], ["verify"], ["trust", "ab" * 32], ["activate", "bundled"]])
def test_that_a_home_below_a_file_is_told_with_the_remedy(
    tmp_path: Path, action: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CINECOR_HOME", str(tmp_path / "file" / "home"))
    assert main(["model", *action]) != 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "lies below a file" in said
    assert "set CINECOR_HOME to another folder" in said
    assert "cinecor model trust" not in said


def test_that_an_empty_key_is_called_missing() -> None:
    for empty in ("", "  "):
        with pytest.raises(UsageError, match="public key is missing"):
            read_public_key(empty)


def test_that_a_bare_graph_is_told_from_a_damaged_package(
    store: ModelStore, make_graph: Callable[..., Any], tmp_path: Path
) -> None:
    bare = tmp_path / "réseau.onnx"
    bare.write_bytes(make_graph().SerializeToString())
    with pytest.raises(ModelRefused, match=r"^réseau\.onnx is a bare ONNX file.*export-onnx"):
        store.install(bare)
    bare.write_bytes(b"neither")
    with pytest.raises(ModelRefused, match=r"^réseau\.onnx is damaged"):
        store.install(bare)
    assert store.active().name == BUNDLED


def test_that_a_key_is_read_as_digits_or_from_a_file(tmp_path: Path) -> None:
    digits = tmp_path / "key.txt"
    digits.write_text(key_of(KEY).upper() + "\n")
    assert read_public_key(key_of(KEY)) == read_public_key(str(digits)) == key_of(KEY)
    for wrong in ("abc", str(tmp_path / "nowhere"), str(tmp_path)):
        with pytest.raises(UsageError):
            read_public_key(wrong)


def test_that_a_graph_that_does_not_run_here_is_not_installed(
    store: ModelStore, make_package: Make, tmp_path: Path
) -> None:
    path = make_package(tmp_path / "m.cinecor", input=_input_of_another_size())
    with pytest.raises(ModelRefused, match="does not match its contract"):
        store.install(path)
    assert store.active().name == BUNDLED


def _input_of_another_size() -> object:
    from cinecor.inference.package.contract import InputContract

    return InputContract(spacing_mm=3.0, size_px=96, neighbours=1)


def test_that_installers_at_the_same_time_all_succeed(store: ModelStore, make_package: Make, tmp_path: Path) -> None:
    paths = [make_package(tmp_path / f"{number}.cinecor", version=str(number)) for number in range(4)]
    with ThreadPoolExecutor(len(paths)) as pool:
        installed = list(pool.map(store.install, paths))
    assert {package.sha256 for package in installed} <= {model.name for model in store.models()}
    assert not list(store.folder.glob(".new-*"))
    active = store.active()
    assert [package.sha256 for package in installed].count(active.name) == 1
    assert open_session(device="cpu").identity.sha256 == active.name


def test_that_a_store_held_by_another_is_told(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        pytest.raises(OutputError, match="Another Cinecor"),
        locked(tmp_path / "lock", wait_s=0.1),
    ):
        pass


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows may write everywhere")
def test_that_a_store_that_cannot_be_written_is_told(store: ModelStore, make_package: Make, tmp_path: Path) -> None:
    store.folder.parent.mkdir()
    store.folder.parent.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be changed"):
        store.install(make_package(tmp_path / "m.cinecor"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_that_a_kill_at_any_file_operation_leaves_a_working_application(make_package: Make, tmp_path: Path) -> None:
    script = Path(__file__).with_name("killed_changes.py")
    first = make_package(tmp_path / "1.cinecor", version="1")
    second = make_package(tmp_path / "2.cinecor", version="2", int8={})
    command = [sys.executable, str(script), str(tmp_path / "home"), str(first), str(second)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    tries = [json.loads(line) for line in run.stdout.splitlines()]

    for found in tries:
        assert "error" not in found, found
        assert found["list"] == 0, found
        assert found["active"] in ("1", "2"), found
        assert (found["install"], found["then"], found["left"]) == (0, "2", []), found
    by_operation = [found for found in tries if found["try"].startswith("operation")]
    assert len(by_operation) > 10  # else the hook counted nothing
    assert all(found["code"] == 77 for found in by_operation[:-1])
    actives = [found["active"] for found in by_operation]
    assert actives == sorted(actives)  # the old one until the one step, the new one ever after
    assert {"1", "2"} == set(actives)
    assert any(found["unfinished"] for found in by_operation)
    in_writing = [found for found in tries if found["try"].startswith("byte")]
    assert all(found["code"] < 0 and found["active"] == "1" for found in in_writing)
