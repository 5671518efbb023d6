"""Rules read as formulas: an array namespace whose values are expressions, written out in LaTeX or as plain text.

from minigrad.formula import latex, namespace, plain, symbol

s = symbol("s1")
latex(plain(op.forward(namespace, s)))
"""

from minigrad.formula import namespace as namespace
from minigrad.formula.expression import (
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
from minigrad.formula.notation import MOST_OPERANDS as MOST_OPERANDS, latex as latex, text as text
from minigrad.formula.plain import plain as plain
from minigrad.formula.symbols import symbol as symbol, symbols as symbols
