"""Which runs: levers, points, experiment files, the plan of a sweep."""
