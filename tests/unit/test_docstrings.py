"""The docstrings of functions begin in one way: with what comes back."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OTHER_WAYS = frozenset(
    ("Give", "Gives", "Returns", "Tell", "The", "A", "An", "One", "Each", "How", "What", "Whether", "Where", "Why")
)


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for part in ("desktop", "training", "export", "resources"):
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _gives_something_back(function: ast.FunctionDef) -> bool:
    if any("property" in ast.unparse(one) for one in function.decorator_list):
        return False  # read as a value: its docstring is a noun phrase
    return function.returns is not None and ast.unparse(function.returns) not in ("None", "NoReturn")


def test_that_functions_that_give_something_back_begin_with_return() -> None:
    """An action that gives its result too may begin with its own verb: "Read …", "Write …"."""
    others = [
        f"{where}: {text.splitlines()[0]}"
        for where, function in _functions()
        if (text := ast.get_docstring(function, clean=False))
        and text.split()[0].rstrip(".,:;") in OTHER_WAYS
        and _gives_something_back(function)
    ]
    assert others == []
