"""`python -m cinecor`."""

import sys

from cinecor.cli import main

sys.exit(main())
