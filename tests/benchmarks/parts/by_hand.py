"""The networks of the tasks as one writes them by hand: in NumPy, and in Python loops that numba compiles."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.parts.tasks import RATE, Learner, Task, first_weights


def numpy_learner(task: Task) -> Learner:
    return (numpy_sigmoid if task.is_squared else numpy_softmax)(task)


def numpy_sigmoid(task: Task) -> Learner:
    """The textbook's network as one writes it in NumPy."""
    W1, b1, W2, b2 = first_weights(task)
    X, T, orders = task.X, task.T, task.orders()

    def epoch() -> float:
        nonlocal W1, b1, W2, b2
        total = 0.0
        for row in next(orders):
            x, t = X[row], T[row]
            h = 1 / (1 + np.exp(-(x @ W1 + b1)))
            y = 1 / (1 + np.exp(-(h @ W2 + b2)))
            error = y - t
            after = error * y * (1 - y)
            before = (W2 @ after) * h * (1 - h)
            W2 -= RATE * np.outer(h, after)
            b2 -= RATE * after
            W1 -= RATE * np.outer(x, before)
            b1 -= RATE * before
            total += 0.5 * float(error @ error)
        return total / task.steps

    def predict(x: np.ndarray) -> np.ndarray:
        h = 1 / (1 + np.exp(-(x @ W1 + b1)))
        return 1 / (1 + np.exp(-(h @ W2 + b2)))

    return Learner(epoch, predict)


def numpy_softmax(task: Task) -> Learner:
    W1, b1, W2, b2 = first_weights(task)
    orders = task.orders()

    def epoch() -> float:
        nonlocal W1, b1, W2, b2
        loss = 0.0
        for rows in task.split(next(orders)):
            X, T = task.X[rows], task.T[rows]
            s = X @ W1 + b1
            h = np.maximum(s, 0)
            y = h @ W2 + b2
            y -= y.max(axis=1, keepdims=True)
            powers = np.exp(y)
            total = powers.sum(axis=1, keepdims=True)
            after = (powers / total - T) / len(X)
            before = (after @ W2.T) * (s > 0)
            gradients = X.T @ before, before.sum(axis=0), h.T @ after, after.sum(axis=0)
            W1 -= RATE * gradients[0]
            b1 -= RATE * gradients[1]
            W2 -= RATE * gradients[2]
            b2 -= RATE * gradients[3]
            loss += float(np.mean(np.log(total[:, 0]) - (y * T).sum(axis=1)))
        return loss / task.steps

    def predict(x: np.ndarray) -> np.ndarray:
        return np.maximum(x @ W1 + b1, 0) @ W2 + b2

    return Learner(epoch, predict)


def matrix_products(task: Task) -> Learner:
    """The five matrix products of a step and nothing else."""
    W1, _, W2, _ = first_weights(task)
    X, y = task.X[: task.batch], task.T[: task.batch]
    s = X @ W1
    before, into1, into2, out = np.empty_like(s), np.empty_like(W1), np.empty_like(W2), np.empty_like(y)

    def epoch() -> float:
        for _ in range(task.steps):
            np.matmul(X, W1, out=s)
            np.matmul(s, W2, out=out)
            np.matmul(y, W2.T, out=before)
            np.matmul(s.T, y, out=into2)
            np.matmul(X.T, before, out=into1)
        return 0.0

    return Learner(epoch)


def numba_learner(task: Task) -> Learner:
    return (numba_sigmoid if task.is_squared else numba_softmax)(task)


def numba_sigmoid(task: Task) -> Learner:
    """Explicit loops over single numbers, a whole epoch in one compiled function."""
    from numba import njit

    parameters, orders = first_weights(task), task.orders()
    one, half, rate = (task.X.dtype.type(number) for number in (1, 0.5, RATE))

    @njit(fastmath=True)
    def forward(x, W1, b1, W2, b2, h, y):
        h[:] = b1
        for i in range(len(x)):
            for j in range(len(h)):
                h[j] += x[i] * W1[i, j]
        for j in range(len(h)):
            h[j] = one / (one + np.exp(-h[j]))
        y[:] = b2
        for j in range(len(h)):
            for k in range(len(y)):
                y[k] += h[j] * W2[j, k]
        for k in range(len(y)):
            y[k] = one / (one + np.exp(-y[k]))

    @njit(fastmath=True)
    def learn(X, T, order, W1, b1, W2, b2):
        h, before, y, after = np.empty_like(b1), np.empty_like(b1), np.empty_like(b2), np.empty_like(b2)
        total = 0.0
        for row in order:
            x, t = X[row], T[row]
            forward(x, W1, b1, W2, b2, h, y)
            for k in range(len(y)):
                error = y[k] - t[k]
                total += half * error * error
                after[k] = rate * error * y[k] * (one - y[k])
            for j in range(len(h)):
                into = half - half
                for k in range(len(y)):
                    into += W2[j, k] * after[k]
                    W2[j, k] -= h[j] * after[k]
                before[j] = into * h[j] * (one - h[j])
            for i in range(len(x)):
                for j in range(len(h)):
                    W1[i, j] -= x[i] * before[j]
            for k in range(len(y)):
                b2[k] -= after[k]
            for j in range(len(h)):
                b1[j] -= before[j]
        return total / len(order)

    @njit(fastmath=True)
    def outputs(X, W1, b1, W2, b2):
        h, Y = np.empty_like(b1), np.empty((len(X), len(b2)), X.dtype)
        for row in range(len(X)):
            forward(X[row], W1, b1, W2, b2, h, Y[row])
        return Y

    def predict(x: np.ndarray) -> np.ndarray:
        return outputs(np.atleast_2d(x), *parameters)

    return Learner(lambda: learn(task.X, task.T, next(orders), *parameters), predict)


def numba_softmax(task: Task) -> Learner:
    """Matrix products by BLAS, loops over the classes, a whole epoch in one compiled function."""
    from numba import njit

    parameters, orders = first_weights(task), task.orders()
    zero, rate, batch = task.X.dtype.type(0), task.X.dtype.type(RATE / task.batch), task.batch

    @njit(fastmath=True)
    def softmax(y, t):
        """Overwrite logits by the derivative of the loss times the rate; return the sum of the losses."""
        total = 0.0
        for row in range(len(y)):
            largest = y[row].max()
            score = powers = zero
            for k in range(y.shape[1]):
                score += (y[row, k] - largest) * t[row, k]
                y[row, k] = np.exp(y[row, k] - largest)
                powers += y[row, k]
            total += np.log(powers) - score
            for k in range(y.shape[1]):
                y[row, k] = rate * (y[row, k] / powers - t[row, k])
        return total

    @njit(fastmath=True)
    def learn(X, T, order, W1, b1, W2, b2):
        total = 0.0
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            x, t = X[rows], T[rows]
            h = np.maximum(np.dot(x, W1) + b1, zero)
            y = np.dot(h, W2) + b2
            total += softmax(y, t)
            before = np.where(h > zero, np.dot(y, W2.T), zero)
            W2 -= np.dot(h.T, y)
            b2 -= y.sum(axis=0)
            W1 -= np.dot(x.T, before)
            b1 -= before.sum(axis=0)
        return total / len(order)

    return Learner(lambda: learn(task.X, task.T, next(orders), *parameters))
