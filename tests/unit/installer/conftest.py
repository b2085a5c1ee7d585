"""The installer's scripts are no package: they are found where they lie."""

import sys
from pathlib import Path

INSTALLER = Path(__file__).parents[3] / "installer"
sys.path[:0] = [str(INSTALLER), str(INSTALLER / "licences")]
