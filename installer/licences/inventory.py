"""`take_inventory`: which components the program is made of; every file and module belongs to one."""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from contents import Payload
from packageurl import PackageURL
from table import Row, Said, Tables

_CRATE = "pkg:cargo/"
_NUMBERED = re.compile(r"\.so\.(\d[\d.]*)$")
_SHARED = re.compile(r"\.(so(\.[\d.]+)?|dylib|dll)$")
_EXTENSION = re.compile(r"\.(abi3|cpython-\w+(-[\w-]+)?)\.so$")  # a Python module, no library that others may share


@dataclass(slots=True)
class Component:
    """A library, data set or program with a licence of its own."""

    name: str
    version: str
    licence: str
    copyright: str = ""
    texts: list[str] = field(default_factory=list)  # as in components.toml
    places: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    inside: str = ""  # what it is linked into, when it has no file of its own
    source: str = ""
    distribution: Distribution | None = None
    purl: str = ""


@dataclass(slots=True)
class Inventory:
    """The components by name, and what is wrong: files without one, metadata that changed."""

    installed: tuple[Distribution, ...]
    components: dict[str, Component] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def take_inventory(payload: Payload, tables: Tables, installed: Iterable[Distribution] | None = None) -> Inventory:
    """Assign every file and module of the payload to a component; `installed` is what it was built from."""
    taken = Inventory(tuple(distributions() if installed is None else installed))
    owners = {file.as_posix(): one for one in taken.installed for file in one.files or ()}
    for place in payload.places:
        component = _of_row(taken, tables, "files", place) or _of_distribution(taken, tables, owners, place)
        if component is None:
            taken.faults.append(f"{place}: nothing says whose it is; leave it out of the program or add a component")
        else:
            component.places.append(place)
    for module in payload.modules:
        component = _of_module(taken, tables, owners, module)
        if component is None:
            taken.faults.append(f"module {module}: nothing says whose it is; leave it out or add a component")
        else:
            component.modules.append(module)
    _add_linked(taken, tables)
    return taken


def _of_module(taken: Inventory, tables: Tables, owners: dict[str, Distribution], module: str) -> Component | None:
    first = module.split(".", maxsplit=1)[0]
    if first in sys.stdlib_module_names or first.startswith("_sysconfigdata"):
        return _of_row(taken, tables, "files", "base_library.zip")  # Python's own
    component = _of_row(taken, tables, "modules", first)
    for path in (f"{module.replace('.', '/')}{end}" for end in (".py", "/__init__.py")):
        component = component or _of_distribution(taken, tables, owners, path)
    return component


def _of_row(taken: Inventory, tables: Tables, kind: str, name: str) -> Component | None:
    patterns = ((row, pattern) for row in tables.rows for pattern in getattr(row, kind))
    row = next((row for row, pattern in patterns if fnmatchcase(name, pattern)), None)
    return None if row is None else _component(taken, row, name)


def _component(taken: Inventory, row: Row, place: str = "") -> Component:
    if row.name not in taken.components:
        version = _version(row.version, taken, place)
        taken.components[row.name] = Component(
            row.name, version, row.licence, row.copyright, row.texts, source=row.source, purl=_purl(row, version)
        )
    return taken.components[row.name]


def _purl(row: Row, version: str) -> str:
    """Name a package as vulnerability scanners look it up: Debian's by its package, others by the project."""
    if row.version.startswith("debian:") and version:
        return PackageURL("deb", "debian", row.version.removeprefix("debian:"), version).to_string()
    name = row.package or re.sub(r"[^a-z0-9.]+", "-", row.name.lower()).strip("-")
    return PackageURL("generic", None, name, version or None).to_string()


def _version(said: str, taken: Inventory, place: str) -> str:
    if said == "file":
        found = _NUMBERED.search(place)
        return found[1] if found else ""
    if said.startswith("="):
        return next((one.version for one in taken.installed if _same(one.name, said[1:])), "")
    if said.startswith("wheel:"):
        wheel, _, library = said.removeprefix("wheel:").partition("/")
        hosts = (one for one in taken.installed if _same(one.name, wheel))
        told = (entry for host in hosts for entry in _told_by_wheel(host) if entry.get("name") == library)
        # A Rust crate that binds the library may bear the same name.
        named = (entry for entry in told if not str(entry.get("purl", "")).startswith(_CRATE))
        return next((str(entry.get("version", "")) for entry in named), "")
    if said.startswith("debian:"):
        try:
            query = ["dpkg-query", "--show", "--showformat=${Version}", said.removeprefix("debian:")]
            return subprocess.run(query, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):  # another system, or a Python that brings its own
            return ""
    return platform.python_version() if said == "python" else said


