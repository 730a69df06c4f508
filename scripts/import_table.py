"""Import a text table (or Parquet) into the Parquet form that the other rules read."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.store.importer import TableFiles, Wanted, import_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        params, output = snakemake.params, snakemake.output
        files = TableFiles(
            fixed=Path(output.fixed),
            random=Path(output.random),
            rows=Path(output.rows),
            predict=Path(output.predict),
            summary=Path(output.summary),
        )
        wanted = Wanted(
            response=params.response,
            fixed_columns=params.fixed,
            random_columns=params.random,
            intercept=params.intercept,
            standardize=params.standardize,
            missing=params.missing,
        )
        import_table(Path(params.source), files, wanted)
