"""How much work something may cost: counted in time of this process, so that a busy machine does not matter."""

import time
from contextlib import contextmanager


@contextmanager
def work_of_at_most(seconds, what="work"):
    """Demand that what stands within takes less."""
    before = time.process_time()
    yield
    spent = time.process_time() - before
    assert spent < seconds, f"{what}: {spent:.1f} s"
