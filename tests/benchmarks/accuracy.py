"""Held-out results on five real data sets, here and by scikit-learn and PyTorch with the same recipe.

    python -m tests.benchmarks.accuracy [--short] [--seeds N] [--write docs/accuracy.md]

The recipe: a quarter of the samples held out (seed 0, stratified by class), features standardized on the rest, one
hidden layer of 32 ReLU neurons, Adam, batches of 32, cross-entropy for classes and ½ squared error for standardized
values, no regularization and no early stopping. By each of 5 seeds all three start from the same first weights, those
that scikit-learn draws, and learn from the same batches in the same order; forward pass, loss, backward pass and Adam
are each library's own. The table shows mean ± standard deviation over the seeds, and how far a single seed is apart.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg

HIDDEN, BATCH = 32, 32
EPSILON = 1e-12
"""Adam's ε, so small that it makes no difference to add it before v is corrected, as scikit-learn does, or after."""
SEEDS = 5

Layer = tuple[np.ndarray, np.ndarray]
"""Weights of shape (inputs, neurons), and biases."""


class Task(NamedTuple):
    """A data set: its loader in scikit-learn, how many epochs, the learning rate, and the loss."""

    loader: str
    epochs: int
    lr: float
    loss: mg.Op = mg.softmax_cross_entropy

    @property
    def classes(self) -> bool:
        """Whether its targets are classes, and not values."""
        return self.loss is not mg.squared_error


TASKS = {
    "Iris": Task("load_iris", 100, 0.01),
    "digits": Task("load_digits", 40, 0.003),
    "wine": Task("load_wine", 40, 0.01),
    "breast cancer": Task("load_breast_cancer", 40, 0.003, mg.binary_cross_entropy),
    "diabetes": Task("load_diabetes", 20, 0.003, mg.squared_error),
}
"""With two classes scikit-learn's classifier has one output and binary cross-entropy, so the others have, too."""


class Split(NamedTuple):
    """Samples to learn from, and samples that are held out."""

    X: np.ndarray
    T: np.ndarray
    X_test: np.ndarray
    T_test: np.ndarray


Runner = Callable[[Split, Task, int], np.ndarray]
"""Trains on a split by a seed; returns a probability for each class, or a value, for every held-out sample."""


def load_split(task: Task) -> Split:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X, T = getattr(datasets, task.loader)(return_X_y=True)
    X, X_test, T, T_test = train_test_split(X, T, test_size=0.25, random_state=0, stratify=T if task.classes else None)
    scaler = StandardScaler().fit(X)
    if not task.classes:
        T, T_test = (T - T.mean()) / T.std(), (T_test - T.mean()) / T.std()
    return Split(scaler.transform(X), T, scaler.transform(X_test), T_test)


