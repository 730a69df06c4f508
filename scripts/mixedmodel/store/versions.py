"""Which programs a comparison was made by."""

import platform
from importlib.metadata import version

PACKAGES = ("snakemake", "numpy", "scipy", "pandas", "pyarrow", "matplotlib", "python-pptx")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a run depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
