"""The layout of networks drawn neuron by neuron."""
