"""The docstrings of functions begin in one way: with what comes back."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WORDS = """
    Return Yield
    Add Answer Assign Average Begin Bring Change Check Choose Click Close Compare Compress Connect Copy Count Cut
    Deal Decode Do Doubt Draw Drop Empty End Evaluate Export Find Follow Forget Go Group Hold Import Judge Keep
    Label Lay Leave Let List Load Look Make Map Measure Move Name Never Note Open Order Outline Paint Part Pass
    Place Print Push Put Read Remove Render Replace Report Run Sample Say Scan Segment Show Sign Silence Sort
    Speak Split Start Take Time Train Trust Try Turn Unpack Use Wait Write
"""
VERBS = frozenset(_WORDS.split())
"""With which docstrings begin; another action brings its own."""


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


def test_that_functions_that_give_something_back_begin_with_return_or_another_verb() -> None:
    """An action that gives its result too may begin with its own verb: "Read …", "Write …"."""
    others = [
        f"{where}: {text.splitlines()[0]}"
        for where, function in _functions()
        if (text := ast.get_docstring(function, clean=False))
        and text.split()[0].rstrip(".,:;") not in VERBS
        and _gives_something_back(function)
    ]
    assert others == []
