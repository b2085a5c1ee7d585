"""`Rewriting`: modules of the program that are imported from other code than their files hold."""

import importlib.abc
import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parents[2]
DESKTOP = ROOT / "desktop"


class Rewriting(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules that a function gives code for, with these names in them; every other as it is."""

    def __init__(self, code: Callable[[Path], CodeType | None], names: Callable[[Path], dict[str, object]]) -> None:
        self._code, self._names = code, names

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Return the module's spec with this loader; None for packages, and for what keeps its own code."""
        path = DESKTOP.joinpath(*fullname.split(".")).with_suffix(".py")
        if not path.is_file() or self._code(path) is None:
            return None
        return importlib.util.spec_from_file_location(fullname, path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the code that was given for a module."""
        path = Path(str(module.__file__))
        code = self._code(path)
        assert code is not None
        vars(module).update(self._names(path))
        exec(code, vars(module))
