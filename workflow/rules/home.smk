# Where the files of the workflow are: around this one, or in a copy of the tag that `github` names.
import os
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

HOME = workflow.current_basedir.join("../..")
if workflow.current_basedir.is_local:
    BASE = Path(os.path.abspath(HOME.get_path_or_uri(secret_free=True)))
else:
    commit = HOME.hosted_repo.repo.commit(HOME.ref).hexsha
    BASE = Path(".snakemake", "mixedmodel", "versions", commit).absolute()
    if not BASE.is_dir():
        BASE.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=BASE.parent) as place:
            with Path(place, "tar").open("wb") as file:
                HOME.hosted_repo.repo.archive(file, commit)
            with tarfile.open(Path(place, "tar")) as tree:
                # a Python before 3.11.4 has no filter to choose
                tree.extraction_filter = getattr(tarfile, "data_filter", None)
                tree.extractall(Path(place, "tree"))
            Path(place, "tree").rename(BASE)
