"""Files: every writer writes regular files only, completely or not at all; every reader reads nothing else."""

from __future__ import annotations

import os
import shutil
import stat
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import _io
from minigrad.errors import FileError

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, links and permissions of POSIX")


def network() -> mg.Network:
    return mg.Network(*mg.mlp([2, 1], mg.tanh, rng=0))


def train(path):
    callbacks = [mg.Checkpoint(path, every=1)]
    return network().fit(np.eye(2), [0.0, 1.0], epochs=1, callbacks=callbacks, progress=False)


def picture(path):
    drawing = mg.draw(mg.Parameter(1.0, "w") * 2.0)
    return drawing.save(path)


WRITERS = {
    "a network": (lambda path: network().save(path), ".npz"),
    "a checkpoint": (train, ".checkpoint"),
    "a history": (lambda path: mg.History([0.5]).to_csv(path), ".csv"),
    "a program": (lambda path: network().compile(engine="numpy").export(path), ".py"),
    "DOT text": (picture, ".dot"),
    "Mermaid text": (picture, ".mmd"),
    "plain text": (picture, ".txt"),
}
if shutil.which("dot"):
    WRITERS |= {"a picture": (picture, ".svg"), "pixels": (picture, ".png")}

READERS = {
    "a network": mg.Network.load,
    "a checkpoint": train,
    "a table": lambda path: mg.datasets.read_csv(path, target="a"),
    "an array": mg.datasets.read_idx,
}


def snapshot(folder):
    """Return what is in a folder: names, permissions, and the contents of regular files."""
    return {
        path.name: (path.lstat().st_mode, path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else None)
        for path in folder.iterdir()
    }


def make_directory(path):
    path.mkdir()


def make_pipe(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path)


def make_link_to_pipe(path):
    os.mkfifo(path.with_name("behind"))
    path.symlink_to("behind")


def make_link_into_no_folder(path):
    path.symlink_to("no/such/folder")


IRREGULAR = {
    "a directory": make_directory,
    "a pipe": make_pipe,
    "a link to a pipe": make_link_to_pipe,
    "a link to itself": make_loop,
    "a link into no folder": make_link_into_no_folder,
}


@posix
@pytest.mark.parametrize("target", IRREGULAR)
@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_no_regular_file_is_never_replaced(writer, target, tmp_path):
    write, suffix = WRITERS[writer]
    path = tmp_path / f"target{suffix}"
    IRREGULAR[target](path)
    before = snapshot(tmp_path)
    with pytest.raises(FileError, match=r"not a regular file|cannot|folder does not") as caught:
        write(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, OSError)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_that_cannot_be_written_leaves_nothing_and_names_the_path_of_the_caller(writer, tmp_path, monkeypatch):
    write, suffix = WRITERS[writer]
    with pytest.raises(FileError, match=r"folder|Check the path") as caught:
        write(tmp_path / "no" / f"file{suffix}")
    assert "part" not in str(caught.value)
    if os.name == "posix":
        with pytest.raises(FileError, match="too long"):
            write(tmp_path / ("n" * 250 + suffix))
    write(tmp_path / f"old{suffix}")
    before = snapshot(tmp_path)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for name in ("old", "new"):
        if (writer, name) != ("a checkpoint", "old"):  # that training is over and writes nothing
            with pytest.raises(FileError, match=rf"{name}\{suffix}: cannot write the file; found No space.*Free some"):
                write(tmp_path / f"{name}{suffix}")
    assert snapshot(tmp_path) == before


@posix
@pytest.mark.parametrize("writer", WRITERS)
def test_links_are_followed_and_permissions_kept(writer, tmp_path):
    write, suffix = WRITERS[writer]
    real, link, dangling = (tmp_path / f"{name}{suffix}" for name in ("real", "link", "dangling"))
    old = os.umask(0o027)
    try:
        write(real)
    finally:
        os.umask(old)
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    content = real.read_bytes()
    if writer != "a checkpoint":
        real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real.name)
    write(link)
    assert link.is_symlink()
    assert real.read_bytes() == content
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    (tmp_path / "folder").mkdir()
    dangling.symlink_to(tmp_path / "folder" / "new")
    write(dangling)
    assert dangling.is_symlink()
    assert dangling.read_bytes() == content
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        [real.name, link.name, dangling.name, "folder", "new"]
    )


@posix
def test_a_write_protected_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *arguments: False)  # root may write everything
    with pytest.raises(FileError, match=r"write-protected\. Check the permissions") as caught:
        _io.write_file(path, b"new")
    assert caught.value.errno == 13
    assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("target", IRREGULAR)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_regular_file_is_never_read(reader, target, tmp_path):
    path = tmp_path / "target"
    IRREGULAR[target](path)
    before = snapshot(tmp_path)
    with pytest.raises(FileError, match=r"not a regular file|cannot|folder does not") as caught:
        READERS[reader](path)
    assert str(path) in str(caught.value)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("reader", READERS)
def test_paths_that_are_none(reader):
    for path in (None, 3, b"x", "", ".", "x\0y", "/"):
        with pytest.raises(FileError):
            READERS[reader](path)


def test_an_os_error_is_caught_by_its_own_type_too(tmp_path):
    with pytest.raises(OSError, match="No such file") as caught:
        mg.Network.load(tmp_path / "missing")
    assert caught.value.errno == 2
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "it is empty"), (b"weights: 1", "it begins with b'weights: 1'"), (b"PK\x03\x04" + bytes(99), "is damaged")],
)
def test_a_file_that_is_no_model_says_so_plainly(content, found, tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    for read in (mg.Network.load, train):
        with pytest.raises(FileError, match=found) as caught:
            read(path)
        assert not {"BadZipFile", "zipfile", "KeyError"} & {*str(caught.value).replace(":", " ").split()}
    np.savez(path, a=np.eye(2))
    with pytest.raises(FileError, match=r"not a file that minigrad wrote; found a zip of a\.npy"):
        mg.Network.load(path)


if sys.platform == "linux":

    def test_a_draft_is_never_readable_by_others_where_the_file_is_private(tmp_path, monkeypatch):
        path = tmp_path / "file"
        path.touch(0o600)
        modes = []
        monkeypatch.setattr(os, "fsync", lambda handle: modes.append(stat.S_IMODE(os.fstat(handle).st_mode)))
        _io.write_file(path, b"secret")
        assert modes[0] == 0o600
