"""Who and where: people, ties, places, and all that a step reads and writes."""
