"""Nodes, and the two passes over them."""
