"""How rules are compiled, and the arithmetic and luck that give the same bits everywhere."""
