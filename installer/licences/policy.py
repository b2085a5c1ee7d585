"""Whether a component's licence lets it be in the program."""

from license_expression import AND, OR, ExpressionError, get_spdx_licensing
from table import Tables

_SPDX = get_spdx_licensing()


def obstacle(name: str, licence: str, tables: Tables) -> str | None:
    """Say why a component may not be in the program; None when it may. An unknown licence is an obstacle."""
    try:
        expression = _SPDX.parse(licence)
    except ExpressionError:
        expression = None
    if expression is None:
        return f"{name}: “{licence}” is no SPDX expression; look at its licence and enter it in components.toml"
    if _fits(expression, name, tables):
        return None
    return f"{name}: {licence} is not in policy.toml; leave it out of the program, or enter it there with the reason"


def asks_for_source(licence: str) -> bool:
    """Whether a licence, in each reading of it, gives whoever receives the program a right to the source."""
    return _asks(_SPDX.parse(licence))


def _asks(expression: object) -> bool:
    if isinstance(expression, OR):
        return all(_asks(one) for one in expression.args)
    if isinstance(expression, AND):
        return any(_asks(one) for one in expression.args)
    return str(expression).startswith(("GPL", "LGPL", "MPL"))


def _fits(expression: object, name: str, tables: Tables) -> bool:
    if isinstance(expression, OR):
        return any(_fits(one, name, tables) for one in expression.args)
    if isinstance(expression, AND):
        return all(_fits(one, name, tables) for one in expression.args)
    licence = str(expression)
    return licence in tables.allowed or name in tables.exceptions.get(licence, {}).get("components", ())
