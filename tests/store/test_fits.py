"""The spectral form, the estimates and the comparison as files."""

import json

import numpy as np
import pandas as pd
import pytest

from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.simulate import simulate
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.store.comparison import Run, Truth, curves, joint_effects, summarise
from mixedmodel.store.estimates import read_estimates, write_effects, write_estimates, write_traces
from mixedmodel.store.files import read_json
from mixedmodel.store.form import read_form, write_form
from mixedmodel.store.schemas import EFFECTS, TRACE_EM, TRACE_MFVI, read_frame
from mixedmodel.store.simulated import write_simulated
from small_tables import TABLES, draw


@pytest.mark.parametrize("name", ["wide", "tall", "no fixed effects"])
def test_a_spectral_form_comes_back_bit_for_bit(tmp_path, name):
    table = TABLES[name]
    form = decompose(table.y, table.Z, table.X)
    write_form(tmp_path / "form.npz", form)
    read = read_form(tmp_path / "form.npz")
    for field, value in vars(form).items():
        np.testing.assert_array_equal(getattr(read, field), value)
    write_form(tmp_path / "again.npz", form)
    assert (tmp_path / "form.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()


def fitted(table, folder, max_iter=5000) -> tuple[SpectralForm, pd.DataFrame]:
    """Fit both methods and write what the fit rules write."""
    form = decompose(table.y, table.Z, table.X)
    names = tuple(f"Z.{k + 1}" for k in range(form.c))
    columns = tuple(f"X.{k + 1}" for k in range(form.p))
    sweeps = Sweeps.prepare(form, table.y, table.Z, table.X)
    em = [fit_em(form, scheme, max_iter=max_iter) for scheme in ("squarem", "plain")]
    mfvi, q = fit_mfvi(sweeps, "squarem", max_iter=max_iter)
    exact = exact_effects(form, em[0].theta, table.X)
    for method, fits, effects in (("em", em, exact), ("mfvi", [mfvi], q)):
        write_estimates(folder / f"{method}.json", fits, form, names)
        write_traces(folder / f"{method}_trace.parquet", fits)
        write_effects(folder / f"{method}_effects.parquet", columns, effects)
    effects = [read_frame(folder / f"{m}_effects.parquet", EFFECTS) for m in ("em", "mfvi")]
    return form, joint_effects(form, read_estimates(folder / "em.json"), *effects)


def test_estimates_hold_the_first_fit_and_a_row_for_each_scheme(tmp_path):
    table = draw(1, 60, 3, 90)
    form, _ = fitted(table, tmp_path)
    content = read_json(tmp_path / "em.json")
    fit = fit_em(form, "squarem", max_iter=5000)
    assert content["sigma_beta2"] == fit.theta.sigma_beta2
    assert list(content["omega"]) == ["Z.1", "Z.2", "Z.3"]
    w = np.array(list(content["omega"].values()))
    np.testing.assert_allclose(form.R @ w, fit.theta.w, rtol=1e-10)
    assert (content["elbo"], content["gap"]) == (None, None)
    assert [row["scheme"] for row in content["schemes"]] == ["squarem", "plain"]
    assert set(content["certificate"]["score"]) == {"sigma_beta2", "sigma_e2"}
    theta = read_estimates(tmp_path / "em.json").theta(form)
    np.testing.assert_allclose(theta.w, fit.theta.w, rtol=1e-10)


def test_traces_hold_every_scheme_and_the_gap_of_mean_field(tmp_path):
    fitted(draw(1, 60, 3, 90), tmp_path)
    em = read_frame(tmp_path / "em_trace.parquet", TRACE_EM)
    assert list(dict.fromkeys(em["scheme"])) == ["squarem", "plain"]
    for _, rows in em.groupby("scheme"):
        assert list(rows["iteration"]) == list(range(len(rows)))
    mfvi = read_frame(tmp_path / "mfvi_trace.parquet", TRACE_MFVI)
    np.testing.assert_array_equal(mfvi["gap"], mfvi["loglik"] - mfvi["elbo"])


def run_of(table, folder, truth=None, max_iter=5000) -> Run:
    form, effects = fitted(table, folder, max_iter)
    em, mfvi = (read_estimates(folder / f"{method}.json") for method in ("em", "mfvi"))
    size = {"n": form.n, "c": form.c, "p": form.p}
    return Run("small", size, form, em, mfvi, effects, truth)


@pytest.mark.parametrize("name", TABLES)
def test_the_summary_of_any_table_is_plain_json_without_nan(tmp_path, name):
    summary = summarise(run_of(TABLES[name], tmp_path))
    json.dumps(summary, allow_nan=False)
    assert summary["case"]["certified_em"]
    assert summary["gap"]["total"] >= -1e-5
    profile = curves(run_of(TABLES[name], tmp_path))
    assert all(np.isfinite(column).all() for column in profile.values())


def test_ratios_are_withheld_at_the_boundary(tmp_path):
    summary = summarise(run_of(draw(22, 120, 2, 200, pve=0.0), tmp_path))
    assert summary["case"]["boundary_em"]
    assert set(summary["ratios"].values()) == {None}


def test_a_fit_that_did_not_arrive_is_told_in_the_summary(tmp_path):
    summary = summarise(run_of(draw(1, 60, 3, 90), tmp_path, max_iter=3))
    assert not summary["case"]["certified_em"]
    assert not summary["case"]["certified_mfvi"]


def test_known_truth_is_compared_with(tmp_path):
    drawn = simulate(np.random.default_rng(1), n=60, c=3, p=90, pve=0.5)
    parameters = {"sigma_beta2": 0.5, "sigma_e2": 0.5, "pve": 0.5}
    omega = {f"Z.{k + 1}": value for k, value in enumerate(drawn.theta.w)}
    truth = Truth(parameters | {"omega": omega}, drawn.beta)
    summary = summarise(run_of(drawn, tmp_path, truth))
    assert summary["truth"]["pve"] == 0.5
    assert 0 <= summary["truth"]["coverage_mfvi"] <= summary["truth"]["coverage_em"] <= 1
    assert summary["fixed_effects"]["table"][0]["truth"] == drawn.theta.w[0]


def test_a_simulated_table_is_text_with_exact_doubles(tmp_path):
    drawn = simulate(np.random.default_rng(3), n=15, c=2, p=4, pve=0.3)
    paths = {key: tmp_path / key for key in ("text", "truth", "effects")}
    write_simulated(drawn, **paths)
    lines = paths["text"].read_text().splitlines()
    assert lines[0] == "y\tZ.1\tZ.2\tX.1\tX.2\tX.3\tX.4"
    values = np.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
    np.testing.assert_array_equal(values, np.column_stack([drawn.y, drawn.Z, drawn.X]))
    assert read_json(paths["truth"])["pve"] == 0.3