def _same(name: str, other: str) -> bool:
    return re.sub(r"[-_.]+", "-", name).lower() == re.sub(r"[-_.]+", "-", other).lower()


def _of_distribution(taken: Inventory, tables: Tables, owners: dict[str, Distribution], place: str) -> Component | None:
    """Give the distribution whose file it is; a library that others may share needs a row of its own."""
    owner = owners.get(place)
    if owner is None or (_SHARED.search(place) and not _EXTENSION.search(place) and not _own(place)):
        return None
    if owner.name not in taken.components:
        said = next((said for name, said in tables.distributions.items() if _same(name, owner.name)), None)
        if (fault := _changed(owner, said)) is not None:
            taken.faults.append(fault)
        licence = said.licence if said else _expression(owner)
        texts = [f"dist:{owner.name}"] if said is None or not said.texts else said.texts
        purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', owner.name).lower()}@{owner.version}"
        taken.components[owner.name] = Component(
            owner.name,
            owner.version,
            licence,
            texts=texts,
            source=said.source if said else "",
            distribution=owner,
            purl=purl,
        )
    return taken.components[owner.name]


def _own(place: str) -> bool:
    """PySide's own libraries have neither the name of a module nor a component beside the distribution's."""
    return fnmatchcase(place, "PySide6/libpyside6*") or fnmatchcase(place, "shiboken6/libshiboken6*")


def _expression(owner: Distribution) -> str:
    return str((owner.metadata.get_all("License-Expression") or [""])[0])


def _own_words(owner: Distribution) -> str:
    """Give what metadata says of the licence in its own words: its first line, else its classifiers."""
    free = [text.strip().splitlines()[0].strip() for text in owner.metadata.get_all("License") or () if text.strip()]
    lines = owner.metadata.get_all("Classifier") or ()
    classifiers = [line.split(" :: ")[-1] for line in lines if line.startswith("License :: ")]
    return free[0] if free else ", ".join(classifiers)


def _changed(owner: Distribution, said: Said | None) -> str | None:
    if _expression(owner):
        return None
    says = _own_words(owner)
    if said is not None and says == said.says:
        return None
    return f"{owner.name}: its metadata says “{says}”; look at its licence and enter it in components.toml"


def _add_linked(taken: Inventory, tables: Tables) -> None:
    """Add what is linked into the components found, from the table and from what wheels tell of themselves."""
    for row in tables.rows:
        hosts = [name for name in taken.components if any(_same(name, host) for host in row.inside)]
        if hosts:
            component = _component(taken, row)
            component.inside = "" if component.places else hosts[0]
    for host in [one for one in taken.components.values() if one.distribution is not None]:
        for crate in _crates(host):
            taken.components.setdefault(f"{crate.name} {crate.version}", crate)


def _crates(host: Component) -> Iterable[Component]:
    """Rust libraries linked into a wheel, as it lists them."""
    assert host.distribution is not None
    for entry in _told_by_wheel(host.distribution):
        purl = str(entry.get("purl", "")).partition("?")[0]
        if not purl.startswith(_CRATE) or entry.get("scope") == "excluded":
            continue
        licences = [one.get("expression") or one["license"].get("id", "") for one in entry.get("licenses", ())]
        yield Component(
            entry["name"],
            entry.get("version", ""),
            " AND ".join(f"({one})" for one in licences),
            entry.get("author", "") or f"the authors of {entry['name']}",
            inside=host.name,
            purl=purl,
        )


def _told_by_wheel(host: Distribution) -> Iterable[dict[str, Any]]:
    """Components in the bills of materials that a wheel carries."""
    for file in host.files or ():
        if "/sboms/" in file.as_posix() and file.suffix == ".json":
            document = json.loads(Path(str(host.locate_file(file))).read_text(encoding="utf-8"))
            yield from document.get("components", ())
