"""What can be said of a graph: its gradient graph, its array form, checks of its derivatives, its health."""
