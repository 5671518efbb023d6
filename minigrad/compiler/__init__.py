"""A graph of single neurons as array code: canonical form, array nodes, recorded programs, NumPy source."""
