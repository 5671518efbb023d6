"""Damages files of networks at random and loads them: `python -m tests.files.fuzz COUNT SEED FOLDER`.

A file is refused with a MinigradError, or what it loads is sound: the very same network after damage to the bytes, one
that can predict after damage to the document. Meanwhile nothing is executed, compiled, unpickled or imported, and
memory is bounded. Prints how many files were refused and how many were loaded.
"""

from __future__ import annotations

import json
import random
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import minigrad as mg
from minigrad.errors import MinigradError
from tests.files.networks import NETWORKS, T, X

FORBIDDEN = (
    "exec",
    "compile",
    "pickle.find_class",
    "os.system",
    "os.exec",
    "subprocess.Popen",
    "marshal.loads",
    "import",
)
MEMORY = 2**30
JUNK = (
    None,
    True,
    -1,
    0,
    1,
    3,
    7,
    0.5,
    1e308,
    10**12,
    10**400,
    "",
    "x",
    "tanh",
    "@",
    "take",
    "\ud800",
    [],
    [0],
    {},
    [[]],
)


class Watch:
    """What happens while a file is being loaded; an audit hook cannot be taken off, so it can be switched off."""

    def __init__(self):
        self.on = False

    def __call__(self, event, arguments):
        if self.on and event in FORBIDDEN:
            self.on = False
            raise SystemExit(f"loading led to {event} {arguments!r}")


def damaged(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """The bytes of a file, damaged in one way or another."""
    start, length = chance.randrange(len(content)), chance.choice([1, 2, 8, 100])
    end = start + length
    return chance.choice(
        [
            content[:start],
            content[start:],
            content[:start] + content[end:],
            content[:start] + chance.randbytes(length) + content[end:],
            content[:start] + chance.randbytes(length) + content[start:],
            content[:start] + bytes(length) + content[end:],
            content[:start] + bytes([content[start] ^ 1 << chance.randrange(8)]) + content[start + 1 :],
            content[:start] + b"\xff" * length + content[end:],
            content[:start] + other[start:],
            content + content[start:],
            content[:start] + content,
        ]
    )


def forged(content: bytes, chance: random.Random) -> bytes:
    """The document of a file, changed, in a file that is otherwise sound."""
    with zipfile.ZipFile(BytesIO(content)) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    document = json.loads(members["document.json"])
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        forge(document, chance)
    text = json.dumps(document).encode()
    if chance.random() < 0.05:
        text = b'{"a":' * 100_000 + text
    forgery = BytesIO()
    method = chance.choice([zipfile.ZIP_STORED] * 9 + [zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(forgery, "w", method) as bundle:
        for name, member in {**members, "document.json": text}.items():
            bundle.writestr(name, member)
    return forgery.getvalue()


def forge(document: dict, chance: random.Random) -> None:
    """Changes one item of a document."""
    where = document
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        if not keys:
            return
        key = chance.choice([*keys, *("graph" for name in keys if name == "graph")])
        inner = where[key]
        if not isinstance(inner, (dict, list)) or chance.random() < 0.1:
            break
        where = inner
    if chance.random() < 0.2:
        del where[key]
    elif isinstance(inner, int) and chance.random() < 0.5:
        where[key] = inner + chance.choice([-1, 1])
    elif isinstance(where, list) and chance.random() < 0.3:
        where.insert(chance.randrange(len(where) + 1), inner)
    else:
        where[key] = chance.choice(JUNK)


def main(count: int, seed: int, folder: Path) -> None:
    """Damages `count` files; leaves with an error at the first that is neither refused nor sound."""
    chance, path = random.Random(seed), folder / "network"
    contents, outputs = [], []
    for build in NETWORKS:
        network = build()
        network.save(path)
        contents.append(path.read_bytes())
        outputs.append((network.predict(X).tobytes(), network.evaluate(X, T)))
    mg.Network.load(path)  # whatever is imported late is here now
    watch = Watch()
    sys.addaudithook(watch)
    limit_memory()
    refused = 0
    for turn in range(count):
        index = chance.randrange(len(NETWORKS))
        bytewise = turn % 2 == 0
        original = contents[index]
        content = damaged(original, contents[index - 1], chance) if bytewise else forged(original, chance)
        path.write_bytes(content)
        try:
            watch.on = True
            network = mg.Network.load(path)
        except MinigradError as error:
            refused += 1
            str(error)
            continue
        finally:
            watch.on = False
        if bytewise:
            assert any((network.predict(X).tobytes(), network.evaluate(X, T)) == output for output in outputs)
        try:
            network.predict(X)
            network.evaluate(X, T)
        except MinigradError:
            pass  # its inputs or targets are others now
    print(refused, count - refused)


def limit_memory() -> None:
    """Lets this process have so much more memory, and not more, where the system tells how much it has."""
    status = Path("/proc/self/statm")
    if status.exists():
        import resource

        limit = int(status.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
