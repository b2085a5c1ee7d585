"""Open a study and a model as the application does, and print a line when the first phase's masks are there."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _main() -> None:
    from cinecor.study import open_input

    def session() -> object:
        from cinecor.inference.device.model_session import open_model

        return open_model(Path(sys.argv[2]), device="cpu")

    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(session)
        stack, _ = open_input(Path(sys.argv[1]))
        from cinecor.inference.outline.pipeline import segment

        segment(stack, opened.result(), listener=lambda phase: print(phase.phase, flush=True))  # noqa: T201


_main()
