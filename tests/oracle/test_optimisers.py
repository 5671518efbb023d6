"""Optimisers against PyTorch: a hundred steps down the same slopes, on a vector and on a whole network."""

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")

PAIRS = {
    "SGD": (mg.SGD(0.05), lambda parameters: torch.optim.SGD(parameters, lr=0.05)),
    "Momentum": (mg.Momentum(0.02, 0.8), lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.8)),
    "Adam": (mg.Adam(0.03), lambda parameters: torch.optim.Adam(parameters, lr=0.03)),
    "Adam with settings": (
        mg.Adam(0.1, beta1=0.7, beta2=0.9, epsilon=1e-4),
        lambda parameters: torch.optim.Adam(parameters, lr=0.1, betas=(0.7, 0.9), eps=1e-4),
    ),
}
pairs = pytest.mark.parametrize(("ours", "theirs"), PAIRS.values(), ids=PAIRS.keys())


@pairs
def test_a_hundred_steps_down_a_valley(ours, theirs):
    start = np.array([-1.2, 1.0, 0.4])
    scale = np.array([1.0, 10.0, 0.1])
    found, state = start, ours.init(start)
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = theirs([parameter])
    for _ in range(100):
        found, state = ours.update(found, scale * np.tanh(found) + 0.3 * found**3, state)
        parameter.grad = torch.tensor(scale) * torch.tanh(parameter.detach()) + 0.3 * parameter.detach() ** 3
        optimizer.step()
        np.testing.assert_allclose(found, parameter.detach().numpy(), rtol=0, atol=1e-10)


@pairs
@pytest.mark.parametrize("batch_size", [1, 4, 10])
def test_a_network_learns_as_in_pytorch(ours, theirs, batch_size):
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
    x = mg.Input("x", 3)
    hidden = mg.dense(x, 4, activation=mg.tanh, name="h", rng=1)
    network = mg.Network(x, mg.dense(hidden, 2, activation=mg.identity, name="y", rng=2))
    W1, b1, W2, b2 = (
        torch.tensor(np.array(network.graph[name].value), requires_grad=True) for name in ("h.W", "h.b", "y.W", "y.b")
    )
    optimizer = theirs([W1, b1, W2, b2])
    epochs = 100 // -(-10 // batch_size)
    for _ in range(epochs):
        for start in range(0, 10, batch_size):
            rows = slice(start, start + batch_size)
            optimizer.zero_grad()
            output = torch.tanh(torch.tensor(X[rows]) @ W1 + b1) @ W2 + b2
            (0.5 * (output - torch.tensor(T[rows])) ** 2).sum(-1).mean().backward()
            optimizer.step()
    network.fit(X, T, ours, epochs=epochs, batch_size=batch_size, shuffle=False, progress=False)
    for name, expected in zip(("h.W", "h.b", "y.W", "y.b"), (W1, b1, W2, b2), strict=True):
        np.testing.assert_allclose(network.graph[name].value, expected.detach().numpy(), rtol=0, atol=1e-10)
