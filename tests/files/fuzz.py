"""Damages files at random and reads them: `python -m tests.files.fuzz networks|checkpoints COUNT SEED FOLDER`.

A file of a network is refused with a MinigradError, or what it loads is sound: the very same network after damage to
the bytes, one that can predict after a forgery. A checkpoint is refused too, and then neither network, history,
optimizer, callbacks, generator nor file have changed, or training goes on from it. Meanwhile nothing is executed,
compiled, unpickled or imported by a network's file, and memory is bounded. Prints how many files were refused and how
many were read.
"""

from __future__ import annotations

import json
import random
import sys
import warnings
import zipfile
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad.errors import MinigradError
from minigrad.files.archive import encode_array
from tests.files.interrupted import SAMPLES, Meddler, Plateau, bits
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
    -(10**6),
    float("nan"),
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
    {"array": "parameters"},
    {"float": "nan"},
    {"list": [1]},
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
    """A file that is otherwise sound, with another document, other arrays or other members."""
    with zipfile.ZipFile(BytesIO(content)) as bundle:
        members = [[name, bundle.read(name)] for name in bundle.namelist()]
    if chance.random() < 0.4 and len(members) > 1:
        forge_member(members, chance)
    if chance.random() < 0.7 or not members:
        for member in members:
            if member[1].startswith(b'{"format"'):
                member[1] = forged_document(member[1], chance)
    forgery = BytesIO()
    method = chance.choice([zipfile.ZIP_STORED] * 9 + [zipfile.ZIP_DEFLATED])
    with warnings.catch_warnings(), zipfile.ZipFile(forgery, "w", method) as bundle:
        warnings.simplefilter("ignore")  # two members of one name
        for name, member in members:
            bundle.writestr(name, member)
    return forgery.getvalue()


def forge_member(members: list[list], chance: random.Random) -> None:
    """Changes one array in a file, its name or its place."""
    index, other = chance.randrange(1, len(members)), chance.randrange(len(members))
    match chance.randrange(8):
        case 0:
            del members[index]
        case 1:
            members.append([chance.choice(["other.npy", "../parameters.npy", "document.json"]), b"{}"])
        case 2:
            members.append(list(members[index]))
        case 3:
            members[index][1], members[other][1] = members[other][1], members[index][1]
        case 4:
            members.reverse()
        case _:
            array = np.load(BytesIO(members[index][1]))
            members[index][1] = encode_array(forged_array(array, chance))


def forged_array(array: np.ndarray, chance: random.Random) -> np.ndarray:
    """Another array in place of one: other numbers, another type or another shape."""
    match chance.randrange(8):
        case 0:
            return array * np.nan
        case 1:
            return array.astype(chance.choice([np.float32, np.int8, np.uint64, bool]))
        case 2:
            return array[None]
        case 3:
            return array.reshape(-1)
        case 4:
            return np.append(array, 0.5)
        case 5:
            return np.zeros((0, 10**6))
        case 6:
            return -1e308 - array
        case _:
            return array.T.copy()


def forged_document(content: bytes, chance: random.Random) -> bytes:
    """The document of a file with one or a few items changed."""
    document = json.loads(content)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        forge(document, chance)
    text = json.dumps(document).encode()
    if chance.random() < 0.05:
        text = chance.choice([b'{"a":' * 100_000 + text, text[:-1] + b',"training":' + b"[" * 500 + b"]" * 500 + b"}"])
    return text


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
        where.insert(chance.randrange(len(where) + 1), deepcopy(inner))
    else:
        where[key] = deepcopy(chance.choice(JUNK))


def fuzz_networks(count: int, seed: int, folder: Path) -> None:
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
            assert str(path) in str(error)
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


class Training:
    """A training with a state in every part that a checkpoint holds, to be started once."""

    def __init__(self, kind: int) -> None:
        self.network = mg.Network(*mg.mlp([2, 2, 2], mg.tanh, mg.sigmoid, rng=0))
        self.rate, self.stopping = Plateau(), mg.EarlyStopping(99)
        self.meddler = Meddler(self.rate)
        bit_generator = (np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64)[kind % 4]
        self.rng = np.random.Generator(bit_generator(3))
        self.optimizer = mg.Adam(self.rate) if kind % 3 else mg.Momentum(mg.StepDecay(0.1, 9))

    def state(self) -> str:
        """All that a refused checkpoint must not change."""
        parts = self.rate, self.stopping, self.meddler
        return (
            f"{bits(self.network)} {[part.state() for part in parts]} {self.rng.bit_generator.state} {self.optimizer}"
        )

    def fit(self, path: Path, epochs: int) -> None:
        """Trains, from the checkpoint where there is one."""
        rng = np.random.default_rng(0)
        X, T = rng.normal(size=(SAMPLES, 2)), rng.uniform(size=(SAMPLES, 2))
        callbacks = [mg.Checkpoint(path, 4), self.stopping, self.meddler]
        settings = {"validation": (X[:4], T[:4]), "metrics": [mg.r_squared], "engine": "nodes", "batch_size": 6}
        self.network.fit(
            X, T, self.optimizer, epochs=epochs, seed=self.rng, callbacks=callbacks, progress=False, **settings
        )


KINDS = 12


def fuzz_checkpoints(count: int, seed: int, folder: Path) -> None:
    """Damages `count` checkpoints; leaves with an error at the first that is neither refused nor gone on from."""
    chance, path = random.Random(seed), folder / "run"
    contents, results = [], []
    for kind in range(KINDS):
        Training(kind).fit(path, 2 + kind % 2)
        contents.append(path.read_bytes())
        path.unlink()
        training = Training(kind)
        training.fit(path, 4)
        results.append(bits(training.network))
        path.unlink()
    limit_memory()
    refused = 0
    for turn in range(count):
        kind = chance.randrange(KINDS)
        bytewise = turn % 3 == 0
        other = contents[kind - 1]
        content = damaged(contents[kind], other, chance) if bytewise else forged(contents[kind], chance)
        path.write_bytes(content)
        training = Training(kind)
        before = training.state()
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # forged numbers may overflow
                training.fit(path, 4)
        except MinigradError as error:
            refused += 1
            assert str(path) in str(error), f"turn {turn}: {error!r}"
            assert training.state() == before, f"turn {turn}: {error}"
            assert path.read_bytes() == content
        else:
            assert not bytewise or bits(training.network) == results[kind]
        assert [*folder.iterdir()] == [path]
    print(refused, count - refused)


def limit_memory() -> None:
    """Lets this process have so much more memory, and not more, where the system tells how much it has."""
    status = Path("/proc/self/statm")
    if status.exists():
        import resource

        limit = int(status.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    {"networks": fuzz_networks, "checkpoints": fuzz_checkpoints}[sys.argv[1]](
        int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    )
