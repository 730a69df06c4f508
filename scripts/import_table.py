"""Import a text table (or Parquet) into the Parquet form that the other rules read."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.store.importer import import_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        import_table(
            Path(snakemake.params.source),
            fixed=Path(snakemake.output.fixed),
            random=Path(snakemake.output.random),
            rows=Path(snakemake.output.rows),
            predict=Path(snakemake.output.predict),
            summary=Path(snakemake.output.summary),
            response=snakemake.params.response,
            fixed_columns=snakemake.params.fixed,
            random_columns=snakemake.params.random,
            intercept=snakemake.params.intercept,
            standardize=snakemake.params.standardize,
            missing=snakemake.params.missing,
        )
