"""Convert the equations to Office MathML: ``python scripts/native_equations.py YAML XML``."""

import sys
from pathlib import Path

from mixedmodel.report.omml import native_file
from mixedmodel.report.story.source import read_equations

if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    equations = read_equations([source])
    target.write_bytes(native_file(each.latex for each in equations.values()))
