"""`deciding_codes`: the codes of messages that code decides by, wherever they are written out."""

import ast
from collections.abc import Iterator, Mapping


def deciding_codes(modules: Mapping[str, str]) -> dict[str, str]:
    """Return the codes that `.code` is compared with or looked for in, each with the "module:line" that does it.

    `modules` are sources by name. A code may stand there itself, or in a constant of the same module.
    """
    found: dict[str, str] = {}
    for name, source in modules.items():
        tree = ast.parse(source)
        constants = dict(_constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                operands = [node.left, *node.comparators]
                if any(isinstance(one, ast.Attribute) and one.attr == "code" for one in operands):
                    for one in operands:
                        texts = constants.get(one.id, ()) if isinstance(one, ast.Name) else _texts(one)
                        found |= dict.fromkeys(texts, f"{name}:{node.lineno}")
    return found


def _constants(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            yield target.id, _texts(value)


def _texts(value: ast.expr) -> tuple[str, ...]:
    """Return the texts that are written out in a constant, a display or a call such as `frozenset({…})`."""
    match value:
        case ast.Constant(value=str() as text):
            return (text,)
        case ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(text for part in parts for text in _texts(part))
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple"), args=[inner]):
            return _texts(inner)
        case ast.Dict(keys=keys):
            return tuple(text for key in keys if key is not None for text in _texts(key))
        case ast.BinOp(left=left, right=right):
            return (*_texts(left), *_texts(right))
    return ()
