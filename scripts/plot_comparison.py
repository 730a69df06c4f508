"""Draw both methods side by side: objectives, effects one by one, and their sum."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Summary
from mixedmodel.report.figures.effects import plot_means, plot_variances
from mixedmodel.report.figures.fitted_variance import plot_fitted_variance
from mixedmodel.report.figures.fixed_effects import plot_fixed_effects
from mixedmodel.report.figures.profile import plot_profile
from mixedmodel.report.figures.shrinkage import plot_shrinkage
from mixedmodel.report.figures.two_coefficients import plot_two_coefficients
from mixedmodel.report.figures.uncertainty import plot_uncertainty
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.results import read_result
from mixedmodel.store.schemas import COMPARISON_EFFECTS, PROFILE, SHRINKAGE_CURVE, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        out = snakemake.output
        summary = read_result(snakemake.input.summary, Summary)
        effects = read_frame(snakemake.input.effects, COMPARISON_EFFECTS)
        profile = read_frame(snakemake.input.profile, PROFILE)
        curve = read_frame(snakemake.input.shrinkage, SHRINKAGE_CURVE)
        with saved_figure("profile", out.profile_png, out.profile_svg) as figure:
            plot_profile(profile, summary, figure)
        with saved_figure(
            "two_coefficients", out.two_coefficients_png, out.two_coefficients_svg
        ) as figure:
            plot_two_coefficients(figure)
        with saved_figure("uncertainty", out.uncertainty_png, out.uncertainty_svg) as figure:
            plot_uncertainty(profile, summary, figure)
        with saved_figure("shrinkage", out.shrinkage_png, out.shrinkage_svg) as figure:
            plot_shrinkage(curve, summary, figure)
        with saved_figure("means", out.means_png, out.means_svg) as figure:
            plot_means(effects, summary, figure)
        with saved_figure("variances", out.variances_png, out.variances_svg) as figure:
            plot_variances(effects, summary, figure)
        with saved_figure("fixed_effects", out.fixed_effects_png, out.fixed_effects_svg) as figure:
            plot_fixed_effects(summary, figure)
        with saved_figure(
            "fitted_variance", out.fitted_variance_png, out.fitted_variance_svg
        ) as figure:
            plot_fitted_variance(summary, figure)
