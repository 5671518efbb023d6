"""Networks and training on disk: a zip of JSON and plain arrays, written whole or not at all; see docs/files.md."""
