"""Interactive pages: the 2-2-2 textbook network, XOR and its training, handwritten digits layer by layer.

python examples/pages.py            # writes out/pages
python examples/pages.py FOLDER     # writes FOLDER

Each page is one HTML file, which a browser opens without a server and without a network.
"""

import sys
from pathlib import Path

from sklearn.datasets import load_digits

import minigrad as mg
from minigrad import datasets

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "out/pages")
FOLDER.mkdir(parents=True, exist_ok=True)


def save(page: mg.Page, name: str) -> None:
    """Write a page, and say so."""
    path = page.save(FOLDER / f"{name}.html")
    print(f"{path.as_posix()}: {path.stat().st_size / 1000:.0f} kB")


def textbook_network() -> mg.Network:
    """The 2-2-2 network of examples/worked_example.py, whose numbers many texts show."""
    x1, x2 = mg.Input("x1"), mg.Input("x2")
    b1, b2 = mg.Constant(0.35, "b1"), mg.Constant(0.60, "b2")
    w1, w2, w3, w4 = (mg.Parameter(value, f"w{i}") for i, value in enumerate((0.15, 0.20, 0.25, 0.30), start=1))
    w5, w6, w7, w8 = (mg.Parameter(value, f"w{i}") for i, value in enumerate((0.40, 0.45, 0.50, 0.55), start=5))
    h1 = mg.sigmoid(mg.weighted_sum([x1, x2], [w1, w2], b1), name="h1")
    h2 = mg.sigmoid(mg.weighted_sum([x1, x2], [w3, w4], b1), name="h2")
    y1 = mg.sigmoid(mg.weighted_sum([h1, h2], [w5, w6], b2), name="y1")
    y2 = mg.sigmoid(mg.weighted_sum([h1, h2], [w7, w8], b2), name="y2")
    return mg.Network([x1, x2], [y1, y2], mg.squared_error)


# One sample, forward and backward, and one update, step by step.
network = textbook_network()
save(mg.explore(network, sample=([0.05, 0.10], [0.01, 0.99]), optimizer=mg.SGD(0.5)), "textbook")

# XOR: the training first, epoch by epoch, then one step of the trained network.
X, T = datasets.xor()
network = mg.Network(*mg.mlp([2, 4, 1], activation=mg.tanh, output=mg.sigmoid, rng=3), loss=mg.squared_error)
record = mg.Recorder()
network.fit(X, T, mg.SGD(0.5), epochs=600, seed=0, callbacks=[record], progress=False)
save(record.page(), "xor_training")
save(mg.explore(network, sample=(X[1], T[1]), optimizer=mg.SGD(0.5)), "xor")

# Digits of 8 x 8 pixels: 2,410 parameters. The pages show the strongest connections, and the weights as images.
images, digits = load_digits(return_X_y=True)
images = images / 16
network = mg.Network(*mg.mlp([64, 32, 10], activation=mg.sigmoid, rng=0), loss=mg.squared_error)
record = mg.Recorder(every=100)
network.fit(images[:1000], digits[:1000], mg.SGD(0.5), epochs=10, seed=0, callbacks=[record], progress=False)
save(record.page(), "digits_training")
save(mg.explore(network, sample=(images[1000], digits[1000]), optimizer=mg.SGD(0.5)), "digits")
