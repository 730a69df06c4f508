"""Put the speed at the exercise's size, as it was measured last, into the README.

python -m benchmarks.published RESULTS README FIGURE (`make bench-readme`)
"""

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.speed import Summary
from benchmarks.speed_shown import markdown
from mixedmodel.store.results import read_result

PLACE = re.compile(r"(?<=<!-- speed -->\n).*?(?=<!-- speed ends -->)", re.DOTALL)


def published(text: str, summary: Summary) -> str:
    """Return a text with the first table of a summary in its place."""
    told = markdown(replace(summary, tables=summary.tables[:1]))
    return PLACE.sub(lambda _: f"\n{told}\n", text)


if __name__ == "__main__":
    results, readme, figure = map(Path, sys.argv[1:])
    summary = read_result(results / "summary.json", Summary)
    readme.write_text(published(readme.read_text(encoding="utf-8"), summary), encoding="utf-8")
    shutil.copyfile(results / "speed.png", figure)
