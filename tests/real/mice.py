"""Heterogeneous-stock mice, CD8, as a text table: the example that GEMMA is documented with.

Debian's package gemma-doc ships the genotypes (BIMBAM: marker, two alleles, one dosage a
mouse) and the phenotypes (one column each, CD8 first). As GEMMA 0.98.5 does by default: mice
without the phenotype are left out, markers need a minor allele frequency above 0.01 and at
most 5 % missing dosages, a missing dosage takes the marker's mean.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path("/usr/share/doc/gemma/example")
GENOTYPES = FOLDER / "mouse_hs1940.geno.txt.gz"
PHENOTYPES = FOLDER / "mouse_hs1940.pheno.txt.gz"
LEAST_FREQUENCY = 0.01  # of the minor allele
MOST_MISSING = 0.05  # share of the mice


def read_phenotype(column: int = 0) -> NDArray[np.float64]:
    """Read one phenotype (mice,), missing as NaN."""
    return np.genfromtxt(PHENOTYPES, usecols=column, missing_values="NA")


def read_genotypes(kept: NDArray[np.bool_]) -> tuple[list[str], NDArray[np.float64]]:
    """Read the markers' names and dosages (mice kept, markers), centred and filtered."""
    names, columns = [], []
    with gzip.open(GENOTYPES, "rt", encoding="ascii") as lines:
        for line in lines:
            name, _, _, *cells = line.replace(" ", "").rstrip("\n").split(",")
            dosages = np.array([np.nan if cell == "NA" else float(cell) for cell in cells])[kept]
            frequency = np.nanmean(dosages) / 2
            missing = np.isnan(dosages).mean()
            if min(frequency, 1 - frequency) > LEAST_FREQUENCY and missing <= MOST_MISSING:
                names.append(name)
                columns.append(np.nan_to_num(dosages - 2 * frequency, nan=0.0))
    return names, np.column_stack(columns)


def write_table(target: Path) -> int:
    """Write the columns ``cd8`` and one ``snp.NAME`` a marker, divided by sqrt p; return p."""
    phenotype = read_phenotype()
    kept = ~np.isnan(phenotype)
    names, X = read_genotypes(kept)
    header = "\t".join(["cd8", *(f"snp.{name}" for name in names)])
    rows = np.column_stack([phenotype[kept], X / np.sqrt(X.shape[1])])
    with target.open("w", encoding="ascii") as file:
        file.write(header + "\n")
        file.writelines("\t".join(map(repr, row)) + "\n" for row in rows.tolist())
    return X.shape[1]


if __name__ == "__main__":
    write_table(Path(sys.argv[1]))