def batches(split: Split, task: Task, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The samples and targets of every step of a training, shuffled anew in each epoch."""
    rng = np.random.default_rng(seed)
    for _ in range(task.epochs):
        order = rng.permutation(len(split.X))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            yield split.X[rows], split.T[rows]


def predictions_of(outputs: np.ndarray, task: Task) -> np.ndarray:
    """Probabilities of all classes, or values, from the outputs before softmax or sigmoid."""
    if task.loss is mg.softmax_cross_entropy:
        return mg.softmax(outputs)
    return np.hstack([mg.sigmoid(-outputs), mg.sigmoid(outputs)]) if task.classes else outputs[:, 0]


def train_sklearn(split: Split, task: Task, seed: int, rate: float, steps: int | None = None) -> Any:
    """scikit-learn's model after so many steps, or all of them, one Adam step for each batch."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind, options = (MLPClassifier, {"classes": np.unique(split.T)}) if task.classes else (MLPRegressor, {})
    model = kind(
        hidden_layer_sizes=(HIDDEN,),
        learning_rate_init=rate,
        epsilon=EPSILON,
        alpha=0.0,
        shuffle=False,
        random_state=seed,
    )
    for X, T in islice(batches(split, task, seed), steps):
        model.partial_fit(X, T, **options)
    return model


def initial_weights(split: Split, task: Task, seed: int) -> list[Layer]:
    """Return what scikit-learn starts from, read off a model of it whose only step is too small to change a weight."""
    model = train_sklearn(split, task, seed, rate=1e-300, steps=1)
    return list(zip(model.coefs_, model.intercepts_, strict=True))


def predict_with_sklearn(split: Split, task: Task, seed: int) -> np.ndarray:
    model = train_sklearn(split, task, seed, task.lr)
    return model.predict_proba(split.X_test) if task.classes else model.predict(split.X_test)


def make_neurons(parents: Sequence[mg.Node], layer: Layer, activation: mg.Op) -> list[mg.Node]:
    """Return a layer of neurons with these weights."""
    row = []
    for weights, bias in zip(layer[0].T, layer[1], strict=True):
        total = mg.weighted_sum(parents, [mg.Parameter(weight) for weight in weights], mg.Parameter(bias))
        row.append(activation(total))
    return row


def predict_with_minigrad(split: Split, task: Task, seed: int) -> np.ndarray:
    hidden, output = initial_weights(split, task, seed)
    inputs = [mg.Input() for _ in split.X.T]
    outputs = make_neurons(make_neurons(inputs, hidden, mg.relu), output, mg.identity)
    network = mg.Network(inputs, outputs, task.loss)
    network.fit(
        partial(batches, split, task, seed), optimizer=mg.Adam(task.lr, epsilon=EPSILON), epochs=1, progress=False
    )
    return predictions_of(network.predict(split.X_test), task)


def predict_with_torch(split: Split, task: Task, seed: int) -> np.ndarray:
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    (W1, b1), (W2, b2) = (map(torch.tensor, layer) for layer in initial_weights(split, task, seed))
    model = torch.nn.Sequential(torch.nn.Linear(*W1.shape), torch.nn.ReLU(), torch.nn.Linear(*W2.shape)).double()
    model.load_state_dict({"0.weight": W1.T, "0.bias": b1, "2.weight": W2.T, "2.bias": b2})
    loss_of, scale = {
        mg.softmax_cross_entropy: (functional.cross_entropy, 1.0),
        mg.binary_cross_entropy: (functional.binary_cross_entropy_with_logits, 1.0),
        mg.squared_error: (functional.mse_loss, 0.5),  # the others halve it, and ε of Adam is not scaled with it
    }[task.loss]
    optimizer = torch.optim.Adam(model.parameters(), lr=task.lr, eps=EPSILON)
    for X, T in batches(split, task, seed):
        targets = torch.tensor(T if task.loss is mg.softmax_cross_entropy else T[:, None].astype(float))
        optimizer.zero_grad()
        (scale * loss_of(model(torch.tensor(X)), targets)).backward()
        optimizer.step()
    with torch.no_grad():
        return predictions_of(model(torch.tensor(split.X_test)).numpy(), task)


LIBRARIES: dict[str, tuple[Runner, str]] = {
    "minigrad": (predict_with_minigrad, "numpy"),
    "scikit-learn": (predict_with_sklearn, "sklearn"),
    "PyTorch": (predict_with_torch, "torch"),
}
"""What is compared, and the package that each needs."""


def score(split: Split, task: Task, predictions: np.ndarray) -> float:
    """The share of right classes, or R², the share of the variance that is explained."""
    if task.classes:
        return float(np.mean(predictions.argmax(axis=1) == split.T_test))
    return float(1 - np.sum((predictions - split.T_test) ** 2) / np.sum((split.T_test - split.T_test.mean()) ** 2))


class Result(NamedTuple):
    """The scores of one library on one data set, one for each seed, and the predictions that they are the scores of."""

    scores: tuple[float, ...]
    predictions: tuple[np.ndarray, ...] = ()

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores)

    @property
    def deviation(self) -> float:
        return statistics.stdev(self.scores) if len(self.scores) > 1 else 0.0

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} ± {100 * self.deviation:.1f}"


def evaluate_libraries(task: Task, seeds: int) -> dict[str, Result]:
    """The results of every library that is installed."""
    split, results = load_split(task), {}
    for name, (run, package) in LIBRARIES.items():
        if importlib.util.find_spec(package):
            predictions = tuple(run(split, task, seed) for seed in range(seeds))
            results[name] = Result(tuple(score(split, task, rows) for rows in predictions), predictions)
    return results


def within_one_deviation(own: Result, peer: Result, task: Task, held_out: int) -> bool:
    """Whether two means are a standard deviation apart at most: the larger one, and one held-out sample at least."""
    least = 1 / held_out if task.classes else 0.0
    return abs(own.mean - peer.mean) <= max(own.deviation, peer.deviation, least) + 1e-9


def largest_difference(own: Sequence[Any], others: Sequence[Any]) -> float:
    """The largest difference of scores, or of single predictions, by the same seed."""
    return max(float(np.max(np.abs(first - second))) for first, second in zip(own, others, strict=True))


