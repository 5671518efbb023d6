"""The working process of a network as a staircase of weight grids: what is in each grid, where it stands, its look."""
