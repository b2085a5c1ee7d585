"""Kill a change of the model store at every file operation, and look at what is left; run by test_model_store.py.

usage: killed_changes.py HOME FIRST.cinecor SECOND.cinecor

Each try starts with FIRST active. A forked child makes SECOND active and dies without any clean-up at its n-th file
operation (an audit hook counts them), or in the middle of writing the n-th kilobyte (the system kills it at a file
size). Another child then looks. Prints one JSON line a try.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from cinecor.app.session import open_session
from cinecor.cli.main import main
from cinecor.inference.device import proof
from cinecor.inference.device.onnx_runtime import OnnxRuntime
from cinecor.inference.store.model_store import ModelStore

# The proof of a model touches no file of the store, and takes a process of its own each time.
proof.require_runnable = lambda _: None  # type: ignore[assignment]

_KILLED = 77
_OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "fcntl.flock"}


def _killed_at(count: int, home: Path, change: Callable[[], object]) -> Callable[[], int]:
    def body() -> int:
        left = count

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            # Only what concerns the store: Python itself opens files too.
            if event in _OPERATIONS and (event == "fcntl.flock" or str(home) in str(arguments[0])):
                left -= 1
                if left < 0:
                    os._exit(_KILLED)

        sys.addaudithook(hook)
        change()
        return 0

    return body


def _killed_after_bytes(count: int, change: Callable[[], object]) -> Callable[[], int]:
    def body() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python turns it into an error, which would clean up
        resource.setrlimit(resource.RLIMIT_FSIZE, (count, count))
        change()
        return 0

    return body


def _forked(body: Callable[[], int], *, say: int | None = None) -> int:
    child = os.fork()
    if child == 0:
        try:
            code = body()
        except BaseException as error:  # noqa: BLE001  whatever happens, the child ends here
            if say is not None:
                os.write(say, json.dumps({"error": repr(error)}).encode())
            code = 1
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status)


def _look(second: Path) -> dict[str, object]:
    """What a new process finds: what is listed, which version opens, and whether the next install works."""
    read, write = os.pipe()

    def body() -> int:
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            code = main(["model", "list"])
        before = open_session(device="cpu").identity.version
        unfinished = [path.name for path in ModelStore().folder.glob(".new-*")]
        with contextlib.redirect_stdout(io.StringIO()):
            again = main(["model", "install", str(second)])
        found = {
            "list": code,
            "listed": text.getvalue(),
            "active": before,
            "unfinished": len(unfinished),
            "install": again,
            "then": open_session(device="cpu").identity.version,
            "left": [path.name for path in ModelStore().folder.glob(".new-*")],
        }
        os.write(write, json.dumps(found).encode())
        return 0

    _forked(body, say=write)
    os.close(write)
    with os.fdopen(read) as pipe:
        found: dict[str, object] = json.load(pipe)
    return found


def _run() -> None:
    home, first, second = (Path(argument) for argument in sys.argv[1:4])
    os.environ["CINECOR_HOME"] = str(home)
    assert OnnxRuntime().version  # imported once here, not by every child
    with contextlib.redirect_stdout(io.StringIO()):
        _forked(lambda: main(["model", "install", str(first)]))
    start = home.with_name("start")
    shutil.copytree(home, start)

    def install() -> object:
        return ModelStore().install(second)

    def try_once(name: str, body: Callable[[], int]) -> int:
        shutil.rmtree(home)
        shutil.copytree(start, home)
        code = _forked(body)
        sys.stdout.write(json.dumps({"try": name, "code": code, **_look(second)}) + "\n")
        sys.stdout.flush()
        return code

    count = 0
    while try_once(f"operation {count}", _killed_at(count, home, install)) != 0:
        count += 1
    for count in (1, 40, 1000, 3000):
        try_once(f"byte {count}", _killed_after_bytes(count, install))


if __name__ == "__main__":
    _run()
