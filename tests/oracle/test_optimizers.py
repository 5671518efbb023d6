"""Optimizers against PyTorch: a hundred steps with the same gradients, on a vector and on a network."""

from functools import partial

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")
from torch.optim import lr_scheduler as schedulers  # noqa: E402

PAIRS = {
    "SGD": (mg.SGD(0.05), lambda parameters: torch.optim.SGD(parameters, lr=0.05)),
    "SGD with decay": (
        mg.SGD(0.05, weight_decay=0.1),
        lambda parameters: torch.optim.SGD(parameters, lr=0.05, weight_decay=0.1),
    ),
    "Momentum": (mg.Momentum(0.02, 0.8), lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.8)),
    "Momentum with decay": (
        mg.Momentum(0.02, 0.8, weight_decay=0.05),
        lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.8, weight_decay=0.05),
    ),
    "Nesterov": (
        optim.Nesterov(0.02, 0.8),
        lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.8, nesterov=True),
    ),
    "Nesterov with decay": (
        optim.Nesterov(0.02, 0.7, weight_decay=0.05),
        lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.7, nesterov=True, weight_decay=0.05),
    ),
    "AdaGrad": (optim.AdaGrad(0.1), lambda parameters: torch.optim.Adagrad(parameters, lr=0.1)),
    "AdaGrad with settings": (
        optim.AdaGrad(0.1, epsilon=1e-3, weight_decay=0.02),
        lambda parameters: torch.optim.Adagrad(parameters, lr=0.1, eps=1e-3, weight_decay=0.02),
    ),
    "RMSProp": (optim.RMSProp(0.01), lambda parameters: torch.optim.RMSprop(parameters, lr=0.01)),
    "RMSProp with settings": (
        optim.RMSProp(0.01, decay=0.9, epsilon=1e-2, weight_decay=0.02),
        lambda parameters: torch.optim.RMSprop(parameters, lr=0.01, alpha=0.9, eps=1e-2, weight_decay=0.02),
    ),
    "Adam": (mg.Adam(0.03), lambda parameters: torch.optim.Adam(parameters, lr=0.03)),
    "Adam with settings": (
        mg.Adam(0.1, beta1=0.7, beta2=0.9, epsilon=1e-4, weight_decay=0.03),
        lambda parameters: torch.optim.Adam(parameters, lr=0.1, betas=(0.7, 0.9), eps=1e-4, weight_decay=0.03),
    ),
    "AdamW": (optim.AdamW(0.03), lambda parameters: torch.optim.AdamW(parameters, lr=0.03)),
    "AdamW with settings": (
        optim.AdamW(0.1, beta1=0.7, beta2=0.9, epsilon=1e-4, weight_decay=0.2),
        lambda parameters: torch.optim.AdamW(parameters, lr=0.1, betas=(0.7, 0.9), eps=1e-4, weight_decay=0.2),
    ),
}
pairs = pytest.mark.parametrize(("ours", "theirs"), PAIRS.values(), ids=PAIRS.keys())


def compare_steps(ours, theirs, clip=None, scheduler=None):
    """Compare the parameters at each of a hundred steps of both."""
    start = np.array([-1.2, 1.0, 0.4])
    scale = np.array([1.0, 10.0, 0.1])
    vector, state = start, ours.init(start)
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = theirs([parameter])
    rates = scheduler(optimizer) if scheduler else None
    for _ in range(100):
        vector, state = ours.update(vector, scale * np.tanh(vector) + 0.3 * vector**3, state)
        parameter.grad = torch.tensor(scale) * torch.tanh(parameter.detach()) + 0.3 * parameter.detach() ** 3
        if clip:
            clip([parameter])
        optimizer.step()
        if rates:
            rates.step()
        np.testing.assert_allclose(vector, parameter.detach().numpy(), rtol=0, atol=1e-10)


@pairs
def test_a_hundred_steps_on_a_vector(ours, theirs):
    compare_steps(ours, theirs)


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


CLIPPINGS = {
    "by norm": ({"norm": 0.5}, lambda parameters: torch.nn.utils.clip_grad_norm_(parameters, 0.5)),
    "by value": ({"value": 0.3}, lambda parameters: torch.nn.utils.clip_grad_value_(parameters, 0.3)),
}


@pytest.mark.parametrize(("settings", "clip"), CLIPPINGS.values(), ids=CLIPPINGS.keys())
@pairs
def test_clipped_gradients_are_those_of_pytorch(ours, theirs, settings, clip):
    compare_steps(optim.Clipped(ours, **settings), theirs, clip)


SCHEDULES = {
    "constant": (optim.ConstantRate(0.05), lambda o: schedulers.LambdaLR(o, lambda step: 1.0)),
    "steps": (optim.StepDecay(0.05, every=7, factor=0.5), lambda o: schedulers.StepLR(o, 7, 0.5)),
    "exponential": (optim.ExponentialDecay(0.05, 0.97), lambda o: schedulers.ExponentialLR(o, 0.97)),
    "cosine": (optim.CosineDecay(0.05, 100), lambda o: schedulers.CosineAnnealingLR(o, 100)),
    "cosine, not to 0": (optim.CosineDecay(0.05, 120, 0.01), lambda o: schedulers.CosineAnnealingLR(o, 120, 0.01)),
    "warm-up": (optim.WarmUp(0.05, 20, start=0.25), lambda o: schedulers.LinearLR(o, 0.25, 1.0, 20)),
    "warm-up, then cosine": (
        optim.WarmUp(optim.CosineDecay(0.05, 80), 20),
        lambda o: schedulers.SequentialLR(
            o, [schedulers.LinearLR(o, 0.1, 1.0, 20), schedulers.CosineAnnealingLR(o, 80)], [20]
        ),
    ),
    "one cycle": (
        optim.OneCycle(0.05, 101),
        lambda o: schedulers.OneCycleLR(o, 0.05, total_steps=101, cycle_momentum=False),
    ),
    "one cycle with settings": (
        optim.OneCycle(0.05, 110, rise=0.5, begin=10, end=100),
        lambda o: schedulers.OneCycleLR(
            o, 0.05, total_steps=110, pct_start=0.5, div_factor=10, final_div_factor=100, cycle_momentum=False
        ),
    ),
}


@pytest.mark.filterwarnings("ignore:The epoch parameter")  # PyTorch's SequentialLR warns of its own call
@pytest.mark.parametrize(("schedule", "scheduler"), SCHEDULES.values(), ids=SCHEDULES.keys())
def test_a_schedule_is_that_of_pytorch(schedule, scheduler):
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=0.05)
    rates = scheduler(optimizer)
    for step in range(100):
        assert schedule.at(step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=0, abs=1e-12)
        optimizer.step()
        rates.step()


@pytest.mark.parametrize("make", [mg.SGD, mg.Momentum, optim.RMSProp, mg.Adam, optim.AdamW])
def test_an_optimizer_with_a_schedule_is_that_of_pytorch(make):
    names = {mg.Momentum: partial(torch.optim.SGD, momentum=0.9), optim.RMSProp: torch.optim.RMSprop}
    theirs = names.get(make) or getattr(torch.optim, make.__name__)
    scheduler = partial(schedulers.StepLR, step_size=10, gamma=0.7)
    compare_steps(make(optim.StepDecay(0.04, 10, 0.7)), partial(theirs, lr=0.04), scheduler=scheduler)
