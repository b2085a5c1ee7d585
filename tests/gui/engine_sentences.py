"""`engine_sentences`: every sentence that the engine's code can say, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cinecor

ENGINE = Path(cinecor.__file__).parent
PACKAGES = ("study", "inference", "measure", "review", "report", "app")
SILENT = {  # modules that speak on the command line or into files alone
    "app/model_command.py", "app/selftest.py", "app/selftest_command.py", "app/demo.py", "measure/conventions.py",
    "report/composition.py", "report/table.py",
}  # fmt: skip
UNSAID = {  # kept in files, or told word by word
    "customary short-axis view", "frame z-score, clipped, in the graph", "in the cavity", "left ventricular cavity",
    "right ventricular cavity", "model name", "phase 0", "{} to {}",
}  # fmt: skip
_VALUE = "{}"
_PROGRAMMING = ("ValueError", "TypeError", "KeyError")  # raised at whoever writes the code, never shown


def engine_sentences() -> set[str]:
    """Give the sentences and phrases, with `{}` for a value; a choice between texts gives each of them."""
    said: set[str] = set()
    for package in PACKAGES:
        for path in sorted((ENGINE / package).rglob("*.py")):
            if path.relative_to(ENGINE).as_posix() not in SILENT:
                for node in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                    said |= _spoken(node)
    return {text for text in said if _is_said(text)} - UNSAID


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """Find the outermost texts: no docstrings, no annotations; texts within the values of a text count too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Expr) and isinstance(child, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.arg) or (isinstance(node, ast.AnnAssign) and child is node.annotation):
            continue
        if isinstance(node, ast.FunctionDef) and child is node.returns:
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func) in ("Message", "Message.counted"):
            continue  # said from the catalogue
        if isinstance(child, ast.Raise) and getattr(getattr(child.exc, "func", None), "id", "") in _PROGRAMMING:
            continue
        if _is_text(child):
            assert isinstance(child, ast.expr)
            yield child
            for value in _values(child):
                yield from _texts(ast.Expression(value))
        else:
            yield from _texts(child)


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _values(node: ast.expr) -> Iterator[ast.expr]:
    """Give what stands in the places of a text."""
    if isinstance(node, ast.BinOp):
        yield from _values(node.left)
        yield from _values(node.right)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _values(part.value)
    elif isinstance(node, ast.IfExp):
        yield node.test
        yield from _values(node.body)
        yield from _values(node.orelse)
    elif not isinstance(node, ast.Constant):
        yield node


def _spoken(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _spoken(node.body) | _spoken(node.orelse)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return {one + other for one in _spoken(node.left) for other in _spoken(node.right)}
    if isinstance(node, ast.FormattedValue):
        return _spoken(node.value)
    if isinstance(node, ast.JoinedStr):
        said = {""}
        for part in node.values:
            said = {one + other for one in said for other in _spoken(part)}
        return said
    return {_VALUE}


def _is_said(text: str) -> bool:
    """Tell a phrase in words from keys, tags and formats."""
    plain = text.replace(_VALUE, "7")
    return " " in plain.strip() and bool(re.search(r"\b[a-z]{2,}\b", plain.replace("mm", "")))
