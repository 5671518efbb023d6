"""Archives: written completely or not at all, read without running or trusting anything in them."""

from __future__ import annotations

import io
import json
import os

import numpy as np
import pytest

import minigrad as mg
from minigrad._io import prepare_file
from minigrad.errors import FileError, MinigradError
from minigrad.files.archive import Archive, decode_array, encode_array, reading_archive, write_archive
from tests.files.networks import rewrite_document, scalar


def test_what_is_read_is_what_was_written(tmp_path):
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True, False]), "c": np.array(7, np.int16)}
    write_archive(tmp_path / "file", Archive("kind", {"words": ["δ", 1, None]}, arrays))
    with reading_archive(tmp_path / "file", "kind") as archive:
        kind, document, content = archive
    assert (kind, document, content.keys()) == ("kind", {"words": ["δ", 1, None]}, arrays.keys())
    for name, array in arrays.items():
        np.testing.assert_array_equal(content[name], array)
        assert content[name].dtype == array.dtype
    with (
        pytest.raises(FileError, match="another kind; found kind, expected other"),
        reading_archive(tmp_path / "file", "other"),
    ):
        pass


def test_the_order_of_axes_and_of_bytes_is_no_part_of_the_content():
    array = np.arange(6.0).reshape(2, 3)
    for same in (np.asfortranarray(array), array.astype(">f8"), array[:, ::-1][:, ::-1]):
        assert encode_array(same) == encode_array(array)


def test_the_file_is_an_npz_that_numpy_reads_without_pickle(tmp_path):
    network = scalar()
    network.save(tmp_path / "network.npz")
    with np.load(tmp_path / "network.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(
            file["values"], [node.value for node in network.graph.nodes if node.kind in ("parameter", "constant")]
        )
        assert json.loads(file["document.json"])["kind"] == "network"


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "network"
    scalar().save(path)
    before = path.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"cannot write the file; found No space left"):
        scalar(1).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_killed_writers_are_removed(tmp_path):
    path = tmp_path / "run[1]"
    keep = [path, tmp_path / ".run1.0123456789abcdef.part", tmp_path / ".run[1].part"]
    for file in (*keep, tmp_path / ".run[1].0123456789abcdef.part"):
        file.touch()
    prepare_file(path)
    assert sorted(tmp_path.iterdir()) == sorted(keep)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "found No such file or directory"),
        (".", "does not name a file"),
        ("no/folder", "found No such file or directory"),
    ],
)
def test_paths_that_lead_nowhere_are_named(path, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=words):
        mg.Network.load(path)
    if path != "missing":
        with pytest.raises(FileError, match=words):
            scalar().save(path)
    for nothing in (None, 3, b"x\0"):
        with pytest.raises(FileError):
            mg.Network.load(nothing)


def npy(header: bytes, data: bytes = b"") -> bytes:
    """Return an .npy file of version 1.0 with this header."""
    padded = header + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + data


GOOD = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
HOSTILE = {
    "nothing": b"",
    "another version": npy(GOOD, bytes(16)).replace(b"\x01\x00", b"\x02\x00", 1),
    "cut short": npy(GOOD, bytes(15)),
    "with bytes behind": npy(GOOD, bytes(17)),
    "larger than any memory": npy(GOOD.replace(b"(2,)", b"(1000000, 1000000, 1000000)"), bytes(16)),
    "another length of the header": b"%b\xff%b" % (npy(GOOD)[:8], npy(GOOD, bytes(16))[9:]),
    "big-endian": npy(GOOD.replace(b"<", b">"), bytes(16)),
    "column-major": npy(GOOD.replace(b"False", b"True"), bytes(16)),
    "objects": npy(GOOD.replace(b"<f8", b"|O"), bytes(16)),
    "text": npy(GOOD.replace(b"<f8", b"<U2"), bytes(16)),
    "records": npy(GOOD.replace(b"'<f8'", b"[('x', '<f8')]"), bytes(16)),
    "an expression": npy(GOOD.replace(b"(2,)", b"(1 + 1,)"), bytes(16)),
    "a negative shape": npy(GOOD.replace(b"(2,)", b"(-2,)"), bytes(16)),
    "brackets without end": npy(b"[" * 60_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arrays_are_refused(name):
    assert decode_array(npy(GOOD, bytes(16)), "sound").tolist() == [0.0, 0.0]
    with pytest.raises(FileError, match=r"not an array of numbers|does not match its header"):
        decode_array(HOSTILE[name], name)


def test_numpy_reads_what_is_encoded():
    for array in (np.array(0.5), np.zeros((0, 3)), np.arange(4, dtype=np.uint8), np.array([np.nan, -0.0])):
        content = encode_array(array)
        np.testing.assert_array_equal(np.load(io.BytesIO(content), allow_pickle=False), array)
        assert decode_array(content, "array").tobytes() == array.tobytes()


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([None]), np.array([1j])], ids=lambda array: array.dtype)
def test_arrays_that_are_not_of_numbers_are_no_content(array, tmp_path):
    with pytest.raises(FileError, match="not an array of numbers; found"):
        write_archive(tmp_path / "file", Archive("kind", {}, {"array": array}))


CHANGES = {
    "another version": (
        lambda document: document.update(version=2),
        "unknown file version; found 2, expected 1. Update",
    ),
    "a version that is no number": (lambda document: document.update(version=True), "unknown file version"),
    "another kind": (lambda document: document.update(kind="checkpoint"), "another kind; found checkpoint"),
    "another format": (lambda document: document.update(format="torch"), "not a file that minigrad wrote"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_document_that_is_wrong_is_refused(name, tmp_path):
    change, words = CHANGES[name]
    scalar().save(tmp_path / "network")
    rewrite_document(tmp_path / "network", change)
    with pytest.raises(MinigradError, match=words):
        mg.Network.load(tmp_path / "network")
