"""Export of a program as a Python module that needs only NumPy."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection

import numpy as np

from minigrad.compiler.program import Program

MODULE = '''{source}

def decode(text, dtype, shape):
    """Return an array from its bytes, written as base64."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()


ARRAYS = {{
{arrays}
}}


class Buffers(threading.local):
    """The inputs and results of one thread, and the function that computes with them."""

    def __init__(self):
        self.inputs = {{
{inputs}
        }}
        self.run, self.results = build(**ARRAYS, **self.inputs)


BUFFERS = Buffers()


def compute({names}):
    """Return the results for one set of inputs: arrays of the shapes {shapes}."""
{assignments}
    with np.errstate(all="ignore"):
        BUFFERS.run()
    return {{name: value.copy() for name, value in BUFFERS.results.items()}}
'''


def module_text(program: Program, inputs: Collection[str]) -> str:
    """Return the source of the program with the arrays it works on, and a function `compute` of the named inputs."""
    own = [*inputs, "gradient"]
    sources = {
        name: zeros_source(array) if name in own else array_source(array) for name, array in program.arrays.items()
    }
    return MODULE.format(
        source=program.source.replace("import numpy as np", "import base64\nimport threading\n\nimport numpy as np", 1),
        arrays="\n".join(f"    {name!r}: {text}," for name, text in sources.items() if name not in own),
        inputs="\n".join(f"            {name!r}: {text}," for name, text in sources.items() if name in own),
        names=", ".join(inputs),
        shapes=", ".join(f"{name} {program.arrays[name].shape}" for name in inputs) or "—",
        assignments="\n".join(f"    BUFFERS.inputs[{name!r}][...] = {name}" for name in inputs)
        or "    # nothing is fed",
    )


def array_source(array: np.ndarray) -> str:
    """Return the expression that makes an array from its bytes."""
    text = b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return f"decode({text!r}, {array.dtype.str!r}, {array.shape})"


def zeros_source(array: np.ndarray) -> str:
    """Return the expression that makes an array of zeros of the same shape and type."""
    return f"np.zeros({array.shape}, {array.dtype.str!r})"
