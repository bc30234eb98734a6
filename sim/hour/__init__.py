"""One step: the phases of an hour, the same in every engine."""
