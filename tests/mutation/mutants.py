"""`mutants`: small faults planted one at a time in a module's source, as somebody might slip."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitOr,),
}  # fmt: skip
_TWINS = {
    "min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any", "ed": "es",
    "es": "ed", "lv": "rv", "rv": "lv", "LV": "RV", "RV": "LV", "ED": "ES", "ES": "ED", "row_axis": "column_axis",
    "column_axis": "row_axis", "minimum": "maximum", "maximum": "minimum", "rows": "columns", "columns": "rows",
    "DOUBTFUL": "WARNING", "WARNING": "INFO", "INFO": "WARNING", "left": "right", "top": "bottom",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One faulty version of a module."""

    line: int
    what: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module; texts, annotations, docstrings and messages are left as they are."""
    tree = ast.parse(source)
    nodes = list(_code(tree))
    for number, node in enumerate(nodes):
        for what, change in _changes(node):
            mutated = copy.deepcopy(tree)
            other = list(_code(mutated))[number]
            change(other)
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(mutated)))


def _code(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr):
                continue
            if isinstance(child, ast.Call) and ast.unparse(child.func).startswith("Message"):
                continue
            yield child
            yield from _code(child)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:  # noqa: PLR0912  a table of cases
    """Yield what may be done to a node: in words, and as a function that does it."""
    match node:
        case ast.Compare(ops=[operator]):
            for kind in _COMPARISONS.get(type(operator), ()):
                yield f"{type(operator).__name__} → {kind.__name__}", _setter("ops", [kind()])
        case ast.BinOp(op=operator):
            for other in _OPERATORS.get(type(operator), ()):
                yield f"{type(operator).__name__} → {other.__name__}", _setter("op", other())
        case ast.BoolOp(op=operator, values=values):
            other_bool = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield f"{type(operator).__name__} → {type(other_bool).__name__}", _setter("op", other_bool)
            yield "last part dropped", _setter("values", [*values[:-1], ast.Constant(isinstance(operator, ast.And))])
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield f"{type(node.op).__name__} dropped", _becomes(ast.UnaryOp(ast.UAdd(), operand))
        case ast.Constant(value=bool() as value):
            yield f"{value} → {not value}", _setter("value", not value)
        case ast.Constant(value=int() | float() as number):
            yield f"{number} → {number + 1}", _setter("value", number + 1)
            if isinstance(number, float):
                yield f"{number} → {number * 1.1:.3g}", _setter("value", number * 1.1)
        case ast.Attribute(attr=name) if name in _TWINS:
            yield f".{name} → .{_TWINS[name]}", _setter("attr", _TWINS[name])
        case ast.Name(id=name) if name in _TWINS and isinstance(node.ctx, ast.Load):
            yield f"{name} → {_TWINS[name]}", _setter("id", _TWINS[name])
        case ast.IfExp(body=body, orelse=orelse):
            yield "branches swapped", _swap("body", body, "orelse", orelse)
        case ast.If(test=test):
            yield "if always", _setter("test", ast.BoolOp(ast.Or(), [test, ast.Constant(True)]))
            yield "if never", _setter("test", ast.BoolOp(ast.And(), [test, ast.Constant(False)]))


def _setter(field: str, value: object) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, field, value)


def _swap(one: str, first: object, other: str, second: object) -> Callable[[ast.AST], None]:
    def change(node: ast.AST) -> None:
        setattr(node, one, second)
        setattr(node, other, first)

    return change


def _becomes(wanted: ast.UnaryOp) -> Callable[[ast.AST], None]:
    """A dropped `not` or `~` keeps its operand: `+x`, or `bool(x)` for `not`."""

    def change(node: ast.AST) -> None:
        assert isinstance(node, ast.UnaryOp)
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        elif isinstance(node.op, ast.Invert):
            node.operand = ast.UnaryOp(ast.Invert(), node.operand)
        else:
            node.op = wanted.op

    return change
