"""`word_decisions`: where code decides by looking at the text of a message, found by reading the code.

A message's text is what `str(message)`, `message.text(language)`, an f-string around one, or a function that returns
such a text gives, and what `tr` and its like say. What counts as a message: what is annotated as one (fields,
parameters, results, by their names in all modules), what `Message(…)` makes, and a caught exception of ours. It decides
when it is compared, looked for, looked up, matched or taken apart; to be joined, stripped of white space and shown is
no decision.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

_Kind = Literal["message", "text"]
_ERRORS = frozenset({"CinecorError", "Exception"})  # and what is derived from the first, read from the code
_DECIDING = frozenset(
    {"startswith", "endswith", "find", "rfind", "index", "rindex", "count", "partition", "rpartition", "split"}
    | {"rsplit", "removeprefix", "removesuffix", "replace", "strip", "lstrip", "rstrip", "translate", "__contains__"}
    | {"isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isspace"}
    | {"istitle", "isupper"}
)
_OF_MENUS = "'…'"  # what opens a dialog ends so; its title does not
_HARMLESS_BARE = frozenset({"split", "rsplit", "strip", "lstrip", "rstrip"})  # without arguments: white space alone
_KEPT = _HARMLESS_BARE | {"lower", "upper", "casefold", "capitalize", "title", "format", "splitlines", "encode"}
_MATCHING = frozenset({"fullmatch", "match", "search", "findall", "finditer", "split", "sub", "subn"})  # of patterns
_LOOKING_UP = frozenset({"get", "pop", "setdefault"})
_SAYING = frozenset({"tr", "tr_counted", "tr_as", "with_colon"})


@dataclass(slots=True)
class _Names:
    """What the modules together say of names."""

    messages: set[str] = field(default_factory=set)  # fields that hold messages
    making: set[str] = field(default_factory=lambda: {"Message", "counted"})  # what returns messages
    saying: set[str] = field(default_factory=lambda: set(_SAYING))
    """What returns their texts; "module:name" for what is private there."""
    errors: set[str] = field(default_factory=lambda: set(_ERRORS))


def word_decisions(modules: Mapping[str, str]) -> list[str]:
    """Return "module:line: code" for every decision on words in the given sources, by name of the module."""
    trees = {name: ast.parse(source) for name, source in modules.items()}
    names = _Names()
    for tree in trees.values():
        _read_annotations(tree, names)
    while True:  # until no further function is found to say a message
        before = len(names.saying)
        found = [f"{name}: {one}" for name, tree in trees.items() for one in _Reader(name, names).read(tree)]
        if len(names.saying) == before:
            return sorted(found)


def _read_annotations(tree: ast.AST, names: _Names) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _is_message(node.annotation):
            if isinstance(node.target, ast.Name):
                names.messages.add(node.target.id)
            elif isinstance(node.target, ast.Attribute):
                names.messages.add(node.target.attr)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None and _is_message(node.returns):
            is_property = any("property" in ast.unparse(one) for one in node.decorator_list)
            (names.messages if is_property else names.making).add(node.name)
        elif isinstance(node, ast.ClassDef) and any(
            ast.unparse(base) in names.errors - {"Exception"} for base in node.bases
        ):
            names.errors.add(node.name)


def _is_message(annotation: ast.expr) -> bool:
    said = ast.unparse(annotation).replace("'", "").replace('"', "")
    words = said.replace("[", " ").replace("]", " ").replace(",", " ").replace("|", " ").split()
    return "Message" in words and not said.startswith(("Callable", "Mapping", "dict", "type"))


class _Reader:
    """Reads one module."""

    def __init__(self, module: str, names: _Names) -> None:
        self._module = module
        self._names = names
        self._found: list[str] = []
        self._function = ""
        self._depth = 0  # of functions and classes in each other

    def read(self, tree: ast.AST) -> list[str]:
        self._block(tree, {})
        return self._found

    def _block(self, node: ast.AST, known: dict[str, _Kind]) -> None:
        """Read statements in order, with what is known of the names of this function."""
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef():
                    outer, self._function = self._function, child.name
                    self._depth += 1
                    self._block(child, {**known, **self._parameters(child.args)})
                    self._depth -= 1
                    self._function = outer
                case ast.ClassDef():
                    self._depth += 1
                    self._block(child, known)
                    self._depth -= 1
                case ast.Lambda():
                    self._block(child, {**known, **self._parameters(child.args)})
                case ast.ExceptHandler():
                    caught = [] if child.type is None else ast.unparse(child.type).strip("()").split(", ")
                    inner = dict(known)
                    if child.name and self._names.errors.intersection(caught):
                        inner[child.name] = "message"
                    self._block(child, inner)
                case (
                    ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value)
                    | ast.AnnAssign(target=ast.Name() | ast.Attribute() as target, value=ast.expr() as value)
                ):
                    self._block(child, known)
                    self._learn(ast.unparse(target), self._kind(value, known), known)
                case ast.AugAssign(target=target, value=value) if self._is_text(value, known):
                    self._block(child, known)
                    self._learn(ast.unparse(target), "text", known)
                case ast.For(target=ast.Name(id=name), iter=many):
                    self._learn(name, self._kind(many, known), known)
                    self._block(child, known)
                case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                    inner = self._within(child.generators, known)
                    self._judge(child, inner)
                    self._block(child, inner)
                case _:
                    self._judge(child, known)
                    self._block(child, known)

    def _parameters(self, given: ast.arguments) -> dict[str, _Kind]:
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        return {one.arg: "message" for one in every if one.annotation is not None and self._is_ours(one.annotation)}

    def _is_ours(self, annotation: ast.expr) -> bool:
        return _is_message(annotation) or ast.unparse(annotation) in self._names.errors - {"Exception"}

    def _within(self, generators: Sequence[ast.comprehension], known: dict[str, _Kind]) -> dict[str, _Kind]:
        inner = dict(known)
        for one in generators:
            if isinstance(one.target, ast.Name):
                self._learn(one.target.id, self._kind(one.iter, inner), inner)
        return inner

    @staticmethod
    def _learn(name: str, kind: _Kind | None, known: dict[str, _Kind]) -> None:
        if kind is None:
            known.pop(name, None)
        else:
            known[name] = kind

    def _judge(self, node: ast.AST, known: dict[str, _Kind]) -> None:
        """Note a decision; and a function that returns a text, for whoever calls it."""
        match node:
            case ast.Compare():
                operands = [node.left, *node.comparators]
                identity = all(isinstance(one, ast.Is | ast.IsNot) for one in node.ops)
                if not identity and any(self._is_text(one, known) for one in operands):
                    self._note(node)
            case ast.Call(func=ast.Attribute(value=value, attr=method)):
                given = [*node.args[: 1 if method in _LOOKING_UP else 2], *(word.value for word in node.keywords)]
                if method in _DECIDING and self._is_text(value, known):
                    bare = not node.args and method in _HARMLESS_BARE
                    if not bare and not (method == "removesuffix" and ast.unparse(node.args[0]) == _OF_MENUS):
                        self._note(node)
                elif (ast.unparse(value) == "re" or method in _MATCHING | _LOOKING_UP) and any(
                    self._is_text(one, known) for one in given
                ):
                    self._note(node)
            case ast.Subscript(slice=index) if self._is_text(index, known):
                self._note(node)
            case ast.Match(subject=subject) if self._is_text(subject, known):
                self._note(node)
            case ast.Return(value=ast.expr() as value) if self._is_text(value, known):
                if not self._function.startswith("__"):
                    private = self._depth > 1 or self._function.startswith("_")
                    self._names.saying.add(f"{self._module}:{self._function}" if private else self._function)

    def _note(self, node: ast.AST) -> None:
        self._found.append(f"{getattr(node, 'lineno', 0)}: {ast.unparse(node)}")

    def _is_text(self, node: ast.expr, known: dict[str, _Kind]) -> bool:
        return self._kind(node, known) == "text"

    def _kind(self, node: ast.expr, known: dict[str, _Kind]) -> _Kind | None:  # noqa: PLR0911
        match node:
            case ast.Name(id=name):
                return known.get(name)
            case ast.Attribute(attr=name):
                return known.get(ast.unparse(node)) or ("message" if name in self._names.messages else None)
            case ast.Call():
                return self._kind_of_call(node, known)
            case ast.Subscript(value=value) | ast.NamedExpr(value=value):
                return self._kind(value, known)
            case ast.JoinedStr(values=parts):
                inner = [self._kind(one.value, known) for one in parts if isinstance(one, ast.FormattedValue)]
                return "text" if any(inner) else None
            case ast.BinOp(left=left, right=right):
                return "text" if "text" in (self._kind(left, known), self._kind(right, known)) else None
            case ast.IfExp(body=body, orelse=orelse):
                return self._kind(body, known) or self._kind(orelse, known)
            case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                return next((kind for kind in (self._kind(one, known) for one in values) if kind), None)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._kind(node.elt, self._within(node.generators, known))
        return None

    def _kind_of_call(self, node: ast.Call, known: dict[str, _Kind]) -> _Kind | None:  # noqa: PLR0911
        match node.func:
            case ast.Name(id="str" | "repr"):
                return "text" if any(self._kind(one, known) for one in node.args) else None
            case ast.Name(id="list" | "tuple" | "sorted" | "set" | "frozenset" | "reversed" | "map" | "filter"):
                return next((kind for kind in (self._kind(one, known) for one in node.args) if kind), None)
            case ast.Name(id=name):
                return self._kind_of_name(name)
            case ast.Attribute(value=value, attr="text"):
                return "text" if self._kind(value, known) == "message" or _asks_language(node) else None
            case ast.Attribute(attr="join" | "sub"):
                return "text" if any(self._kind(one, known) == "text" for one in node.args) else None
            case ast.Attribute(value=value, attr=name) if name in _KEPT and self._is_text(value, known):
                return "text"
            case ast.Attribute(value=ast.Name(id="self" | "cls" | "Message"), attr=name):
                return self._kind_of_name(name)
        return None

    def _kind_of_name(self, function: str) -> _Kind | None:
        if function in self._names.making:
            return "message"
        return "text" if {function, f"{self._module}:{function}"} & self._names.saying else None


def _asks_language(call: ast.Call) -> bool:
    return any("language" in ast.unparse(one) for one in call.args)
