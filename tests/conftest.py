"""For all tests: properties are tried without a deadline, in CI on the same cases each time.

Linear algebra has one thread a worker: on tables this small, more only wait for each other.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is imported, so before all else

from hypothesis import settings

settings.register_profile("here", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("here")
