"""Training a network: data, steps, the loop, callbacks, checkpoints, history and metrics."""
