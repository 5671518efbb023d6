"""The page that steps through one pass and one update of a network: `minigrad.explore`."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal, get_args
