"""The options of `fit`: what is impossible alone or beside others is named before anything moves."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.errors import SettingError
from minigrad.training.options import check_dtype, check_engine
from tests.training.networks import T, X, small_network, values

IMPOSSIBLE = [
    ({"engine": "fast"}, "engine: an impossible setting; found 'fast', expected one of auto, numpy"),
    ({"dtype": np.int64}, "dtype"),
    ({"dtype": "words"}, "dtype"),
    ({"epochs": -1}, "epochs"),
    ({"steps": -1}, "steps"),
    ({"batch_size": 0}, "batch_size"),
    ({"shuffle": "no"}, "shuffle: .* expected True or False"),
    ({"progress": 1}, "progress"),
    ({"warm_start": None}, "warm_start"),
    ({"optimizer": mg.LBFGS(), "dtype": np.float32}, "full-batch optimizers compute in float64 only"),
    ({"warm_start": True, "callbacks": [mg.Checkpoint("run")]}, "warm_start and a checkpoint exclude each other"),
    ({"callbacks": [mg.EarlyStopping()]}, "early stopping needs validation data"),
]


@pytest.mark.parametrize(("options", "words"), IMPOSSIBLE, ids=[words[:20] for _, words in IMPOSSIBLE])
def test_an_impossible_option_is_named_and_moves_nothing(options, words):
    network = small_network()
    with pytest.raises(SettingError, match=words):
        network.fit(X, T, **{"progress": False, **options})
    assert values(network) == values(small_network())


def test_names_of_types_and_engines():
    assert check_dtype("float32") == check_dtype(np.float32) == np.dtype(np.float32)
    assert check_engine("auto") == "auto"
    with pytest.raises(TypeError, match="positional"):
        small_network().fit(X, T, None, 5)
