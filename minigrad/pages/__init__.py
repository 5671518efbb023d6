"""Interactive pages, each one HTML file: Python hands over numbers and pictures, the scripts beside it show them."""
