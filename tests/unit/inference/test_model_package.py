"""Rules of model packages: what is written reads back, and every fault is refused with a sentence of its own."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import onnx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cinecor.errors import ModelRefused
from cinecor.inference.package.contract import CONTRACT_VERSION
from cinecor.inference.package.model_package import open_package, read_package, write_package
from cinecor.inference.package.signature import Trust, key_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="module")
def package(make_package: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(tmp_path_factory.mktemp("packages") / "modèle.cinecor", int8={}, signing_key=KEY)


def _entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def _with_manifest(path: Path, entries: dict[str, bytes], **changes: Any) -> Path:
    """The entries, unsigned, under a manifest that was changed and names the hashes that the parts have."""
    manifest = json.loads(entries["manifest.json"])
    for name, part in manifest["parts"].items():
        part |= {"sha256": hashlib.sha256(entries[name]).hexdigest(), "size_bytes": len(entries[name])}
    manifest |= changes
    others = {name: content for name, content in entries.items() if name not in ("manifest.json", "signature.json")}
    return _packed(path, {"manifest.json": json.dumps(manifest).encode(), **others})


def test_that_a_package_reads_back_as_it_was_written(package: Path, make_variants: Callable[..., Any]) -> None:
    read = read_package(package)
    assert read.manifest.precisions == ("fp32", "int8")
    assert read.graph("int8") == make_variants(int8={})["int8"]
    assert read.part("card.md") == b"# small\n"
    assert read.signed_by == key_of(KEY)
    assert next(iter(_entries(package))) == "manifest.json"


def test_that_the_same_model_gives_the_same_file(make_package: Callable[..., Path], tmp_path: Path) -> None:
    one, other = (make_package(tmp_path / name, int8={}, signing_key=KEY) for name in ("a.cinecor", "b.cinecor"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"a letter"])
def test_that_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.cinecor"
    path.write_bytes(content)
    with pytest.raises(ModelRefused, match=r"m\.cinecor is damaged or no model package"):
        read_package(path)


def test_that_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot be read"):
        read_package(tmp_path / "nowhere.cinecor")


def test_that_a_zip_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"no manifest\.json"):
        read_package(_packed(tmp_path / "m.cinecor", {"letter.txt": b""}))


def test_that_a_changed_byte_in_any_part_is_found(package: Path, tmp_path: Path) -> None:
    whole = package.read_bytes()
    path = tmp_path / "m.cinecor"
    with zipfile.ZipFile(package) as archive:
        inside = [info.header_offset + 30 + len(info.filename) + info.compress_size // 2 for info in archive.infolist()]
    for place in inside:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ModelRefused):
            read_package(path)


def test_that_a_cut_package_is_refused(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.cinecor"
    path.write_bytes(package.read_bytes()[:-300])
    with pytest.raises(ModelRefused):
        read_package(path)


def test_that_another_part_than_the_manifest_names_is_refused(package: Path, tmp_path: Path) -> None:
    entries = _entries(package) | {"card.md": b"# large\n"}
    with pytest.raises(ModelRefused, match=r"card\.md is not the one"):
        read_package(_packed(tmp_path / "m.cinecor", entries))


@pytest.mark.parametrize("name", ["extra.txt", "../../evil.onnx", "/etc/passwd", "a/b.onnx"])
def test_that_an_entry_no_manifest_names_is_refused(package: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelRefused, match="which its manifest does not name"):
        read_package(_packed(tmp_path / "m.cinecor", _entries(package) | {name: b"x"}))


def test_that_a_manifest_cannot_name_a_path(package: Path, tmp_path: Path) -> None:
    entries = _entries(package)
    manifest = json.loads(entries["manifest.json"])
    manifest["parts"]["../evil.onnx"] = manifest["parts"]["card.md"]
    with pytest.raises(ModelRefused, match="that no package has"):
        read_package(_packed(tmp_path / "m.cinecor", entries | {"manifest.json": json.dumps(manifest).encode()}))


@pytest.mark.parametrize("missing", ["fp32.onnx", "int8.onnx"])
def test_that_a_missing_part_is_named(package: Path, tmp_path: Path, missing: str) -> None:
    entries = {name: content for name, content in _entries(package).items() if name != missing}
    with pytest.raises(ModelRefused, match=f"lacks its part {missing}"):
        read_package(_packed(tmp_path / "m.cinecor", entries))


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"format_version": 2}, "package format version 2.*update Cinecor"),
        ({"contract_version": CONTRACT_VERSION + 1}, "contract version.*update Cinecor"),
        ({"contract_version": CONTRACT_VERSION - 1}, "earlier Cinecor.*export it again"),
        ({"surprise": 1}, "wrong at 'surprise'"),
        ({"parts": {}}, "which its manifest does not name"),
        ({"version": "2"}, "belongs to another model"),
        ({"format_version": "x"}, "unreadable"),
    ],
)
def test_that_a_wrong_manifest_is_refused_with_its_cause(
    package: Path, tmp_path: Path, changes: dict[str, Any], cause: str
) -> None:
    with pytest.raises(ModelRefused, match=cause):
        read_package(_with_manifest(tmp_path / "m.cinecor", _entries(package), **changes))


def _foreign_operator(model: onnx.ModelProto) -> None:
    model.graph.node[3].domain = "com.example"


def _hidden_operator(model: onnx.ModelProto) -> None:
    """A custom operator inside a function's body."""
    inner = onnx.helper.make_node("Theirs", ["x"], ["y"], domain="com.example")
    opset = [onnx.helper.make_opsetid("", 18)]
    model.functions.append(onnx.helper.make_function("com.microsoft", "Wrapped", ["x"], ["y"], [inner], opset))


