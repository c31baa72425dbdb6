"""What the calls of the tests of workers do: by name, for processes that know nothing of tests."""

from __future__ import annotations

import ctypes
import faulthandler
import mmap
import os
import time
from pathlib import Path

from gongkai.documents.effort import Effort, begin, keep
from gongkai.errors import ContractError


def double(number, seconds):
    time.sleep(seconds)
    return 2 * number


def echo(data):
    return data


def pid():
    return os.getpid()


def pid_then_wait(seconds):
    time.sleep(seconds)
    return os.getpid()


def note_pid_then_wait(path, seconds):
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)


def slow_page(seconds, says_so):
    if says_so:
        begin(Effort.PAGE)
    time.sleep(seconds)
    return "read"


def keep_then(how, seconds):
    keep("the first")
    begin(Effort.SECOND)
    time.sleep(seconds)
    act(how)
    return "the second"


def keep_if(keeps, seconds):
    if keeps:
        keep("the first")
    time.sleep(seconds)
    return "done"


def act(how):
    faulthandler.disable()  # a crash that is meant leaves no dump in the log of the tests
    if how == "segfault":
        ctypes.string_at(0)
    elif how == "abort":
        os.abort()
    elif how == "exit":
        os._exit(7)
    elif how == "greedy":
        held = []
        while True:
            held.append(b"x" * 2**20)
    elif how == "maps":
        shared = mmap.mmap(-1, 600 * 2**20)
        for start in range(0, 600 * 2**20, 2**20):
            shared[start : start + 2**20] = b"x" * 2**20
        time.sleep(30)
    elif how == "bug":
        return 1 // 0
    elif how == "contract":
        raise ContractError("broken here", where="somewhere")
    return how
