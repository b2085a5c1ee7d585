"""`python -m cinecor`, and what the installed program starts with."""

import multiprocessing
import sys

from cinecor.cli.main import main

if __name__ == "__main__":
    multiprocessing.freeze_support()  # the installed program is its own Python: its workers begin here too
    sys.exit(main())
