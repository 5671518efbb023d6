"""Networks and checkpoints on disk: a zip of JSON and plain arrays, see docs/files.md.

A kind of file is one module: it has a name for the kind, builds an `archive.Archive` to write, and checks one it reads.
"""
