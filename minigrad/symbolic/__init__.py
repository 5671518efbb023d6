"""Rules read as formulas: an array namespace whose values are expressions, written in LaTeX, plain text or Python.

from minigrad.symbolic import latex, readable, symbol

s = symbol("s1")
latex(op.forward(readable, s))
"""

from minigrad.symbolic import namespace as namespace
from minigrad.symbolic.expression import (
    DOTS as DOTS,
    Call as Call,
    Formula as Formula,
    FormulaError as FormulaError,
    Number as Number,
    Symbol as Symbol,
    evaluate as evaluate,
    lift as lift,
    substitute as substitute,
)
from minigrad.symbolic.namespace import readable as readable
from minigrad.symbolic.printing import MOST_OPERANDS as MOST_OPERANDS, latex as latex, text as text
from minigrad.symbolic.symbols import symbol as symbol, symbols as symbols
