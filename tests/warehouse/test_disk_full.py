"""A disk that is full in the middle of a publish: told in one line, readers unhurt, the next publish clean."""

import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lake.samples import fill
from tests.warehouse.test_kills import revised
from tests.warehouse.wholeness import contents, current, leftovers

from gongkai.lake.store import Lake

GONGKAI = Path(sys.executable).with_name("gongkai")
SHARES = (0.0, 0.02, 0.2, 0.5, 0.9)
"""Room left on the disk, as a share of what the publish of the changed lake takes."""

ROOM = 200 * 2**20


def gongkai(folder, *words, warehouse="warehouse", limit=None, status=0):
    """Run the command on the lake and the warehouse of a folder; return what it says on standard error."""
    env = os.environ | {
        "GONGKAI_DATA": str(folder / "data"),
        "GONGKAI_LAKE": str(folder / "lake"),
        "GONGKAI_WAREHOUSE": str(folder / "disk" / warehouse),
    }

    def limited():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [GONGKAI, *words],
        check=False,
        env=env,
        cwd=folder,
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == status, done.stderr
    return done.stderr


@pytest.fixture
def folder(sample_lake, tmp_path):
    """A lake that differs from the release in force, and what that release holds."""
    shutil.copytree(sample_lake, tmp_path / "lake")
    (tmp_path / "disk").mkdir()
    return tmp_path


def refused(folder, before, words, **options):
    """Publish into a full disk: one line, with every part that an error has, and nothing changed for readers."""
    told = gongkai(folder, "publish", status=2, **options).strip()
    warehouse = folder / "disk" / "warehouse"
    assert len(told.splitlines()) == 1
    pattern = r"gongkai: (\S+): no room to write: ([^;]+); found [\d.]+ MiB free; expected [^;]+; .*stays in force; .+"
    where, reason = re.fullmatch(pattern, told).groups()
    assert where == str(warehouse)
    assert reason == words
    release_id, path = current(warehouse)
    assert (release_id, contents(path)) == before
    assert leftovers(warehouse) == []


def publish_and_change(folder):
    """Publish twice, aside and in place, with a change of the lake between that is not yet published in place.

    Returns:
        What is in force; the bytes of each file that publishing the change added aside.
    """
    trial = folder / "disk" / "trial"
    gongkai(folder, "publish")
    gongkai(folder, "publish", warehouse="trial")
    old = set(_files(trial))
    fill(Lake(str(folder / "lake")), revised())
    gongkai(folder, "publish", warehouse="trial")
    added = [path.stat().st_size for path in set(_files(trial)) - old]
    shutil.rmtree(trial)
    release_id, path = current(folder / "disk" / "warehouse")
    return (release_id, contents(path)), added


def publish_at_last(folder, before):
    """The next publish, with room again, gives what a publish gives into an empty folder."""
    warehouse = folder / "disk" / "warehouse"
    gongkai(folder, "publish")
    after = current(warehouse)
    assert after[0] != before[0]
    assert leftovers(warehouse) == []
    again = folder / "undisturbed"
    (again / "disk").mkdir(parents=True)
    (again / "lake").symlink_to(folder / "lake")
    gongkai(again, "publish")
    assert contents(after[1]) == contents(current(again / "disk" / "warehouse")[1]) != before[1]


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def _mount(disk, size, *options):
    command = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={size}"]), "tmpfs", str(disk)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_next_publish_is_clean(folder):
    disk = folder / "disk"
    if os.geteuid() != 0 or not _mount(disk, ROOM):
        pytest.skip("only root may mount a small disk")
    try:
        before, added = publish_and_change(folder)
        taken = ROOM - shutil.disk_usage(disk).free
        for share in SHARES:
            assert _mount(disk, taken + int(sum(added) * share), "remount")
            refused(folder, before, "No space left on device")
        assert _mount(disk, ROOM, "remount")
        publish_at_last(folder, before)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_limit_of_file_size_is_told_and_the_next_publish_is_clean(folder):
    before, added = publish_and_change(folder)
    for share in SHARES[1:]:
        refused(folder, before, "File too large", limit=int(max(added) * share))
    publish_at_last(folder, before)
