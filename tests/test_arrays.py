"""Both methods on arrays, as a notebook would, and the package that `pip install .` brings."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mixedmodel.arrays import Found, UserError, fit, simulate
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.spectral import decompose
from oracles import Table
from runs import ROOT, snakemake
from small_tables import TABLES

DRAWN = simulate(np.random.default_rng(5), n=30, c=2, p=50, pve=0.5)


@pytest.mark.parametrize("name", TABLES)
def test_what_is_found_is_what_the_parts_find(name: str) -> None:
    table: Table = TABLES[name]
    found = fit(table.y, table.X, table.Z, methods=["em"])["em"]
    form = decompose(table.y, table.Z, Design.of(table.X))
    fitted = fit_em(form, "squarem", max_iter=50_000)
    estimates = found.estimates
    assert estimates.loglik == fitted.loglik
    assert estimates.sigma_e2 == fitted.theta.sigma_e2
    assert [*estimates.omega.values()] == form.omega(fitted.theta.w).tolist()
    assert [*estimates.omega] == [str(k) for k in range(table.Z.shape[1])]
    assert len(found.effects.mean) == table.X.shape[1]
    assert found.trace.objective[-1] == fitted.objective


def dense_loglik(found: Found) -> float:
    told = found.estimates
    assert told.sigma_beta2 is not None
    assert told.sigma_e2 is not None
    V = told.sigma_beta2 * DRAWN.X @ DRAWN.X.T + told.sigma_e2 * np.eye(30)
    mean = DRAWN.Z @ np.array([*told.omega.values()])
    loglik = stats.multivariate_normal.logpdf(DRAWN.y, mean, V)
    if told.likelihood == "reml":  # Harville 1974, with the constant of orthonormal contrasts
        _, within = np.linalg.slogdet(DRAWN.Z.T @ np.linalg.solve(V, DRAWN.Z))
        _, scale = np.linalg.slogdet(DRAWN.Z.T @ DRAWN.Z)
        loglik += np.log(2 * np.pi) + (scale - within) / 2  # c = 2
    return float(loglik)


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
def test_the_log_likelihood_is_that_of_the_dense_covariance(likelihood: Any) -> None:
    found = fit(DRAWN.y, DRAWN.X, DRAWN.Z, likelihood=likelihood, names=["a", "b"])
    assert [*found] == ["em", "mfvi"]
    em, mfvi = found.values()
    assert [*em.estimates.omega] == ["a", "b"]
    assert em.estimates.loglik == pytest.approx(dense_loglik(em), abs=1e-9)
    assert em.estimates.certificate.certified
    assert mfvi.estimates.certificate.certified
    assert mfvi.estimates.elbo is not None
    assert mfvi.estimates.elbo < mfvi.estimates.loglik < em.estimates.loglik


def test_without_fixed_effects_there_are_none() -> None:
    assert fit(DRAWN.y, DRAWN.X)["em"].estimates.omega == {}


LINE = np.arange(30.0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"y": DRAWN.y[:9]}, "X has 30 rows and y has 9"),
        ({"Z": DRAWN.Z[:9]}, "Z has 9 rows and y has 30"),
        ({"y": DRAWN.Z}, r"y has the shape \(30, 2\); needed: 1 dimensions"),
        ({"X": DRAWN.X[:, :0]}, "X has no columns"),
        ({"X": [["a"]] * 30}, "X can't be read as numbers: could not convert"),
        ({"y": np.where(LINE == 3, np.nan, DRAWN.y)}, r"y has 1 values .* the first at \[3\]"),
        ({"Z": np.column_stack([LINE, 2 * LINE])}, "collinear: '.' depends on '.'"),
        ({"Z": np.column_stack([LINE, 0 * LINE])}, "collinear: '1' is zero throughout"),
        ({"Z": np.eye(30)}, "y has 30 values and Z 30 columns"),
        ({"names": ["a"]}, r"names has \['a'\]; needed: 2 different ones"),
        ({"names": ["a", "a"]}, "needed: 2 different ones"),
        ({"methods": ["gibbs"]}, r"methods has \['gibbs'\]; needed: any of em, mfvi"),
        ({"X": DRAWN.Z @ np.ones((2, 4))}, "X is zero or lies in the span of Z"),
        ({"y": DRAWN.X[:, 0], "X": DRAWN.X[:, :5]}, "X and Z reproduce y exactly"),
    ],
)
def test_a_mistake_in_the_arrays_is_told(changed: dict[str, Any], words: str) -> None:
    arguments = {"y": DRAWN.y, "X": DRAWN.X, "Z": DRAWN.Z} | changed
    with pytest.raises(UserError, match=words):
        fit(**arguments)


def test_a_fit_that_has_not_arrived_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    found = fit(DRAWN.y, DRAWN.X, DRAWN.Z, methods=["mfvi"], scheme="plain", max_iter=3)["mfvi"]
    assert not found.estimates.certificate.certified
    assert "MFVI (plain) is NOT certified" in caplog.text


def test_the_lines_of_the_readme_say_what_stands_below_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [(lines, said)] = re.findall(r"```python\n(import numpy[^`]*)```\n\n((?:    .*\n)+)", text)
    assert len(lines.splitlines()) <= 10
    exec(compile(lines, "README.md", "exec"), {})
    assert capsys.readouterr().out == re.sub("^    ", "", said, flags=re.MULTILINE)


def test_the_package_that_is_installed_is_whole() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    setuptools = tools["setuptools"]
    assert setuptools["packages"]["find"] == {
        "where": ["scripts"],
        "include": ["mixedmodel*"],
        "namespaces": False,
    }
    package = ROOT / "scripts" / "mixedmodel"
    files = [file for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    modules = {file for file in files if file.suffix == ".py"}
    assert {file for file in modules if not (file.parent / "__init__.py").is_file()} == set()
    data = {
        file
        for name, globs in setuptools["package-data"].items()
        for glob in globs
        for file in ROOT.joinpath("scripts", *name.split(".")).glob(glob)
    }
    assert {*files} - modules == data


def test_the_workflow_runs_the_package_beside_it_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "mixedmodel" / "__init__.py"
    other.parent.mkdir(parents=True)
    other.write_text("raise ImportError('the other one')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(other.parents[1]))
    size = "datasets={demo: {simulate: {n: 20, random: 9, fixed: 1}}}"
    target = "results/demo/simulated/table.txt"
    done = snakemake(tmp_path, target, "--config", size)
    assert done.status == 0, done.text
