"""A safe container: one JSON document and some arrays in a zip.

Nothing in it is compressed and nothing in it is code, so that reading costs no more memory than the file has bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import isfinite, prod
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.lib import format as npy

from minigrad._format import describe_value
from minigrad._io import open_file, to_path, write_file
from minigrad.errors import FileError, MinigradError

# json and zipfile are imported in functions: most programs never write a file, and `import minigrad` is fast.

FORMAT = "minigrad"
VERSION = 1
DOCUMENT = "document.json"
ZIP_START = b"PK\x03\x04"
MAX_MEMBERS = 64
"""No file has more arrays than this."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time stamp of every member, so that the same content is the same bytes."""

# NumPy's own reader passes this header to ast.literal_eval, which runs Python's compiler on the bytes of the file, and
# allocates the shape that it claims before comparing it with the bytes there are. The pattern admits only the headers
# that NumPy writes for plain numbers in row-major, little-endian order, and decode_array compares before it allocates.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][biuf]\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)


class Archive(NamedTuple):
    """Content of a file: its kind, a JSON document, arrays by name."""

    kind: str
    document: dict[str, Any]
    arrays: Mapping[str, np.ndarray]


def write_archive(path: Any, archive: Archive) -> None:
    """Write an archive as `write_file` writes files; raise FileError where its content cannot be stored."""
    write_file(path, encode_archive(archive))


@contextmanager
def reading_archive(path: Any, kind: str) -> Iterator[Archive]:
    """Read an archive of the given kind, to decode it in a `with` block.

    Raises FileError, with the path, for whatever `write_archive` did not write, and for whatever goes wrong inside: a
    file that minigrad wrote raises nothing.
    """
    where = str(to_path(path))
    try:
        with open_file(path) as file:
            archive = decode_archive(file)
        if archive.kind != kind:
            raise FileError("the file is of another kind", found=archive.kind[:40], expected=kind)
        yield archive
    except MinigradError as error:
        if isinstance(error, FileError) and error.node == where:
            raise
        node = where if error.node is None else f"{where}, {error.node}"
        raise FileError(error.what, node=node, found=error.found, expected=error.expected, cure=error.cure) from error
    except Exception as error:  # from a reader of zip or JSON, or from a document that lacks or contradicts something
        raise FileError(
            "the file is damaged", node=where, expected=f"a {kind} as minigrad writes it", cure="Take a copy of it."
        ) from error


def encode_archive(archive: Archive) -> bytes:
    """Return the bytes of an archive, the same for the same content."""
    import json
    import zipfile

    buffer = io.BytesIO()
    document = {"format": FORMAT, "version": VERSION, "kind": archive.kind, **archive.document}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        bundle.writestr(zipfile.ZipInfo(DOCUMENT, EPOCH), text.encode())
        for name, array in archive.arrays.items():
            bundle.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), encode_array(array))
    return buffer.getvalue()


def decode_archive(file: BinaryIO) -> Archive:
    """Return the archive in an open file; raise FileError, or what the zip and JSON readers raise."""
    import json
    import zipfile

    start = file.read(16)
    if not start.startswith(ZIP_START):
        raise FileError("not a file that minigrad wrote", found=f"it begins with {start!r}" if start else "it is empty")
    size = file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file) as bundle:
        members = bundle.infolist()
        names = [member.filename for member in members]
        if DOCUMENT not in names or len(set(names)) < len(names) or len(names) > MAX_MEMBERS:
            raise FileError("not a file that minigrad wrote", found=f"a zip of {', '.join(names)}"[:200])
        if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
            raise FileError("the file is compressed or encrypted", expected="members stored as they are")
        if sum(member.file_size for member in members) > size:
            raise FileError("the file claims to contain more than its size", found=f"{size} bytes")
        contents = {member.filename: bundle.read(member) for member in members}
    document = json.loads(contents.pop(DOCUMENT).decode())
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise FileError("not a file that minigrad wrote", found="a document of another format")
    version, kind = document.pop("version", None), document.pop("kind", None)
    if type(version) is not int or version != VERSION:
        raise FileError(
            "unknown file version", found=describe_value(version), expected=VERSION, cure="Update minigrad."
        )
    arrays = {name.removesuffix(".npy"): decode_array(content, name) for name, content in contents.items()}
    if len(arrays) < len(contents):
        raise FileError("two arrays of one name", found=", ".join(contents)[:200])
    return Archive(str(kind), document, arrays)


def encode_array(array: np.ndarray) -> bytes:
    """Return an .npy file in row-major, little-endian order; raise FileError for all but numbers and truth values."""
    array = np.array(array, order="C")
    if array.dtype.kind not in "biuf":
        raise FileError("not an array of numbers", found=array.dtype)
    buffer = io.BytesIO()
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    npy.write_array(buffer, little_endian, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def decode_array(content: bytes, name: str) -> np.ndarray:
    """Return the array in the bytes of an .npy file; raise FileError unless they are just those of plain numbers."""
    header = HEADER.match(content)
    if header is None or header.end() != 10 + int.from_bytes(content[8:10], "little"):
        raise FileError("not an array of numbers", node=name, expected="an .npy file, version 1.0, row-major")
    dtype, shape = np.dtype(header[1].decode()), [int(size) for size in header[2].split(b",") if size.strip()]
    if prod(shape) * dtype.itemsize != len(content) - header.end():
        raise FileError("the array does not match its header", node=name, found=f"{dtype} of shape {shape}"[:80])
    return np.frombuffer(content, dtype, offset=header.end()).reshape(shape).copy()


def pack(value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    """Return a state as JSON, with arrays moved to `arrays`; raise FileError for what is neither text nor numbers."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, (bool, int, str, type(None))):
        return plain
    if isinstance(plain, float):
        return plain if isfinite(plain) else {"float": repr(plain)}
    if isinstance(plain, (list, tuple)):
        return {type(plain).__name__: [pack(item, arrays, where) for item in plain]}
    if isinstance(plain, dict) and all(isinstance(key, str) for key in plain):
        return {"dict": {key: pack(item, arrays, where) for key, item in plain.items()}}
    if not isinstance(plain, np.ndarray):
        expected = "numbers, text, None, arrays, and lists, tuples and dictionaries of them"
        raise FileError(
            "the state cannot be written to a checkpoint", node=where, found=describe_value(plain), expected=expected
        )
    name = f"state{len(arrays)}"
    if len(arrays) + 2 > MAX_MEMBERS:
        raise FileError("too many arrays in the state of callbacks", node=where, expected=f"fewer than {MAX_MEMBERS}")
    arrays[name] = plain
    return {"array": name}


def unpack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return a state from what `pack` made of it; its arrays are taken out of `arrays`."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {key: unpack(item, arrays) for key, item in content.items()}
    if kind == "float" and content in ("inf", "-inf", "nan"):
        return float(content)
    if kind == "array":
        return arrays.pop(content)
    if kind not in ("list", "tuple") or not isinstance(content, list):
        raise FileError("not a state of a callback", found=describe_value(value))
    items = [unpack(item, arrays) for item in content]
    return items if kind == "list" else tuple(items)
