"""How much memory a process has had at most."""

import re
import resource
import sys
from pathlib import Path

KB = 1024  # bytes


def peak_mb(process: int | str = "self") -> float:
    """Return the largest resident size (MB) of a process so far, 0.0 if it is gone.

    Linux tells it of any process. Elsewhere this one's is known, and that of its children that
    have ended.
    """
    status = Path("/proc", str(process), "status")
    if not sys.platform.startswith("linux"):
        whose = resource.RUSAGE_SELF if process == "self" else resource.RUSAGE_CHILDREN
        return resource.getrusage(whose).ru_maxrss / 1e6  # bytes on macOS
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return KB * int(found[1]) / 1e6 if found else 0.0
