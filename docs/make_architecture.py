"""Draw the wings and who imports whom, from the imports themselves: docs/images/architecture.svg.

usage: python docs/make_architecture.py

A box is a package, with its wings; a line leads down to what it imports. What follows from other lines is left out, and
so are the foundation and the resources, which every package may import.
"""

import html
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grimp

PICTURE: Final = Path(__file__).parent / "images" / "architecture.svg"
_ROOTS: Final = ("cinecor", "cinecor_phantom", "cinecor_training", "cinecor_export")
_FOUNDATION: Final = "foundation"
_PURPOSE: Final = {
    "cinecor_export": "run → package",
    "cinecor_training": "labelled studies → weights",
    "cli": "the commands",
    "ui": "Qt",
    "scene": "what views show, without Qt",
    "app": "use-cases",
    "cohort": "many studies as one",
    "agreement": "two sides of one study",
    "review": "what the doctor decides",
    "report": "files",
    "cinecor_phantom": "hearts of known volume",
    "measure": "volumes, function, findings",
    "inference": "model → labels",
    "study": "files → stack + audit",
    _FOUNDATION: "messages, errors, files, progress",
}
_LETTER, _LINE, _PAD, _GAP, _RISE = 7.3, 17, 10, 26, 58  # px


@dataclass(frozen=True, slots=True)
class _Box:
    name: str
    wings: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


def picture() -> str:
    """Return the SVG."""
    graph = grimp.build_graph(*_ROOTS)
    imports, wings = _packages(graph)
    below = _reduced(imports)
    boxes = {box.name: box for box in _laid_out(_ranks(imports), wings)}
    return _svg(boxes, below)


def _packages(graph: grimp.ImportGraph) -> tuple[dict[str, set[str]], dict[str, tuple[str, ...]]]:
    """Return which packages each one imports, and the wings of each."""

    def package(module: str) -> str:
        root, _, rest = module.partition(".")
        if root != "cinecor":
            return root
        top = rest.partition(".")[0]
        return top if graph.find_children(f"cinecor.{top}") else _FOUNDATION

    imports: dict[str, set[str]] = {}
    for module in graph.modules:
        if module not in _ROOTS or module != "cinecor":
            seen = imports.setdefault(package(module), set())
            seen.update(package(one) for one in graph.find_modules_directly_imported_by(module))
    for name, seen in imports.items():
        seen.discard(name)
    imports[_FOUNDATION] = set()  # `python -m cinecor` starts the command line from here
    wings = {}
    for name in imports:
        inside = f"cinecor.{name}" if name not in _ROOTS else name
        children = graph.find_children(inside) if inside in graph.modules else set()
        wings[name] = tuple(sorted(one.rpartition(".")[2] for one in children if graph.find_children(one)))
    return imports, wings


def _reduced(imports: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports without those that follow from others, and without those of the foundation."""

    def reached(name: str) -> set[str]:
        return imports[name] | {far for near in imports[name] for far in reached(near)}

    kept = {}
    for name, direct in imports.items():
        implied = {far for near in direct for far in reached(near)}
        kept[name] = direct - implied - ({_FOUNDATION} if direct - {_FOUNDATION} else set())
    return kept


def _ranks(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the packages by rows, the top row first; each lies above all that it imports."""

    def rank(name: str) -> int:
        return 1 + max((rank(one) for one in imports[name]), default=-1)

    rows: dict[int, list[str]] = {}
    for name in sorted(imports):
        rows.setdefault(rank(name), []).append(name)
    return [rows[number] for number in sorted(rows, reverse=True)]


def _laid_out(rows: Iterable[list[str]], wings: Mapping[str, tuple[str, ...]]) -> list[_Box]:
    sizes = {name: _size(name, wings[name]) for row in rows for name in row}
    width = max(sum(sizes[name][0] for name in row) + _GAP * (len(row) - 1) for row in rows)
    boxes, y = [], float(_GAP)
    for row in rows:
        x = _GAP + (width - sum(sizes[name][0] for name in row) - _GAP * (len(row) - 1)) / 2
        for name in row:
            boxes.append(_Box(name, wings[name], x, y, *sizes[name]))
            x += sizes[name][0] + _GAP
        y += max(sizes[name][1] for name in row) + _RISE
    return boxes


def _size(name: str, wings: tuple[str, ...]) -> tuple[float, float]:
    lines = _lines(name, wings)
    return max(map(len, lines)) * _LETTER + 2 * _PAD, len(lines) * _LINE + 2 * _PAD


def _lines(name: str, wings: tuple[str, ...]) -> list[str]:
    return [name, _PURPOSE.get(name, ""), *([" · ".join(wings)] if wings else [])]


def _svg(boxes: Mapping[str, _Box], below: Mapping[str, set[str]]) -> str:
    width = max(box.x + box.width for box in boxes.values()) + _GAP
    height = max(box.y + box.height for box in boxes.values()) + _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for name in sorted(below):
        parts += [_line(boxes[name], boxes[one]) for one in sorted(below[name])]
    for name in sorted(boxes):
        parts += _drawn(boxes[name])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(upper: _Box, lower: _Box) -> str:
    x1, y1 = upper.x + upper.width / 2, upper.y + upper.height
    x2, y2 = lower.x + lower.width / 2, lower.y
    middle = (y1 + y2) / 2
    return (
        f'<path d="M{x1:.0f} {y1:.0f} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}" '
        'fill="none" stroke="#5b7083" stroke-width="1.4"/>'
    )


def _drawn(box: _Box) -> list[str]:
    fill = "#eef4f8" if box.name != _FOUNDATION else "#f4f1e6"
    parts = [
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="5" '
        f'fill="{fill}" stroke="#33485a"/>'
    ]
    for number, text in enumerate(_lines(box.name, box.wings)):
        y = box.y + _PAD + 12 + number * _LINE
        style = ('font-weight="bold" fill="#12212e"', 'fill="#12212e"', 'fill="#4b6172"')[number]
        middle = box.x + box.width / 2
        parts.append(f'<text x="{middle:.0f}" y="{y:.0f}" text-anchor="middle" {style}>{html.escape(text)}</text>')
    return parts


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE}\n")
