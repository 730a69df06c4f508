"""The spectral form, the estimates and the comparison as files."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

import oracles
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.estimates import estimates
from mixedmodel.model.inference import infer
from mixedmodel.model.krylov import decompose_krylov
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.results import Estimates, ResponseTable, Simulation
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.model.simulate import simulate
from mixedmodel.model.spectral import SpectralForm, decompose, decompose_columns
from mixedmodel.model.summarise import JointEffects, Run, curves, foretell, join_effects, summarise
from mixedmodel.model.worked import work_at
from mixedmodel.store.decomposition import count_probes, read_decomposition, write_decomposition
from mixedmodel.store.effects import read_effects, write_effects
from mixedmodel.store.estimates import write_traces
from mixedmodel.store.files import read_json
from mixedmodel.store.results import read_result, write_result
from mixedmodel.store.schemas import TRACE_EM, TRACE_MFVI, read_frame
from mixedmodel.store.simulated import write_simulated
from mixedmodel.store.versions import versions
from small_tables import TABLES, draw
from studies import study_of

METHODS = ("em", "mfvi")


@pytest.mark.parametrize("name", ["wide", "tall", "no fixed effects"])
def test_a_decomposition_comes_back_bit_for_bit(tmp_path, name):
    table = TABLES[name]
    found = decompose_columns(Design.of(table.X), table.Z)
    write_decomposition(tmp_path / "a.npz", found)
    read = read_decomposition(tmp_path / "a.npz")
    for field, value in vars(found).items():
        np.testing.assert_array_equal(getattr(read, field), value)
    write_decomposition(tmp_path / "b.npz", found)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("name", ["wide", "no fixed effects"])
def test_a_krylov_form_comes_back_bit_for_bit(tmp_path, name):
    table = TABLES[name]
    found = decompose_krylov(Design.of(table.X), table.Z, table.y[:, None], tolerance=0.1)
    write_decomposition(tmp_path / "a.npz", found)
    read = read_decomposition(tmp_path / "a.npz")
    for one, other in ((found, read), (found.sampled, read.sampled)):
        for field, value in vars(one).items():
            if field not in ("sampled", "free", "_emphasis"):
                np.testing.assert_array_equal(getattr(other, field), value)
    assert count_probes(tmp_path / "a.npz") == found.sampled.probes
    write_decomposition(tmp_path / "b.npz", found)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def fitted(table, folder, max_iter=5000, likelihood="ml") -> tuple[SpectralForm, JointEffects]:
    """Fit both methods and write what the fit rules write."""
    whole = Rows(table.y, table.Z, Design.of(table.X))
    rows = counted_rows(likelihood, whole.y, whole.Z, whole.X)
    form = decompose(rows.y, rows.Z, rows.X)
    names = tuple(f"Z.{k + 1}" for k in range(table.Z.shape[1]))
    columns = tuple(f"X.{k + 1}" for k in range(form.p))
    sweeps = Sweeps.prepare(form, rows.Z, rows.X)
    em = [fit_em(form, scheme, max_iter=max_iter) for scheme in ("squarem", "plain")]
    mfvi, q = fit_mfvi(sweeps, "squarem", max_iter=max_iter)
    exact = exact_effects(form, em[0].theta, rows.X)
    for method, fits, effects in (("em", em, exact), ("mfvi", [mfvi], q)):
        found = infer(likelihood, form, fits[0], effects, table=whole, counted=rows)
        size = {"likelihood": likelihood, "X": whole.X, "names": names}
        write_result(folder / f"{method}.json", estimates(fits, form, found, **size))
        write_traces(folder / f"{method}_trace.parquet", fits)
        write_effects(folder / f"{method}_effects.parquet", columns, effects)
    posterior = {method: read_effects(folder / f"{method}_effects.parquet") for method in METHODS}
    fits = {method: read_fit(folder, method) for method in METHODS}
    return form, join_effects(form, fits, posterior, rows.X, names=columns, truth=None)


def read_fit(folder, method) -> Estimates:
    return read_result(folder / f"{method}.json", Estimates)


def test_estimates_hold_the_first_fit_and_a_row_for_each_scheme(tmp_path):
    table = draw(1, 60, 3, 90)
    form, _ = fitted(table, tmp_path)
    content = read_json(tmp_path / "em.json")
    fit = fit_em(form, "squarem", max_iter=5000)
    assert content["sigma_beta2"] == fit.theta.sigma_beta2
    assert list(content["omega"]) == ["Z.1", "Z.2", "Z.3"]
    w = np.array(list(content["omega"].values()))
    np.testing.assert_allclose(form.from_omega(w), fit.theta.w, rtol=1e-10)
    assert (content["elbo"], content["gap"]) == (None, None)
    assert [row["scheme"] for row in content["schemes"]] == ["squarem", "plain"]
    assert set(content["certificate"]["score"]) == {"sigma_beta2", "sigma_e2"}
    theta = read_fit(tmp_path, "em").theta(form)
    np.testing.assert_allclose(theta.w, fit.theta.w, rtol=1e-10)


def test_traces_hold_every_scheme_and_the_gap_of_mean_field(tmp_path):
    fitted(draw(1, 60, 3, 90), tmp_path)
    em = read_frame(tmp_path / "em_trace.parquet", TRACE_EM)
    assert list(dict.fromkeys(em["scheme"])) == ["squarem", "plain"]
    for _, rows in em.groupby("scheme"):
        assert list(rows["iteration"]) == list(range(len(rows)))
    mfvi = read_frame(tmp_path / "mfvi_trace.parquet", TRACE_MFVI)
    np.testing.assert_array_equal(mfvi["gap"], mfvi["loglik"] - mfvi["elbo"])


def run_of(table, folder, simulation=None, max_iter=5000, likelihood="ml") -> Run:
    form, effects = fitted(table, folder, max_iter, likelihood)
    return Run(
        dataset="small",
        table=size_of(table),
        form=form,
        fits={method: read_fit(folder, method) for method in METHODS},
        effects=replace(effects, truth=table.beta if simulation else None),
        shrinkage=shrinkage_curve(form),
        worked=work_at(None, None, effects.names),
        simulation=simulation,
        versions=versions(),
    )


def size_of(table) -> ResponseTable:
    """Return what an import would say of a table with such a size."""
    (n, c), p = table.Z.shape, table.X.shape[1]
    return replace(study_of("ordinary").table_summary, n=n, c=c, p=p)


@pytest.mark.parametrize("name", TABLES)
def test_the_summary_of_any_table_is_plain_json_without_nan(tmp_path, name):
    summary = summarise(run_of(TABLES[name], tmp_path))
    json.dumps(msgspec.to_builtins(summary), allow_nan=False)
    assert summary.case.certified_em
    assert summary.gap.total >= -1e-5
    profile = curves(run_of(TABLES[name], tmp_path))
    assert all(np.isfinite(column).all() for column in vars(profile).values())


def test_under_reml_the_fixed_effects_are_still_reported_by_name(tmp_path):
    table = draw(1, 60, 3, 90)
    summary = summarise(run_of(table, tmp_path, likelihood="reml"))
    em = read_fit(tmp_path, "em")
    assert (em.n, em.c, em.p) == (60, 3, 90)
    assert "contrasts" in em.loglik_constant
    expected = oracles.gls(table, em.sigma_beta2, em.sigma_e2)
    np.testing.assert_allclose(list(em.omega.values()), expected, rtol=1e-6)
    assert summary.likelihood == "reml"
    assert summary.fixed_effects.count == 3


def test_uncertainty_is_em_s_own_and_mean_field_s_is_called_naive(tmp_path):
    fitted(draw(1, 60, 3, 90), tmp_path)
    em, mfvi = (read_json(tmp_path / f"{method}.json") for method in ("em", "mfvi"))
    assert set(em["standard_errors"]["omega"]) == {"Z.1", "Z.2", "Z.3"}
    assert em["pve_interval"][0] <= em["pve"] <= em["pve_interval"][1]
    assert (em["naive_standard_errors"], em["naive_pve_interval"]) == (None, None)
    assert 0 <= em["lrt"]["p_value"] <= 1
    assert (mfvi["standard_errors"], mfvi["pve_interval"], mfvi["lrt"]) == (None, None, None)
    assert mfvi["naive_standard_errors"]["sigma_e2"] > 0


def test_the_linear_response_correction_restores_the_exact_variances(tmp_path):
    """LRVB: Sigma = (V^-1 - H)^-1, V the factor variances, H the off-diagonal of -Gamma^-1."""
    table = draw(1, 30, 2, 12)
    _, effects = fitted(table, tmp_path)
    mfvi = read_fit(tmp_path, "mfvi")
    precision = table.X.T @ table.X / mfvi.sigma_e2 + np.eye(12) / mfvi.sigma_beta2
    V = np.diag(effects.posterior["mfvi"].variance)
    H = -(precision - np.diag(np.diag(precision)))
    corrected = np.linalg.inv(np.linalg.inv(V) - H)
    np.testing.assert_allclose(effects.lrvb, np.diag(corrected), rtol=1e-9)


def test_ratios_are_withheld_at_the_boundary(tmp_path):
    summary = summarise(run_of(draw(22, 120, 2, 200, pve=0.0), tmp_path))
    assert summary.case.boundary_em
    assert set(vars(summary.ratios).values()) == {None}


def test_a_fit_that_did_not_arrive_is_told_in_the_summary(tmp_path):
    summary = summarise(run_of(draw(1, 60, 3, 90), tmp_path, max_iter=3))
    assert not summary.case.certified_em
    assert not summary.case.certified_mfvi


def test_known_truth_is_compared_with(tmp_path):
    drawn = simulate(np.random.default_rng(1), n=60, c=3, p=90, pve=0.5)
    omega = {f"Z.{k + 1}": value for k, value in enumerate(drawn.theta.w)}
    simulation = Simulation(sigma_beta2=0.5, sigma_e2=0.5, pve=0.5, omega=omega)
    summary = summarise(run_of(drawn, tmp_path, simulation))
    assert summary.truth.pve == 0.5
    em, mfvi = (summary.truth.recovery[method] for method in METHODS)
    assert 0 <= mfvi.coverage <= em.coverage <= 1
    assert summary.fixed_effects.table[0].truth == drawn.theta.w[0]


def test_foresight_holds_the_curve_at_each_tenth():
    table = draw(1, 60, 3, 90)
    curve = shrinkage_curve(decompose(table.y, table.Z, Design.of(table.X)))
    found = foretell(size_of(table), "ml", curve)
    assert (found.n, found.c, found.p) == (60, 3, 90)
    assert [round(row.pve_true, 9) for row in found.curve] == [k / 10 for k in range(11)]
    assert found.pve_max == found.curve[-1].pve_mfvi
    assert "response" not in vars(found)


def test_a_simulated_table_is_text_with_exact_doubles(tmp_path):
    drawn = simulate(np.random.default_rng(3), n=15, c=2, p=4, pve=0.3)
    paths = {key: tmp_path / key for key in ("text", "truth", "effects")}
    write_simulated(drawn, **paths)
    lines = paths["text"].read_text().splitlines()
    assert lines[0] == "y\tZ.1\tZ.2\tX.1\tX.2\tX.3\tX.4"
    values = np.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
    np.testing.assert_array_equal(values, np.column_stack([drawn.y, drawn.Z, drawn.X]))
    assert read_json(paths["truth"])["pve"] == 0.3
