"""The command line: `cinecor` opens the desktop; `cinecor segment`, `demo`, `phantom`, `model`, `selftest`."""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cinecor.app.screen import has_display as _has_display
from cinecor.console import complain as _complain
from cinecor.console import say as _say
from cinecor.errors import Cancelled, CinecorError, ModelRefused, NothingSegmentable, OutputError, UsageError
from cinecor.measure.conventions import NOTICE
from cinecor.progress import Progress, ProgressListener, silent

if TYPE_CHECKING:
    from cinecor.inference.device.model_session import ModelSession

DONE, SOME_FAILED, WRONG_USAGE, NOTHING_SEGMENTABLE, MODEL_REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one `cinecor` command and give its exit code."""
    # Before numpy is loaded: phases are worked on side by side, and threads inside each product would only get in
    # each other's way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names need not be text that the terminal knows
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind
    arguments = _spelled_out(sys.argv[1:] if arguments is None else arguments)
    if not arguments[0].startswith("-") and arguments[0] not in _COMMANDS:
        _complain(f"there is no command, file or folder {arguments[0]}; check the path, or see `cinecor --help`.")
        return WRONG_USAGE
    if arguments[0] == "open" and any(one == "--out" or one.startswith("--out=") for one in arguments):
        _complain("--out belongs to `cinecor segment INPUT --out DIR`; without it the desktop opens.")
        return WRONG_USAGE
    options = _parser(asked=arguments[0]).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except KeyboardInterrupt:
        _complain("stopped; results written so far are complete.")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the border: no traceback without --debug
        return _failure(error, debug=options.debug)


def _parser(*, asked: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cinecor", description=f"Ventricular volumes from cardiac MRI cine studies, offline. {NOTICE}"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and stop")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    desktop = commands.add_parser("open", parents=[common], help="open studies in the desktop (also: cinecor PATH)")
    desktop.add_argument("inputs", nargs="*", type=_path, metavar="PATH", help="what `segment` takes")
    desktop.add_argument("--model", type=_path, metavar="FILE", help="ONNX model (default: the bundled one)")
    desktop.set_defaults(run=_open)

    segment = commands.add_parser("segment", parents=[common], help="outline the ventricles and write the volumes")
    segment.add_argument(
        "inputs", nargs="+", type=_path, metavar="INPUT", help="folder, DICOMDIR, .zip, DICOM or NIfTI file"
    )
    segment.add_argument("--out", type=_path, required=True, metavar="DIR", help="where the results go")
    segment.add_argument("--series", metavar="UID", help="take this series instead of the one found")
    segment.add_argument("--json", action="store_true", help="print the results as JSON instead of a table")
    _add_model_options(segment)
    segment.set_defaults(run=_segment)

    demo = commands.add_parser("demo", parents=[common], help="make a synthetic study and open it")
    demo.add_argument("--out", type=_path, default=Path("cinecor-demo"), metavar="DIR", help="default: %(default)s")
    _add_model_options(demo)
    demo.set_defaults(run=_demo)

    phantom = commands.add_parser("phantom", parents=[common], help="write a synthetic study with known volumes")
    if asked == "phantom":  # its options alone import half a second of libraries that the main job does not need
        from cinecor.cli import phantom as phantom_command

        phantom_command.add_arguments(phantom)
        phantom.set_defaults(run=phantom_command.run)

    model = commands.add_parser("model", help="list, verify, install, activate, roll back or trust models")
    if asked == "model":
        from cinecor.cli import model as model_command

        model_command.add_arguments(model, common)

    selftest = commands.add_parser("selftest", parents=[common], help="check that this installation works")
    if asked == "selftest":
        from cinecor.cli import selftest as selftest_command

        selftest_command.add_arguments(selftest)
        selftest.set_defaults(run=_selftest)
    return parser


class _Version(argparse.Action):
    """`--version`; the library that knows it is not loaded otherwise."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        _say(f"cinecor {version('cinecor')}\n")
        parser.exit()


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s")
    parser.add_argument(
        "--model", type=_path, metavar="FILE", help="model package or ONNX file (default: the active one)"
    )


class _Opening:
    """The model, opened on a thread of its own while the first input is read."""

    def __init__(self, options: argparse.Namespace) -> None:
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(1, thread_name_prefix="cinecor-model")
        self._opened = pool.submit(self._open, options)
        self._told: str | None = None
        pool.shutdown(wait=False)

    def __call__(self) -> "ModelSession":
        """Give the session when it is there."""
        self.tell()
        return self._opened.result()

    def tell(self, path: Path | None = None) -> None:
        """Say, once, that it does not run where it was asked to; name the input in which that changed."""
        fallback = self._opened.result().fallback
        if fallback and fallback != self._told:
            _complain(fallback if path is None else f"{path.name}: {fallback}")
        self._told = fallback

    @staticmethod
    def _open(options: argparse.Namespace) -> "ModelSession":
        from cinecor.app.session import open_session

        return open_session(options.model, device=options.device)


