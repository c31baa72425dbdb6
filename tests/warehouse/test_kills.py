"""A publish killed at any moment or before any step leaves the release before whole and the next one clean."""

import pickle
import random
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.lake.samples import SUQIAN, cells_of, fill, report, sample_entries, sha_of
from tests.warehouse.publisher import Publisher
from tests.warehouse.wholeness import contents, current, leftovers

from gongkai.lake.store import Lake

SEED = 20241231
KILLS = 20
MOST_STEPS = 40
ASIDE = ".link-gongkai.duckdb-"
"""How the name of a link begins that is made aside, to replace the pointer."""


def revised():
    """The sample with a correction, one report in place of another, and one quarantined that is read well now.

    It has as many rows, so that a publish may go from one to the other and back through the gates.
    """
    years = sample_entries()
    figures = SUQIAN[2024] | {"received": (3440, 75, 0, 1, 6, 4, 3526)}
    text = {"chapters": years[2024][0].report.chapters, "figures": years[2024][0].report.figures}
    fixed = report("宿迁市人民政府", 2024, "2021", cells_of(figures), sha=sha_of("sq2024b"), **text)
    years[2024][0] = replace(years[2024][0], report=fixed)
    years[2023][1] = replace(years[2023][1], report=report("某县人民政府", 2023, "2021"), status="accepted")
    years[2020][0] = replace(years[2020][0], report=report("乌海市卫健委", 2020, "2019"), agency_id="wuhai-wjw")
    return years


@pytest.fixture(scope="module")
def states(sample_lake, sample_dims, tmp_path_factory):
    """Two lakes, and what a publish of each gives that nobody disturbs."""
    folder = tmp_path_factory.mktemp("kills")
    dims = folder / "dims.pickle"
    dims.write_bytes(pickle.dumps(sample_dims))
    fill(Lake(str(folder / "revised")), revised())
    found = []
    for number, lake in enumerate((sample_lake, str(folder / "revised"))):
        house = folder / f"undisturbed-{number}"
        status, said = Publisher(lake, house, dims).go()
        assert status == 0
        found.append(SimpleNamespace(lake=lake, contents=contents(current(house)[1]), seconds=said["seconds"]))
    assert found[0].contents != found[1].contents
    return SimpleNamespace(both=found, dims=dims)


class Warehouse:
    """A warehouse that is published to in turns: one lake is in force, the other comes next."""

    def __init__(self, states, folder):
        self.folder, self.dims = folder, states.dims
        self.now, self.next = states.both
        self.ids = [self.publish(self.now)["release_id"]]

    def publish(self, state):
        status, said = Publisher(state.lake, self.folder, self.dims).go()
        assert status == 0
        assert said["changed"]
        return said

    def interrupt(self, die_at=0, kill_after=None):
        """Publish the next lake and be killed; see that readers have a whole release; return whether it was killed."""
        status, _ = Publisher(self.next.lake, self.folder, self.dims, die_at).go(kill_after)
        release_id, path = current(self.folder)
        if release_id == self.ids[-1]:
            assert status == -signal.SIGKILL
            assert contents(path) == self.now.contents
        else:
            assert contents(path) == self.next.contents  # killed after the flip, or not at all
            self._turn(release_id)
        return status == -signal.SIGKILL

    def go_on(self):
        """Publish what comes next: it must be as if nothing had happened."""
        said = self.publish(self.next)
        release_id, path = current(self.folder)
        assert release_id == said["release_id"]
        assert release_id not in self.ids
        assert contents(path) == self.next.contents
        assert leftovers(self.folder) == []
        self._turn(release_id)
        return said

    def _turn(self, release_id):
        self.ids.append(release_id)
        self.now, self.next = self.next, self.now


@pytest.fixture
def warehouse(states, tmp_path):
    return Warehouse(states, tmp_path / "warehouse")


@pytest.mark.slow
def test_a_publish_killed_at_any_moment_hurts_no_reader_and_not_the_next(warehouse):
    draw = random.Random(SEED)
    lasts = warehouse.go_on()["seconds"]
    killed = 0
    for number in range(KILLS):  # one moment in each twentieth, so that no part of a publish is left out
        killed += warehouse.interrupt(kill_after=lasts * (number + draw.random()) / KILLS)
        lasts = warehouse.go_on()["seconds"]  # the machine may be busier than it was, or less
    assert killed >= KILLS / 2


@pytest.mark.slow
def test_a_publish_killed_before_any_step_on_files_hurts_no_reader_and_not_the_next(warehouse):
    warehouse.go_on()
    steps = warehouse.go_on()["steps"]
    assert any("rename" in step for step in steps)
    every = -(-len(steps) // MOST_STEPS)
    for number in range(1, len(steps) + 1, every):
        assert warehouse.interrupt(die_at=number), steps[number - 1]
        warehouse.go_on()


@pytest.mark.slow
def test_the_link_aside_of_a_publish_that_died_is_cleared_by_the_next(warehouse):
    warehouse.go_on()
    steps = warehouse.go_on()["steps"]
    (flip,) = [number for number, step in enumerate(steps, 1) if step.startswith("os.rename") and ASIDE in step]
    assert warehouse.interrupt(die_at=flip)
    warehouse.go_on()
    assert leftovers(warehouse.folder) == []