def format_row(name: str, task: Task, seeds: int) -> str:
    """A line of the table."""
    results, held_out = evaluate_libraries(task, seeds), len(load_split(task).T_test)
    own = results["minigrad"]
    peers = {library: result for library, result in results.items() if library != "minigrad"}
    cells = [name, f"{'accuracy' if task.classes else 'R²'}, %", f"{held_out}"]
    cells += [str(results[library]) if library in results else "not installed" for library in LIBRARIES]
    cells.append(" / ".join(f"{100 * largest_difference(own.scores, peer.scores):.1g}" for peer in peers.values()))
    cells.append(" / ".join(f"{largest_difference(own.predictions, peer.predictions):.1g}" for peer in peers.values()))
    apart = [other for other, peer in peers.items() if not within_one_deviation(own, peer, task, held_out)]
    cells.append(
        "; ".join(f"{'above' if own.mean > results[other].mean else 'below'} {other}" for other in apart) or "✓"
    )
    return f"| {' | '.join(cells)} |"


COLUMNS = (
    "data",
    "score",
    "held out",
    *LIBRARIES,
    "largest difference of scores",
    "of predictions",
    "within one deviation",
)
HEADER = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"

PAGE = """# Held-out results

How well networks do on samples that they have not been trained on, compared with scikit-learn and PyTorch under the
same conditions. `python -m tests.benchmarks.accuracy --write {path}` trains all of them and writes this page.

**Conditions.** A quarter of the samples is held out (seed 0, stratified by class); features are standardized by the
rest. The network has one hidden layer of 32 ReLU neurons and is trained by Adam on batches of 32. The loss is
cross-entropy for classes (of a softmax, or of a single sigmoid for two classes, as in scikit-learn) and ½ squared
error for standardized values. There is no regularization and no early stopping.

For each seed, all three start from the same weights and see the same batches in the same order. The weights are
those that scikit-learn draws for that `random_state`; its `MLPClassifier` and `MLPRegressor` are trained by
`partial_fit`, one step per batch. Forward pass, loss, backward pass and Adam are each library's own, and nothing
else differs. Adam's ε is {epsilon:g} throughout, because scikit-learn adds it to √v before v is corrected by 1 −
β₂ᵗ and the others after it, which matters for a larger ε. How a library draws initial weights or shuffles is not
compared here.

The table shows mean ± standard deviation over {seeds} seeds. The last column says whether minigrad's mean is within
one standard deviation of each of the others (the larger one, and at least one held-out sample). As all start alike,
single seeds can be compared too, which is a much sharper test. *Largest difference* is that from scikit-learn /
from PyTorch for any one seed: of the score, in its unit, and of the prediction for any held-out sample, a
probability or a standardized value.

{table}

Epochs and learning rates: {settings}.

Measured with Python {python}, {versions}.

Two examples measure how often training succeeds:

- `python examples/symmetry_1986.py`: how often the 6-2-1 network of Rumelhart, Hinton and Williams finds their weights;
- `python examples/xor.py`: how often a 2-2-1 network learns XOR, and why it fails otherwise.
"""


def format_page(path: str, lines: Sequence[str], tasks: dict[str, Task], seeds: int) -> str:
    """Return the page: the table and how it was measured."""
    packages = {"NumPy": "numpy", "scikit-learn": "scikit-learn", "PyTorch": "torch"}
    present = [f"{name} {version(package)}" for name, package in packages.items() if is_installed(package)]
    return PAGE.format(
        path=path,
        seeds=seeds,
        epsilon=EPSILON,
        table="\n".join(lines),
        settings="; ".join(f"{name} {task.epochs} at {task.lr:g}" for name, task in tasks.items()),
        python=platform.python_version(),
        versions=", ".join(present),
    )


def is_installed(package: str) -> bool:
    """Whether a distribution is here."""
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="two small data sets, two seeds, to see that it runs")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--write", metavar="PAGE", help="write the table into a page")
    chosen = parser.parse_args()
    tasks, seeds = TASKS, chosen.seeds
    if chosen.short:
        tasks, seeds = {name: TASKS[name]._replace(epochs=10) for name in ("Iris", "diabetes")}, 2
    lines = [HEADER]
    print(HEADER)
    for name, task in tasks.items():
        lines.append(format_row(name, task, seeds))
        print(lines[-1], flush=True)
    if chosen.write:
        Path(chosen.write).write_text(format_page(chosen.write, lines, tasks, seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
