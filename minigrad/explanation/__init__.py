"""Why a derivative ∂L/∂node is what it is: every path from a node to the loss, in symbols and in numbers."""

from minigrad.core.local_derivatives import ParentEdge as ParentEdge
from minigrad.explanation.explanation import Explanation as Explanation, explain as explain
from minigrad.explanation.paths import Path as Path
