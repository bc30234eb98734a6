"""What was observed of a case, what a run says of it, and how likely the one makes the other."""
