"""Put a graph of rules into a document: ``snakemake --rulegraph mermaid-js | ... FILE``."""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)
NODE = re.compile(r"^\t(id\d+)\[(\w+)\]$", re.MULTILINE)
EDGE = re.compile(r"^\t(id\d+) --> (id\d+)$", re.MULTILINE)


def graph(mermaid: str) -> str:
    """Return the edges between rules by name, sorted, as a flowchart from left to right."""
    names = dict(NODE.findall(mermaid))
    edges = {f"    {names[start]} --> {names[end]}\n" for start, end in EDGE.findall(mermaid)}
    return "flowchart LR\n" + "".join(sorted(edges))


if __name__ == "__main__":
    file, told = Path(sys.argv[1]), graph(sys.stdin.read())
    file.write_text(BLOCK.sub(lambda _: told, file.read_text(encoding="utf-8")), encoding="utf-8")
