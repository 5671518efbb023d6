"""The data of the replay page: the code of its frames, its size, and its numbers under Node.js."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

import minigrad as mg
from minigrad.errors import CompileError
from minigrad.pages import replay
from minigrad.pages.replay import STEPS, code_frames
from minigrad.structure import read_structure

PAGES = Path(mg.__file__).parent / "pages"
SHAPES = st.tuples(st.integers(1, 6), st.integers(0, 6))
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def decoded(coded: dict[str, Any]) -> np.ndarray:
    """Return the numbers of frames, read from their code in another way than the page does."""
    numbers, number, shift = [], 0, 0
    for byte in b64decode(coded["codes"]):
        number, shift = number | (byte & 127) << shift, shift + 7
        if byte < 128:
            numbers.append(-(number + 1) // 2 if number % 2 else number // 2)
            number = shift = 0
    codes = np.cumsum(np.array(numbers, int).reshape(coded["count"], coded["size"]), axis=0)
    scales = np.frombuffer(b64decode(coded["scales"]), "<f8")
    result = codes / STEPS * scales
    for code, value in ((32767, np.inf), (-32767, -np.inf), (-32768, np.nan)):
        result[codes == code] = value
    return result


@settings(deadline=None)
@given(SHAPES.flatmap(lambda shape: arrays(float, shape, elements=st.floats(-1e300, 1e300))))
def test_a_coded_number_is_off_by_half_a_step_at_most(frames: np.ndarray) -> None:
    largest = abs(frames).max(axis=0, initial=0.0)
    with np.errstate(under="ignore"):
        assert (abs(decoded(code_frames(frames)) - frames) <= largest / STEPS * 0.5000001 + 1e-320).all()


@given(
    SHAPES.flatmap(lambda shape: arrays(float, shape, elements=st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.5])))
)
def test_numbers_that_are_not_finite_stay_what_they_are(frames: np.ndarray) -> None:
    assert np.array_equal(decoded(code_frames(frames)), frames, equal_nan=True)


def test_numbers_that_move_little_take_a_byte() -> None:
    frames = 1 + np.arange(50)[:, None] * 1e-4 * np.ones(20)
    assert len(b64decode(code_frames(frames)["codes"])) < 1.1 * frames.size + 60


def page_data(page: mg.Page) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.DOTALL)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1])
    return data


def test_a_page_of_200_frames_of_64_32_10_is_small() -> None:
    rng = np.random.default_rng(0)
    X, T = rng.random((200, 64)), rng.integers(0, 10, 200)
    network = mg.Network(*mg.mlp([64, 32, 10], mg.tanh, mg.identity, rng=0), loss=mg.softmax_cross_entropy)
    record = mg.Recorder()
    network.fit(X, T, mg.SGD(0.2), epochs=199, batch_size=20, callbacks=[record], progress=False)
    assert len(record.frames) == 200
    page = record.page()
    assert len(page.html.encode()) <= 1_900_000
    data = page_data(page)
    frames = np.array([frame.parameters for frame in record.frames])
    assert (abs(decoded(data["frames"]) - frames) <= abs(frames).max(axis=0) / STEPS * 0.500001).all()
    assert data["network"]["image"]["shape"] == [8, 8]
    weight = data["network"]["image"]["weights"][3][5]
    assert network.parameters[weight] is network.graph["h4.w6"]


def test_a_long_training_of_a_large_network_has_fewer_frames() -> None:
    network = wide_network()
    record = mg.Recorder()
    network.fit(np.zeros((2, 300)), [0, 1], mg.SGD(0.1), epochs=60, callbacks=[record], progress=False)
    assert len(record.frames) * 90_601 <= 1_100_000
    assert (record.frames[0].epoch, record.frames[-1].epoch) == (0, 60)


def wide_network() -> mg.Network:
    x = mg.Input("x", 300)
    return mg.Network(x, mg.dense(mg.tanh(mg.dense(x, 300, rng=0)), 1, rng=1))


PREDICT = """
const network = new TrainedNetwork(data, program);
const outputs = data.network.outputs.map(({ key }) => network.place(key));
const across = evenlySpaced([-1, 2], 5), down = evenlySpaced([-2, 1], 4);
const frames = data.epochs.map((_, frame) => {
  network.show(frame, 1);
  const before = data.network.layers.flat().map(({ sum }) => network.number(`delta:${sum}`));
  const fields = network.fieldsOf(outputs, across, down).map((field) => Array.from(field));
  const deltas = network.deltasOf([data.network.layers.flat().map(({ sum }) => network.place(sum))]);
  const after = data.network.layers.flat().map(({ sum }) => network.number(`delta:${sum}`));
  return { fields, before, after, deltas: Array.from(deltas[0]) };
});
console.log(JSON.stringify({ across, down, frames }));
"""


@needs_node
def test_maps_and_deltas_of_the_page_are_those_of_the_network(tmp_path: Path) -> None:
    network = mg.Network(*mg.mlp([2, 4, 2], mg.tanh, mg.sigmoid, rng=0))
    X, T = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    record = mg.Recorder()
    network.fit(X, T, mg.SGD(0.5), epochs=3, callbacks=[record], progress=False)
    page = record.page()
    program = page.html.split("const program = ")[1].split("\nreplay(document")[0]
    script = tmp_path / "predict.mjs"
    script.write_text(
        f"import {{ TrainedNetwork }} from {json.dumps((PAGES / 'trained_network.js').as_uri())};\n"
        f"import {{ evenlySpaced }} from {json.dumps((PAGES / 'maps.js').as_uri())};\n"
        f"const data = {json.dumps(page_data(page))};\nconst program = {program}\n{PREDICT}"
    )
    node = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False)
    assert node.returncode == 0, node.stderr[:2000]
    answer = json.loads(node.stdout)
    points = np.array([[first, second] for second in answer["down"] for first in answer["across"]])
    sums = [unit.weighted_sum for layer in read_structure(network.graph).layers for unit in layer]
    for frame, shown in zip(decoded(page_data(page)["frames"]), answer["frames"], strict=True):
        for parameter, number in zip(network.parameters, frame, strict=True):
            parameter.value = number
        assert np.allclose(np.transpose(shown["fields"]), network.predict(points), rtol=1e-12, atol=1e-12)
        deltas = []
        for x, t in zip(X, T, strict=True):
            network.loss_graph(x, t)
            deltas.append([node.delta for node in sums])
        assert np.allclose(shown["before"], deltas[1], rtol=1e-9, atol=1e-12)
        assert shown["after"] == shown["before"]
        assert np.allclose(shown["deltas"], np.ravel(deltas), rtol=1e-9, atol=1e-12)


def trained_recorder() -> mg.Recorder:
    network, record = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0)), mg.Recorder()
    network.fit([[0, 1], [1, 0]], [0, 1], epochs=3, validation=([[0, 1]], [0]), callbacks=[record], progress=False)
    return record


def test_curves_have_nothing_before_training_and_keep_nan() -> None:
    record = trained_recorder()
    frame = record.frames[2]
    record._frames.spaced[2] = frame._replace(measured={**frame.measured, "loss": np.nan})
    curves = page_data(record.page())["curves"]
    first, second, third, _ = curves["loss"]
    assert (first, third) == (None, "NaN")
    assert second == record.frames[1].measured["loss"]
    assert curves["validation_loss"][0] is None


def test_a_network_with_an_op_without_formulas_shows_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(nodes: Any) -> str:
        raise CompileError("no formulas")

    record = trained_recorder()
    monkeypatch.setattr(replay, "graph_source", refuse)
    assert "const program = {rules: [], nodes: [[1]," in record.page().html


@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "\u2028\u202e\"'&<!--"])
def test_names_and_titles_are_inert(hostile: str) -> None:
    x, w = mg.Input(hostile), mg.Parameter(0.5, hostile + "w")
    network, record = mg.Network(x, mg.tanh(w * x, name="y" + hostile)), mg.Recorder()
    network.fit([1.0, 2.0], [0.5, 0.4], epochs=2, callbacks=[record], progress=False)
    html = record.page(title=hostile).html
    assert html.count("<script") == html.count("</script") == 2
    assert "<!--" not in html
    assert "alert(1)</script>" not in html
    assert "\u2028" not in html


def test_images_are_recognized_or_told() -> None:
    rng = np.random.default_rng(0)
    network, record = mg.Network(*mg.mlp([16, 3, 2], mg.tanh, rng=0)), mg.Recorder()
    network.fit(rng.random((5, 16)), [0, 1, 0, 1, 0], epochs=1, callbacks=[record], progress=False)
    shapes = [page_data(record.page(image=image))["network"]["image"] for image in (None, (2, 8), (1, 16))]
    assert [shape and shape["shape"] for shape in shapes] == [[4, 4], [2, 8], None]
