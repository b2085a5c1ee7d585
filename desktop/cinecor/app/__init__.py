"""Use-cases: what the command line and the desktop both do, without widgets."""
