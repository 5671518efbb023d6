"""The textbook figure of networks: circles Σ | θ, weights named along the edges, equations to check by hand."""
