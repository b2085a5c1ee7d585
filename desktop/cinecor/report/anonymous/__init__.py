"""Exports without identity: images, results and objects of a study under a pseudonym."""
