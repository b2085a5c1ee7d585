"""Outlines that somebody else drew, brought onto the frames of a stack; what does not fit is listed, never guessed."""
