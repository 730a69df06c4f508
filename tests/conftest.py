"""For all tests: properties are tried without a deadline, in CI on the same cases each time."""

import os

from hypothesis import settings

settings.register_profile("here", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("here")
