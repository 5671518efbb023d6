"""More than one core or thread is noticed, whatever lets it be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.parts import pinning
from tests.benchmarks.parts.pinning import ONE_THREAD, PinningError, check_pinning, check_seconds, is_set

ROOT = Path(__file__).parent.parent.parent
PINNED = "from tests.benchmarks.parts.pinning import *; pin(); {}; check_pinning()"


def message_of(code: str, **environment: str) -> str:
    """What a process says that checks its pinning after it has run the code; nothing where all is well."""
    command = [sys.executable, "-c", PINNED.format(code)]
    settings = {**os.environ, **ONE_THREAD, **environment}
    run = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, encoding="utf-8", check=False)
    return run.stderr.strip().splitlines()[-1].partition(": ")[2] if run.returncode else ""


def test_one_core_and_one_thread_are_accepted_and_other_settings_are_not():
    assert message_of("import numpy") == ""
    assert message_of("import numpy", OMP_NUM_THREADS="2") == "OMP_NUM_THREADS is '2', not '1'"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process")
def test_a_process_that_may_use_two_cores_is_noticed(monkeypatch: pytest.MonkeyPatch):
    for name, value in ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pinning.os, "sched_getaffinity", lambda process: {0, 1})
    with pytest.raises(PinningError, match="the process may use 2 cores"):
        check_pinning()


@pytest.mark.slow
def test_threads_of_libraries_are_noticed():
    pytest.importorskip("torch", reason="torch is not installed: pip install '.[bench]'")
    assert "PyTorch has 2 threads" in message_of("import torch; torch.set_num_threads(2)")


def test_threads_of_blas_are_noticed():
    pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed: pip install '.[bench]'")
    code = "import numpy, threadpoolctl; threadpoolctl.threadpool_limits(2)"
    assert "has 2 threads" in message_of(code)


def test_a_processor_that_worked_longer_than_time_passed_is_noticed():
    check_seconds(1.0, 1.04)
    check_seconds(1.0, 0.5)  # other programs were in the way
    check_seconds(0.001, 0.002)  # too short to tell
    with pytest.raises(PinningError, match=r"1\.1 s of the processor in 1 s"):
        check_seconds(1.0, 1.1)


def test_settings_are_there_or_not():
    assert is_set({**ONE_THREAD, "HOME": "/"})
    assert not is_set({**ONE_THREAD, "OMP_NUM_THREADS": "4"})
    assert not is_set({})
