"""Cinecor: ventricular volumes from cardiac MRI cine studies. Research use only."""

import os

# Pydantic would look through every package that is installed for plugins of its own, at each start of each process.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
