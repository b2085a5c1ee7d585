"""`THIRD-PARTY-NOTICES.txt`: every component with its licence, and each licence text in full, once."""

import re
from importlib.metadata import Distribution
from pathlib import Path

from inventory import Component, Inventory
from policy import asks_for_source
from table import FOLDER

_ROOT = FOLDER.parents[1]
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)
_LINE = "=" * 100
_OFFER = """\
Cinecor is free software under the Apache License 2.0; its source is at the place it was obtained from.
It is for research use only.

Qt, PySide6, shiboken6 (GNU Lesser General Public License 3) and libquadmath (2.1) are used as shared libraries.
They lie as single files below `_internal` (Qt in `PySide6/Qt/lib` and `PySide6/Qt/plugins`, on Windows in `PySide6`;
libquadmath in `numpy.libs` and `scipy.libs`). You may overwrite them with builds of your own that have the same
interface and file name; nothing checks or locks them. Cinecor's licence does not forbid reverse engineering for
debugging such changes.

Offer of source: for three years from the day you received this program, whoever distributes it to you gives you, on
request and for no more than the cost of the copy, the complete source of the versions named here of every component
under the LGPL, the MPL or the GPL with an exception. The same source is at
"""


def notices(inventory: Inventory) -> tuple[str, list[str]]:
    """Give the text, and a line for each licence text that was not found and each address of source that is lacking."""
    texts: dict[str, int] = {}  # text → its number
    blocks, faults, sources = [], [], []
    crates = []
    for component in sorted(inventory.components.values(), key=lambda one: one.name.lower()):
        if component.purl.startswith("pkg:cargo/"):
            crates.append(component)
            if asks_for_source(component.licence):
                faults.append(
                    f"{component.name}: a Rust library under {component.licence} has no address of its source"
                )
            continue
        found = [text for name in component.texts for text in licence_texts(name, component, inventory)]
        if not found and component.licence != "LicenseRef-public-domain":
            faults.append(f"{component.name}: its licence text was not found; name it in components.toml")
        numbers = sorted({texts.setdefault(text, len(texts) + 1) for text in found})
        blocks.append(_block(component, numbers))
        if not component.source and asks_for_source(component.licence):
            faults.append(
                f"{component.name}: {component.licence} asks for its source; enter the address in components.toml"
            )
        if component.source:
            sources.append(f"  {component.name} {component.version}".rstrip() + f": {component.source}")
    if crates:
        blocks.append(_crate_block(crates, texts))
    head = f"{_OFFER}{chr(10).join(sources)}\n"
    body = [f"{_LINE}\nText {number}\n{_LINE}\n\n{text}" for text, number in texts.items()]
    parts = [head, "\nCOMPONENTS\n", "\n\n".join(blocks), "\n\nLICENCE TEXTS\n", "\n\n".join(body)]
    return "\n".join(parts) + "\n", faults


def _block(component: Component, numbers: list[int]) -> str:
    lines = [f"{component.name} {component.version}".strip(), f"  licence: {component.licence}"]
    if component.copyright:
        lines.append(f"  copyright: {component.copyright}")
    if component.inside:
        lines.append(f"  linked into {component.inside}")
    if numbers:
        lines.append(f"  text {', '.join(map(str, numbers))}")
    return "\n".join(lines)


def _crate_block(crates: list[Component], texts: dict[str, int]) -> str:
    """Rust libraries: one list, under the licences that policy.toml lets them be taken under."""
    wanted = {
        name
        for crate in crates
        for name in ("Apache-2.0", "MIT", "BSD-3-Clause", "Unicode-3.0", "Unicode-DFS-2016", "Zlib")
        if name in crate.licence
    }
    numbers = [texts.setdefault(_committed(name), len(texts) + 1) for name in sorted(wanted)]
    lines = [f"  {crate.name} {crate.version} ({crate.inside}): {crate.licence}" for crate in crates]
    return "\n".join(["Rust libraries", *lines, f"  text {', '.join(map(str, numbers))}"])


def licence_texts(name: str, component: Component, inventory: Inventory) -> list[str]:
    """Give the texts that an entry of `texts` stands for (see components.toml)."""
    if name.startswith("dist:"):
        wanted = name.removeprefix("dist:")
        return next((_of_distribution(one) for one in inventory.installed if one.name == wanted), [])
    if (FOLDER / "texts" / f"{name}.txt").is_file():
        return [_committed(name)]
    if component.distribution is not None:
        path = Path(str(component.distribution.locate_file(name)))
        if path.is_file():
            return [_clean(path)]
    return [_clean(_ROOT / name)] if (_ROOT / name).is_file() else []


def _of_distribution(owner: Distribution) -> list[str]:
    files = [file for file in owner.files or () if _is_licence(file.as_posix())]
    return [_clean(Path(str(file.locate()))) for file in sorted(files, key=lambda file: file.as_posix())]


def _is_licence(place: str) -> bool:
    """Files of a distribution's metadata, or beside its first package (as ONNX Runtime does)."""
    folder, _, name = place.rpartition("/")
    if ".dist-info" in folder:
        return "/sboms" not in folder and bool(_LICENCE_FILE.search(name))
    return "/" not in folder and bool(re.fullmatch(r"(LICENSE|ThirdPartyNotices)(\.txt)?", name))


def _committed(name: str) -> str:
    return _clean(FOLDER / "texts" / f"{name}.txt")


def _clean(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip("\n")
