"""Rules of what may be in the installed program: every file has an owner, every owner an allowed licence and a text."""

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

pytest.importorskip("cyclonedx", reason="needs the extra “installer”")

from contents import Payload, read_payload
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from inventory import Inventory, take_inventory
from make import main
from notices import licence_texts, notices
from policy import asks_for_source, obstacle
from sbom import sbom
from table import FOLDER, read_tables

TABLES = read_tables()
REAL = (
    "../cinecor", "base_library.zip", "libpython3.11.so.1.0", "PySide6/QtCore.abi3.so",
    "PySide6/Qt/lib/libQt6Core.so.6",
    "PySide6/Qt/lib/libicudata.so.73", "numpy.libs/libgfortran-040039e1.so.5.0.0", "numpy.libs/libquadmath-9697.so.0",
    "numpy.libs/libscipy_openblas64_-32a4.so", "_gdcm/libgdcmMSFF.so.3.2", "_gdcm/libsocketxx.so.1.2", "libz.so.1",
    "cinecor_resources/models/cinecor-sax.cinecor", "cinecor_resources/fonts/Inter-Regular.otf",
)  # fmt: skip


def _payload(folder: Path, *places: str, modules: tuple[str, ...] = ()) -> Payload:
    for place in places:
        path = folder / "_internal" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(place.encode())
    return Payload(folder, places, modules)