def _segment(options: argparse.Namespace) -> int:
    if all(_is_missing(path) for path in options.inputs):
        raise UsageError(f"{options.inputs[0]} does not exist; check the path.")
    _require_place(options.out)
    session = _Opening(options)
    from cinecor.app.study_run import run_study
    from cinecor.report.names import result_names
    from cinecor.report.table import result_table

    names = result_names(options.inputs, out_dir=options.out)
    told: list[dict[str, Any]] = []
    errors: list[Exception] = []
    for path, name in zip(options.inputs, names, strict=True):
        try:
            with _progress_bar(path) as progress:
                run = run_study(
                    path,
                    session=session,
                    out_dir=options.out,
                    name=name,
                    series_uid=options.series,
                    progress=progress,
                )
        except Exception as error:  # noqa: BLE001  one input's failure must not stop the others
            session()  # a model that is refused fails every input, and is told instead
            errors.append(error)
            told.append({"input": str(path), "status": "failed", "error": _sentence(error)})
            _failure(error, debug=options.debug, path=path)
            continue
        session.tell(path)  # whether the device was lost on the way
        told.append(
            {
                "input": str(path),
                "status": "done",
                "folder": str(run.folder.path),
                "results": json.loads(run.results.to_json()),
            }
        )
        if not options.json:
            _say(result_table(run.results, folder=run.folder.path) + "\n\n")
    if options.json:
        _say(json.dumps(told, indent=2) + "\n")
    if errors and len(errors) == len(told):
        codes = {_exit_code(error) for error in errors}
        return codes.pop() if len(codes) == 1 else SOME_FAILED
    return SOME_FAILED if errors else DONE


_COMMANDS = ("open", "segment", "demo", "phantom", "model", "selftest")


def _spelled_out(arguments: Sequence[str]) -> list[str]:
    """Give the arguments with their command: none at all opens the desktop, a path opens it there.

    A command's name is the command, even where a folder is called so: other programs rely on it.
    """
    if not arguments:
        return ["open"]
    first = arguments[0]
    if first in _COMMANDS:
        return list(arguments)
    looks_like_path = not first.startswith("-") and (any(mark in first for mark in "/\\.") or Path(first).exists())
    return ["open", *arguments] if looks_like_path else list(arguments)


def _open(options: argparse.Namespace) -> int:
    if options.inputs and all(_is_missing(path) for path in options.inputs):
        raise UsageError(f"{options.inputs[0]} does not exist; check the path.")
    if not _has_display():
        raise UsageError("There is no display for the desktop here; use `cinecor segment INPUT --out DIR`.")
    return _desktop(options.inputs, model_path=options.model)


def _selftest(options: argparse.Namespace) -> int:
    if not options.desktop_only:
        from cinecor.cli.selftest import run

        return run(options)
    with _qt_needed():
        from cinecor.ui.window.desktop_check import check_desktop
    _say(check_desktop(on_screen=options.on_screen) + "\n")
    return DONE


def _desktop(paths: Sequence[Path], *, model_path: Path | None) -> int:
    with _qt_needed():
        from cinecor.ui.window.desktop import run
    return run(paths, model_path=model_path)


@contextmanager
def _qt_needed() -> Iterator[None]:
    """Say what to do when a library of the system that Qt needs is not there."""
    try:
        yield
    except ImportError as error:
        packages = "libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0"
        ours = "Qt6" in str(error) or "PySide6" in str(error)
        remedy = "install Cinecor again" if ours else f"on Debian and Ubuntu: apt install {packages}"
        raise UsageError(f"The desktop cannot start ({error}); {remedy}.") from error


def _demo(options: argparse.Namespace) -> int:
    from cinecor.app.demo import demo_study

    study = demo_study(options.out)
    _say(f"{study}\n\n")
    if _has_display():
        return _desktop([study.folder], model_path=options.model)
    options.inputs, options.series, options.json = [study.folder], None, False
    options.out = options.out / "results"
    return _segment(options)


@contextmanager
def _progress_bar(path: Path) -> Iterator[ProgressListener]:
    """A bar on a terminal, nothing in a pipe."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield silent
        return
    from tqdm import tqdm

    columns = shutil.get_terminal_size().columns  # 80 where the terminal does not tell
    with tqdm(total=1, desc=path.name, leave=False, file=sys.stderr, ncols=columns) as bar:

        def tell(report: Progress) -> None:
            if bar.total != report.total or report.done < bar.n:
                bar.reset(total=report.total)
            bar.update(report.done - bar.n)
            if report.stage != bar.postfix:
                bar.set_postfix_str(report.stage)  # shown at once

        yield tell


def _exit_code(error: Exception) -> int:
    match error:
        case UsageError():
            return WRONG_USAGE
        case NothingSegmentable():
            return NOTHING_SEGMENTABLE
        case ModelRefused():
            return MODEL_REFUSED
        case Cancelled():
            return INTERRUPTED
        case _:
            return SOME_FAILED


def _sentence(error: Exception) -> str:
    if isinstance(error, CinecorError):
        text = str(error)
    elif isinstance(error, ImportError):  # of a library that belongs to the program
        text = f"a part of Cinecor is missing or damaged ({error}); install Cinecor again."
    elif isinstance(error, MemoryError):
        text = "not enough memory; close other programs or choose one series with --series."
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}; check the path and its permissions."
    else:
        text = f"unexpected {type(error).__name__}: {error}; run again with --debug and report it."
    return " ".join(text.split())  # one line, whatever a library put into it


def _failure(error: Exception, *, debug: bool, path: Path | None = None) -> int:
    if debug:
        traceback.print_exception(error)
    sentence = _sentence(error)
    _complain(sentence if path is None or path.name in sentence else f"{path}: {sentence}")
    return _exit_code(error)


def _path(text: str) -> Path:
    """Read a path from the command line; an empty one is a mistake (an unset shell variable), not this folder."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # no permission to look: reading it will say so
        return False


def _require_place(out_dir: Path) -> None:
    """Raise `OutputError` before any work when results can never be written there."""
    place = next((folder for folder in (out_dir, *out_dir.absolute().parents) if folder.exists()), out_dir)
    if not place.is_dir():
        raise OutputError(f"{place} is a file, not a folder; choose another --out.")
    if not os.access(place, os.W_OK):
        raise OutputError(f"{place} may not be written to; choose another --out or ask for the permission.")
