"""Your own data: a network learns to predict one column of a CSV file from the others.

python examples/csv_regression.py                       # writes made-up data to out/houses.csv and learns its prices
python examples/csv_regression.py FILE TARGET           # learns column TARGET of your FILE
"""

import sys
from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad import datasets

if len(sys.argv) not in (1, 3):
    sys.exit(__doc__)
if len(sys.argv) == 3:
    path, target = Path(sys.argv[1]), sys.argv[2]
else:
    path, target = Path("out/houses.csv"), "price"
    path.parent.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    area, age, distance = rng.uniform(40, 200, 300), rng.uniform(0, 80, 300), rng.uniform(0, 30, 300)
    price = area * (2 + 3 * np.exp(-distance / 8)) * (1 - 0.004 * age) + rng.normal(0, 15, 300)
    rows = np.stack([area, age, distance, price], axis=1).round(1)
    lines = ["area,age,distance,price", *(",".join(map(str, row)) for row in rows.tolist())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

# A cell that is not a number, or a row that is too short, raises an error that names the line.
try:
    table = datasets.read_csv(path, target=target)
except mg.MinigradError as error:
    sys.exit(str(error))
if table.T.dtype.kind not in "biuf":
    sys.exit(
        f"column {target} holds labels: give the network an output for each, and a loss such as softmax_cross_entropy"
    )
print(f"{path}: {len(table.X)} rows, target {target}, features {', '.join(table.features)}")

# Hold out a quarter; standardize everything by the mean and standard deviation of the rest.
order = np.random.default_rng(0).permutation(len(table.X))
held_out, known = np.split(order, [len(order) // 4])
center, spread = table.X[known].mean(axis=0), table.X[known].std(axis=0) + 1e-12
middle, unit = table.T[known].mean(), table.T[known].std() + 1e-12
X, T = (table.X - center) / spread, (table.T - middle) / unit

inputs, outputs = mg.mlp([X.shape[1], 16, 1], activation=mg.tanh, output=mg.identity, rng=0)
network = mg.Network(inputs, outputs)
validation = (X[held_out], T[held_out])
history = network.fit(X[known], T[known], mg.Adam(lr=0.01), epochs=80, batch_size=16, seed=0, validation=validation)
print(network, history)

answers = middle + unit * network.predict(X[held_out])[:, 0]
truth = table.T[held_out]
errors = np.abs(answers - truth)
print(f"\nThe first five of {len(held_out)} held-out rows:")
for answer, value in zip(answers[:5], truth[:5], strict=True):
    print(f"  {target} {value:10.1f}   predicted {answer:10.1f}")
explained = network.evaluate(*validation, mg.r_squared)
baseline = np.abs(truth - middle).mean()
print(f"Mean absolute error {errors.mean():.1f} (predicting the mean: {baseline:.1f}), R^2 {explained:.3f}")
