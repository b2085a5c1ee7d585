"""Print the structure of the code as the imports have it: circles, the largest files, and small files with one user.

usage: python docs/structure.py
"""

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import grimp

ROOTS: Final = ("cinecor", "cinecor_phantom", "cinecor_training", "cinecor_export")
SMALL_LINES: Final = 25
EXPLAINED: Final = {
    "cinecor.ui.tools.pan": "a tool, like every other of its folder",
}
_LARGEST: Final = 5
_FOLDERS: Final = ("desktop", "training", "export")


def circle(graph: grimp.ImportGraph) -> tuple[str, ...]:
    """Return modules that import one another in a circle, the first again as the last; empty where there is none."""
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def small_with_one_user(graph: grimp.ImportGraph, lines: dict[str, int]) -> dict[str, str]:
    """Return modules of less than 25 lines that one other module alone imports, with that module."""
    found = {}
    for module, count in lines.items():
        users = graph.find_modules_that_directly_import(module)
        if count < SMALL_LINES and len(users) == 1:
            found[module] = next(iter(users))
    return found


def lines_of_modules() -> dict[str, int]:
    """Return how many lines each module has; packages' own files are left out."""
    repository = Path(__file__).parents[1]
    return {
        ".".join(path.relative_to(repository / folder).with_suffix("").parts): len(path.read_text("utf-8").splitlines())
        for folder in _FOLDERS
        for path in sorted((repository / folder).rglob("*.py"))
        if path.relative_to(repository / folder).parts[0] in ROOTS and path.stem not in ("__init__", "__main__")
    }


def main() -> None:
    """Print the table."""
    graph, lines = grimp.build_graph(*ROOTS), lines_of_modules()
    told = [f"{len(lines)} modules, {sum(lines.values())} lines", f"circle: {' → '.join(circle(graph)) or 'none'}"]
    told += [
        "largest:",
        *(f"  {lines[name]:4} {name}" for name in sorted(lines, key=lines.__getitem__)[: -_LARGEST - 1 : -1]),
    ]
    told += [f"under {SMALL_LINES} lines with one user:"]
    for name, user in sorted(small_with_one_user(graph, lines).items()):
        told.append(f"  {lines[name]:4} {name} ← {user}: {EXPLAINED.get(name, 'unexplained')}")
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
