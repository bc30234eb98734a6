"""The page of ``ploshcha view``: one file with a run's map and curves in it."""
