"""What `performance` is made of: contestants, how they are timed, and what is told of them."""
