"""Class labels, one-hot rows and classes."""
