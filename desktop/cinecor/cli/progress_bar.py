"""`progress_bar`: where the work on one input is, on a terminal; nothing in a pipe."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cinecor.message import Message
from cinecor.progress import Progress, ProgressListener, silent


@contextmanager
def progress_bar(name: str) -> Iterator[ProgressListener]:
    """Yield a listener that draws a bar with this name, for a `with` block."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield silent
        return
    from tqdm import tqdm

    columns = shutil.get_terminal_size().columns  # 80 where the terminal does not tell
    with tqdm(total=1, desc=name, leave=False, file=sys.stderr, ncols=columns) as bar:
        shown: Message | None = None

        def tell(report: Progress) -> None:
            nonlocal shown
            if bar.total != report.total or report.done < bar.n:
                bar.reset(total=report.total)
            bar.update(report.done - bar.n)
            if report.stage != shown:
                shown = report.stage
                bar.set_postfix_str(str(report.stage))  # shown at once

        yield tell
