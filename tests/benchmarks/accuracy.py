"""Held-out results on five real data sets, here and by scikit-learn and PyTorch with the same recipe.

    python -m tests.benchmarks.accuracy [--short] [--seeds N] [--write docs/accuracy.md]

The recipe: a quarter of the samples held out (seed 0, stratified by class), features standardised on the rest, one
hidden layer of 32 ReLU neurons, first weights after Glorot and Bengio, Adam, batches of 32, softmax cross-entropy for
classes and squared error for standardised values, no regularisation and no early stopping. Each library draws its own
random numbers, by 20 seeds; the table shows mean ± standard deviation over them.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

import minigrad as mg

HIDDEN, BATCH = 32, 32
SEEDS = 20


class Task(NamedTuple):
    """A data set: its loader in scikit-learn, how many epochs, and whether its targets are classes."""

    loader: str
    epochs: int
    lr: float
    classes: bool = True


TASKS = {
    "Iris": Task("load_iris", 100, 0.01),
    "digits": Task("load_digits", 40, 0.003),
    "wine": Task("load_wine", 40, 0.01),
    "breast cancer": Task("load_breast_cancer", 40, 0.003),
    "diabetes": Task("load_diabetes", 20, 0.003, classes=False),
}


class Split(NamedTuple):
    """Samples to learn from, and samples that are held out."""

    X: np.ndarray
    T: np.ndarray
    X_test: np.ndarray
    T_test: np.ndarray
    outputs: int


Runner = Callable[[Split, Task, int], np.ndarray]
"""Trains on a split by a seed and answers its held-out samples: classes, or values."""


def split_of(task: Task) -> Split:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    X, T = getattr(datasets, task.loader)(return_X_y=True)
    X, X_test, T, T_test = train_test_split(X, T, test_size=0.25, random_state=0, stratify=T if task.classes else None)
    scaler = StandardScaler().fit(X)
    if not task.classes:
        T, T_test = (T - T.mean()) / T.std(), (T_test - T.mean()) / T.std()
    return Split(scaler.transform(X), T, scaler.transform(X_test), T_test, int(T.max()) + 1 if task.classes else 1)


def with_minigrad(split: Split, task: Task, seed: int) -> np.ndarray:
    sizes = [split.X.shape[1], HIDDEN, split.outputs]
    inputs, outputs = mg.mlp(sizes, activation=mg.relu, output=mg.identity, rng=seed)
    network = mg.Network(inputs, outputs, loss=mg.softmax_cross_entropy if task.classes else mg.squared_error)
    network.fit(split.X, split.T, mg.Adam(lr=task.lr), epochs=task.epochs, batch_size=BATCH, seed=seed, progress=False)
    answers = network.predict(split.X_test)
    return answers.argmax(axis=1) if task.classes else answers[:, 0]


def with_sklearn(split: Split, task: Task, seed: int) -> np.ndarray:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    model = (MLPClassifier if task.classes else MLPRegressor)(
        hidden_layer_sizes=(HIDDEN,),
        learning_rate_init=task.lr,
        batch_size=BATCH,
        max_iter=task.epochs,
        n_iter_no_change=task.epochs + 1,
        alpha=0.0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it stopped after so many epochs, as it was told to
        model.fit(split.X, split.T)
    answers: np.ndarray = model.predict(split.X_test)
    return answers


def with_torch(split: Split, task: Task, seed: int) -> np.ndarray:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Linear(split.X.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, split.outputs)
    ).double()
    for layer in (model[0], model[2]):
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    loss_of = torch.nn.functional.cross_entropy if task.classes else torch.nn.functional.mse_loss
    X, T = torch.tensor(split.X), torch.tensor(split.T if task.classes else split.T[:, None])
    optimizer = torch.optim.Adam(model.parameters(), lr=task.lr)
    for _ in range(task.epochs):
        for rows in torch.randperm(len(X)).split(BATCH):
            optimizer.zero_grad()
            loss_of(model(X[rows]), T[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        answers: np.ndarray = model(torch.tensor(split.X_test)).numpy()
    return answers.argmax(axis=1) if task.classes else answers[:, 0]


RUNNERS: dict[str, tuple[Runner, str]] = {
    "minigrad": (with_minigrad, "numpy"),
    "scikit-learn": (with_sklearn, "sklearn"),
    "PyTorch": (with_torch, "torch"),
}
"""Who takes part, and the package that it needs."""


def score(split: Split, task: Task, answers: np.ndarray) -> float:
    """The share of right classes, or R², the share of the variance that is explained."""
    if task.classes:
        return float(np.mean(answers == split.T_test))
    return float(1 - np.sum((answers - split.T_test) ** 2) / np.sum((split.T_test - split.T_test.mean()) ** 2))


class Result(NamedTuple):
    """The scores of one library on one data set, one for each seed."""

    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores)

    @property
    def deviation(self) -> float:
        return statistics.stdev(self.scores) if len(self.scores) > 1 else 0.0

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} ± {100 * self.deviation:.1f}"


def measured(task: Task, seeds: int) -> dict[str, Result]:
    """The results of every library that is installed."""
    split, results = split_of(task), {}
    for name, (run, package) in RUNNERS.items():
        if importlib.util.find_spec(package):
            results[name] = Result(tuple(score(split, task, run(split, task, seed)) for seed in range(seeds)))
    return results


def within(mine: Result, peer: Result, task: Task, held_out: int) -> bool:
    """Whether two means are a standard deviation apart at most: the larger one, and one held-out sample at least."""
    least = 1 / held_out if task.classes else 0.0
    return abs(mine.mean - peer.mean) <= max(mine.deviation, peer.deviation, least) + 1e-9


def row(name: str, task: Task, seeds: int) -> str:
    """A line of the table."""
    results, held_out = measured(task, seeds), len(split_of(task).T_test)
    mine = results["minigrad"]
    cells = [name, f"{'accuracy' if task.classes else 'R²'}, %", f"{held_out}"]
    cells += [str(results[library]) if library in results else "not installed" for library in RUNNERS]
    apart = [other for other, peer in results.items() if not within(mine, peer, task, held_out)]
    cells.append(
        "; ".join(f"{'above' if mine.mean > results[other].mean else 'below'} {other}" for other in apart) or "✓"
    )
    return f"| {' | '.join(cells)} |"


HEADER = f"""| data | score | held out | {" | ".join(RUNNERS)} | within one deviation |
|---|---|---|{"---|" * len(RUNNERS)}---|"""

PAGE = """# Held-out results

