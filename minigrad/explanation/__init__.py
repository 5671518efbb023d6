"""Why a δ is what it is: every path from a node to the loss, in symbols and in numbers."""

from minigrad.explanation.explanation import Explanation as Explanation, explain as explain
from minigrad.explanation.findings import Path as Path
from minigrad.explanation.ways import Link as Link
