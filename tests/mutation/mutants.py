"""`Mutant`: one small fault planted in a module, as somebody might slip."""

import ast
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
_UNCHANGED = ("annotation", "returns", "decorator_list", "type_params")
_Change = tuple[str, Callable[[ast.AST], None]]  # in words, and what it does to a node


@dataclass(frozen=True, slots=True)
class Mutant:
    """Where one fault goes in a module, and which."""

    line: int
    what: str
    statement: int | None  # line of the statement that it changes, in a function; None in what runs at the import
    names: frozenset[str]  # what that statement gives its value to, when it runs at the import
    node: int  # number of the node, and of the change to it
    change: int


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module; texts, annotations, docstrings and messages are left as they are."""
    for number, place in enumerate(_code(ast.parse(source))):
        for change, (what, _) in enumerate(_changes(place.node)):
            line = getattr(place.node, "lineno", place.statement.lineno)
            statement = place.statement.lineno if place.called else None
            yield Mutant(line, what, statement, place.names, number, change)


def plant(source: str, mutant: Mutant) -> ast.Module:
    """Return the module with the fault, every statement in the line where it was."""
    tree = ast.parse(source)
    node = list(_code(tree))[mutant.node].node
    _, change = list(_changes(node))[mutant.change]
    change(node)
    return ast.fix_missing_locations(tree)


@dataclass(frozen=True, slots=True)
class _Place:
    node: ast.AST
    statement: ast.stmt
    called: bool  # whether it runs when a function is called, and not at the import
    names: frozenset[str]


def _code(tree: ast.Module) -> Iterator[_Place]:
    for statement in tree.body:
        yield from _within(_Place(statement, statement, False, _bound(statement)))


def _within(place: _Place) -> Iterator[_Place]:
    yield place
    function = isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef)
    for field, value in ast.iter_fields(place.node):
        if field in _UNCHANGED:
            continue
        called = place.called or (function and field == "body")
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr):
                continue
            if isinstance(child, ast.Call) and ast.unparse(child.func).startswith("Message"):
                continue
            if isinstance(child, ast.stmt):
                yield from _within(_Place(child, child, called, place.names | _bound(child)))
            else:
                yield from _within(_Place(child, place.statement, called, place.names))


def _bound(statement: ast.stmt) -> frozenset[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return frozenset({name})
        case ast.Assign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return frozenset(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return frozenset()


def _changes(node: ast.AST) -> Iterator[_Change]:  # noqa: PLR0912  a table of cases
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