How good a trained network is on samples that it has never seen, beside scikit-learn and PyTorch with the same recipe.
`python -m tests.benchmarks.accuracy --write {path}` trains all of them and writes this page.

A quarter of the samples is held out (seed 0, stratified by class), features are standardised on the rest; one hidden
layer of 32 ReLU neurons, first weights after Glorot and Bengio, Adam, batches of 32, softmax cross-entropy for classes
and squared error for standardised values, no regularisation, no early stopping. Each library draws its own random
numbers; the table shows mean ± standard deviation over {seeds} seeds. The last column tells whether minigrad's mean is
within one standard deviation of each of the others (the larger of the two, and one held-out sample at least).

{table}

Epochs and learning rates: {settings}.

Measured with Python {python}, {versions}.

Two more experiments measure themselves and say so when they run:

- `python examples/symmetry_1986.py`: how often the 6-2-1 network of Rumelhart, Hinton and Williams finds their weights;
- `python examples/xor.py`: how often a 2-2-1 network learns exclusive or, and what stops it when it does not.
"""


def page(path: str, lines: Sequence[str], tasks: dict[str, Task], seeds: int) -> str:
    """The table with what one has to know of it."""
    packages = {"NumPy": "numpy", "scikit-learn": "scikit-learn", "PyTorch": "torch"}
    present = [f"{name} {version(package)}" for name, package in packages.items() if installed(package)]
    return PAGE.format(
        path=path,
        seeds=seeds,
        table="\n".join(lines),
        settings="; ".join(f"{name} {task.epochs} at {task.lr:g}" for name, task in tasks.items()),
        python=platform.python_version(),
        versions=", ".join(present),
    )


def installed(package: str) -> bool:
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
        lines.append(row(name, task, seeds))
        print(lines[-1], flush=True)
    if chosen.write:
        Path(chosen.write).write_text(page(chosen.write, lines, tasks, seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
