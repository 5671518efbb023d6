"""What `performance` and `compare` are made of: what is measured, how it is timed, and how results are reported."""
