"""The picture of one neuron: its numbers, the curve of its activation, the layout of both ways through it."""
