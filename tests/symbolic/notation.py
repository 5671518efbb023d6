"""A check of LaTeX that several tests share."""

from __future__ import annotations


def balanced(written: str) -> bool:
    """Whether braces and \\left … \\right come in pairs."""
    depth = 0
    for character in written.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0 and written.count(r"\left") == written.count(r"\right")
