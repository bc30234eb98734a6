"""What runs say: effects, intervals, sensitivity."""
