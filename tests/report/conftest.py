"""The studies that the tests of figures, tables and slides draw from."""

import pytest

from studies import CASES, Study, study_of


@pytest.fixture(params=sorted(CASES))
def study(request: pytest.FixtureRequest) -> Study:
    """Give the study of every case in turn."""
    return study_of(request.param)


@pytest.fixture
def ordinary() -> Study:
    """Give the study of a table with a clear random effect and p > n."""
    return study_of("ordinary")