@pytest.fixture
def install(tmp_path: Path) -> Callable[..., Distribution]:
    """A function that puts a distribution on disk and gives it."""

    def put(name: str, *lines: str, files: tuple[str, ...] = (), texts: tuple[str, ...] = ("LICENSE",)) -> Distribution:
        info = tmp_path / "site" / f"{name}-1.0.dist-info"
        (info / "licenses").mkdir(parents=True)
        header = "\n".join(("Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines))
        (info / "METADATA").write_text(header + "\n")
        for text in texts:
            (info / "licenses" / text).write_text(f"{text} of {name}\n")
        listed = [*files, *(f"{info.name}/licenses/{text}" for text in texts)]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
        return PathDistribution(info)

    return put


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inventory, Payload]:
    """An inventory of the libraries that this environment really has."""
    payload = _payload(
        tmp_path_factory.mktemp("whole"),
        *REAL,
        modules=("numpy.linalg", "pydicom", "json.decoder", "cinecor.cli.main", "pydantic"),
    )
    return take_inventory(payload, TABLES), payload


def test_that_every_file_and_module_of_a_real_program_has_an_owner(whole: tuple[Inventory, Payload]) -> None:
    inventory, _ = whole
    assert inventory.faults == []
    owners = {place: one.name for one in inventory.components.values() for place in (*one.places, *one.modules)}
    assert owners["numpy.libs/libgfortran-040039e1.so.5.0.0"] == "GCC runtime libraries"
    assert owners["PySide6/Qt/lib/libQt6Core.so.6"] == "Qt"
    assert (owners["numpy.linalg"], owners["json.decoder"], owners["cinecor.cli.main"]) == (
        "numpy",
        "Python",
        "Cinecor",
    )
    assert [obstacle(one.name, one.licence, TABLES) for one in inventory.components.values() if one.licence] == [
        None for one in inventory.components.values()
    ]
    assert inventory.components["PCRE2"].inside == "Qt"


@pytest.mark.parametrize("place", ["libreadline.so.8", "PySide6/libQt6Charts.so.6", "new/thing.bin"])
def test_that_a_file_without_an_owner_is_a_fault(tmp_path: Path, place: str) -> None:
    faults = take_inventory(_payload(tmp_path, place), TABLES).faults
    assert len(faults) == 1
    assert faults[0].startswith(f"{place}: nothing says whose it is")


def test_that_a_library_in_a_wheel_needs_an_entry_of_its_own(
    tmp_path: Path, install: Callable[..., Distribution]
) -> None:
    wheel = install("wheel1", "License-Expression: MIT", files=("wheel1.libs/libgpl-1.so.2", "w/x.cpython-311-y.so"))
    payload = _payload(tmp_path, "wheel1.libs/libgpl-1.so.2", "w/x.cpython-311-y.so")
    inventory = take_inventory(payload, TABLES, [wheel])
    assert [fault.split(":")[0] for fault in inventory.faults] == ["wheel1.libs/libgpl-1.so.2"]
    assert inventory.components["wheel1"].places == ["w/x.cpython-311-y.so"]


@pytest.mark.parametrize("licence", ["LGPL-3.0-only", "MPL-2.0 AND MIT", "GPL-2.0-or-later WITH Bootloader-exception"])
def test_that_a_component_whose_licence_asks_for_source_needs_an_address(
    tmp_path: Path, install: Callable[..., Distribution], licence: str
) -> None:
    wheel = install("wheel1", f"License-Expression: {licence}", files=("wheel1.py",))
    inventory = take_inventory(_payload(tmp_path, modules=("wheel1",)), TABLES, [wheel])
    assert notices(inventory)[1] == [
        f"wheel1: {licence} asks for its source; enter the address in components.toml",
    ]
    inventory.components["wheel1"].source = "https://example.org/wheel1"
    text, faults = notices(inventory)
    assert faults == []
    assert "wheel1 1.0: https://example.org/wheel1" in text


def test_that_a_choice_of_licences_asks_for_source_only_when_each_does() -> None:
    assert not asks_for_source("MIT OR LGPL-2.1-or-later")
    assert asks_for_source("MPL-2.0 OR LGPL-2.1-or-later")


@pytest.mark.parametrize(
    ("name", "licence", "allowed"),
    [
        ("any", "MIT", True),
        ("any", "GPL-3.0-only", False),
        ("any", "GPL-2.0-or-later", False),
        ("any", "AGPL-3.0-only", False),
        ("any", "MIT OR GPL-2.0-only", True),
        ("any", "MIT AND GPL-2.0-only", False),
        ("any", "LGPL-3.0-only", False),
        ("Qt", "LGPL-3.0-only", True),
        ("Qt", "GPL-3.0-only", False),
        ("any", "GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GCC runtime libraries", "GPL-3.0-or-later", False),
        ("any", "free for all", False),
        ("any", "", False),
    ],
)
def test_that_only_listed_licences_are_allowed(name: str, licence: str, allowed: bool) -> None:
    why = obstacle(name, licence, TABLES)
    assert (why is None) == allowed
    assert why is None or name in why


def test_that_metadata_in_other_words_than_were_looked_at_is_a_fault(
    tmp_path: Path, install: Callable[..., Distribution]
) -> None:
    changed = install("pyqtgraph", "License: GPL v3", files=("pyqtgraph/__init__.py",))
    inventory = take_inventory(_payload(tmp_path, modules=("pyqtgraph",)), TABLES, [changed])
    assert inventory.faults == [
        "pyqtgraph: its metadata says “GPL v3”; look at its licence and enter it in components.toml"
    ]


def test_that_every_entry_of_the_tables_has_its_texts_and_is_used() -> None:
    for row in TABLES.rows:
        for name in row.texts:
            if not name.startswith("dist:"):
                assert (FOLDER / "texts" / f"{name}.txt").is_file() or (FOLDER.parents[1] / name).is_file(), name
        assert row.files or row.inside, row.name
    named = {row.name for row in TABLES.rows} | set(TABLES.distributions)
    for licence, exception in TABLES.exceptions.items():
        assert exception["reason"], licence
        assert set(exception["components"]) <= named


def test_that_the_notices_hold_every_text_in_full_and_the_offer_of_source(whole: tuple[Inventory, Payload]) -> None:
    inventory, _ = whole
    text, faults = notices(inventory)
    assert faults == []
    for component in inventory.components.values():
        assert component.name in text
        for name in component.texts:
            found = licence_texts(name, component, inventory)
            assert found, (component.name, name)
            assert all(one in text for one in found)
    for name in ("LGPL-3.0", "GPL-3.0", "CC-BY-NC-SA-4.0"):
        assert (FOLDER / "texts" / f"{name}.txt").read_text(encoding="utf-8").strip("\n") in text
    assert "Offer of source: for three years" in text
    assert text == notices(inventory)[0]


def test_that_a_distribution_without_a_licence_text_is_a_fault(
    tmp_path: Path, install: Callable[..., Distribution]
) -> None:
    bare = install("bare", "License-Expression: MIT", files=("bare.py",), texts=())
    inventory = take_inventory(_payload(tmp_path, modules=("bare",)), TABLES, [bare])
    assert notices(inventory)[1] == ["bare: its licence text was not found; name it in components.toml"]


def test_that_the_bill_of_materials_follows_the_schema_and_repeats(whole: tuple[Inventory, Payload]) -> None:
    inventory, payload = whole
    text = sbom(inventory, payload, version="1.2", epoch=1_700_000_000)
    assert text == sbom(inventory, payload, version="1.2", epoch=1_700_000_000)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    qt = next(entry for entry in document["components"] if entry["name"] == "Qt")
    assert qt["licenses"] == [{"expression": "LGPL-3.0-only"}]
    (file,) = qt["components"]
    assert file["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(file["name"].encode()).hexdigest()}]
    numpy = next(entry for entry in document["components"] if entry["name"] == "numpy")
    assert numpy["purl"].startswith("pkg:pypi/numpy@")
    assert numpy["hashes"]


def test_that_components_whose_version_nobody_tells_are_named_as_such(whole: tuple[Inventory, Payload]) -> None:
    inventory, payload = whole
    document = json.loads(sbom(inventory, payload, version="1.2", epoch=0))
    untold = {
        entry["name"]
        for entry in document["components"]
        if any(one["name"] == "cinecor:version-unknown" for one in entry.get("properties", ()))
    }
    assert untold == {entry["name"] for entry in document["components"] if not entry.get("version")}
    assert untold


def test_that_the_bill_names_its_maker_and_each_component_as_scanners_look_it_up(
    whole: tuple[Inventory, Payload],
) -> None:
    inventory, payload = whole
    document = json.loads(sbom(inventory, payload, version="1.2", epoch=0))
    assert document["metadata"]["supplier"]["name"]
    assert {tool["name"] for tool in document["metadata"]["tools"]["components"]} == {
        "cyclonedx-python-lib",
        "pyinstaller",
    }
    assert [entry["name"] for entry in document["components"] if not entry.get("purl")] == []
    refs = [entry["bom-ref"] for entry in document["components"]]
    assert len(refs) == len(set(refs))


def test_that_a_version_is_read_from_the_name_of_a_file_or_from_the_wheels_own_bill(
    tmp_path: Path, install: Callable[..., Distribution]
) -> None:
    wheel = install("pillow", "License-Expression: MIT-CMU", files=("pillow-1.0.dist-info/sboms/own.json",))
    bill = tmp_path / "site" / "pillow-1.0.dist-info" / "sboms" / "own.json"
    bill.parent.mkdir()
    binding = {"name": "libtiff", "version": "0.1.0", "purl": "pkg:cargo/libtiff@0.1.0"}
    bill.write_text(json.dumps({"components": [binding, {"name": "libtiff", "version": "4.7.2"}]}))
    payload = _payload(tmp_path, "pillow.libs/libzstd-40ad.so.1.5.7", "pillow.libs/libtiff-20b7.so.6.3.0")
    found = take_inventory(payload, TABLES, [wheel]).components
    assert (found["Zstandard"].version, found["Zstandard"].purl) == ("1.5.7", "pkg:generic/zstd@1.5.7")
    assert found["libtiff"].purl == "pkg:generic/libtiff@4.7.2"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A payload whose program really is an archive of PyInstaller's."""
    writers = pytest.importorskip("PyInstaller.archive.writers", reason="needs the extra “installer”")
    inner, outer = tmp_path / "PYZ.pyz", tmp_path / "payload" / "cinecor"
    code = {name: compile("", name, "exec") for name in ("numpy.linalg", "cinecor.cli.main", "json")}
    writers.ZlibArchiveWriter(str(inner), [(name, f"{name}.py", "PYMODULE") for name in code], code)
    outer.parent.mkdir()
    writers.CArchiveWriter(str(outer), [("PYZ.pyz", str(inner), False, "z")], "libpython3.11.so.1.0")
    _payload(outer.parent, "PySide6/QtCore.abi3.so", "base_library.zip")
    (outer.parent / "_internal" / "libQt6Core.so.6").symlink_to("PySide6/QtCore.abi3.so")
    return outer.parent


def test_that_modules_are_read_from_the_program_and_links_are_no_files(program: Path) -> None:
    payload = read_payload(program)
    assert payload.modules == ("cinecor.cli.main", "json", "numpy.linalg")
    assert payload.places == ("../cinecor", "PySide6/QtCore.abi3.so", "base_library.zip")


def test_that_the_command_writes_both_documents_or_none(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["make.py", "--payload", str(program)])
    (program / "_internal" / "libreadline.so.8").touch()
    assert main() == 1
    assert "libreadline.so.8: nothing says whose it is" in capsys.readouterr().err
    assert not (program / "sbom.cdx.json").exists()
    (program / "_internal" / "libreadline.so.8").unlink()
    assert main() == 0
    first = {name: (program / name).read_bytes() for name in ("sbom.cdx.json", "THIRD-PARTY-NOTICES.txt")}
    assert main() == 0  # they are no part of what they tell
    assert {name: (program / name).read_bytes() for name in first} == first