def _external_weights(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _no_contract(model: onnx.ModelProto) -> None:
    del model.metadata_props[:]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (_foreign_operator, r"custom operators \(com\.example\)"),
        (_hidden_operator, r"custom operators \(com\.example\)"),
        (_external_weights, "keeps weights in another file"),
        (_no_contract, "no Cinecor contract"),
    ],
)
def test_that_a_graph_that_may_not_run_is_refused_before_it_runs(
    package: Path, tmp_path: Path, change: Callable[[onnx.ModelProto], None], cause: str
) -> None:
    entries = _entries(package)
    model = onnx.load_from_string(entries["fp32.onnx"])
    change(model)
    entries["fp32.onnx"] = model.SerializeToString()
    with pytest.raises(ModelRefused, match=cause):
        read_package(_with_manifest(tmp_path / "m.cinecor", entries))


def test_that_bytes_that_are_no_graph_are_refused(package: Path, tmp_path: Path) -> None:
    for content in (b"", b"\xff" * 50, b"\x3a\xff\xff\xff\xff\x0f"):
        with pytest.raises(ModelRefused, match="damaged or no ONNX model"):
            read_package(_with_manifest(tmp_path / "m.cinecor", _entries(package) | {"fp32.onnx": content}))


def test_that_a_variant_of_another_model_is_refused(
    make_variants: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    graphs = make_variants() | {"int8": make_variants(moved=1.0, int8={})["int8"]}
    with pytest.raises(ModelRefused, match=r"int8\.onnx belongs to another model"):
        write_package(tmp_path / "m.cinecor", id="small", version="1", graphs=graphs, created=date(2026, 1, 1))
    assert list(tmp_path.iterdir()) == []


def test_that_a_signature_over_another_manifest_is_refused(package: Path, tmp_path: Path) -> None:
    entries = _entries(package)
    entries["manifest.json"] = entries["manifest.json"].replace(b"2026-11-24", b"2026-11-25")
    with pytest.raises(ModelRefused, match="signature does not belong to it"):
        open_package(_packed(tmp_path / "m.cinecor", entries))


def test_that_a_demanded_signature_must_be_there_and_trusted(
    package: Path, make_package: Callable[..., Path], tmp_path: Path
) -> None:
    unsigned = make_package(tmp_path / "unsigned.cinecor")
    stranger = key_of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(ModelRefused, match=r"unsigned\.cinecor is not signed"):
        read_package(unsigned, trust=Trust(frozenset({key_of(KEY)}), required=True))
    with pytest.raises(ModelRefused, match="does not trust"):
        read_package(package, trust=Trust(frozenset({stranger}), required=True))
    assert read_package(package, trust=Trust(frozenset({key_of(KEY)}), required=True)).signed_by == key_of(KEY)
    assert read_package(unsigned, trust=Trust(frozenset({key_of(KEY)}))).signed_by is None


def test_that_a_failed_write_keeps_the_earlier_package(
    make_package: Callable[..., Path], make_variants: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    path = make_package(tmp_path / "m.cinecor")
    before = path.read_bytes()
    with pytest.raises(ModelRefused):
        write_package(path, id="other", version="1", graphs=make_variants(), created=date(2026, 1, 1))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
