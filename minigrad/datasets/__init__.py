"""Data without a download: toy data sets, and readers of CSV and IDX files."""
