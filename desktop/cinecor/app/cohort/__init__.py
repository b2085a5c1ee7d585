"""The work on a cohort: from folders full of studies to results, tables and a list of what to look at."""
