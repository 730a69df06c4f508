"""Prediction: rows left out in turn, and rows whose response is missing."""

from mixedmodel.model.results import ValidationSummary
from mixedmodel.report.slides import prediction_sentences as say
from mixedmodel.report.slides.canvas import BODY
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.grid import add_table
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_figure, add_picture
from mixedmodel.report.slides.sentences import plural
from mixedmodel.report.style import FLAT_INCHES

TABLE_GAP = 0.15  # inches between a figure and the table under it


def add_prediction(deck: Deck, material: Material) -> None:
    """Add the slides on prediction: with cross-validation, and with rows to predict."""
    if material.cross_validation is not None:
        _cross_validation(deck, material, material.cross_validation)
    if material.predictions.size:
        _predictions(deck, material)


def _cross_validation(deck: Deck, material: Material, v: ValidationSummary) -> None:
    s = material.summary
    slide = deck.slide(say.validation_title(s, v), say.validation_notes(s, v))
    add_picture(
        slide,
        BODY.above(FLAT_INCHES[1]),
        material.figures["cross_validation"],
        name="Figure: cross-validation",
        words=f"Responses of {plural(v.n, 'row')} against predictions from the other folds; what"
        " the random effects add to the prediction, in means of groups of rows; and coverage of"
        " the predictive intervals less their nominal level, for EM, MFVI and"
        f" {say.baseline(s)}.",
    )
    over = "R² over fixed effects (s.e.)" if s.data.c else "R² over zero (s.e.)"
    add_table(
        slide,
        BODY.below(FLAT_INCHES[1] + TABLE_GAP),
        [plural(v.folds, "fold"), "R²", over, "Correlation", "95% intervals cover", "Mean s.d."],
        say.validation_rows(s, v),
        name="Table: cross-validation",
        words=f"Scores of EM, MFVI and {say.baseline(s)} on rows left out",
    )


def _predictions(deck: Deck, material: Material) -> None:
    found = say.digest(material.predictions)
    slide = deck.slide(
        say.predictions_title(material.summary, found),
        f"{plural(found.number, 'row')} of the table had no response and took no part in the fits."
        " EM's predictive variance is the noise, the posterior variance of the random part and the"
        " error of the fixed effects; MFVI's is the noise and the variances of its factors, with"
        " the fixed effects taken as known. Neither counts the error of the estimated variances."
        " The reach of an interval is 1.96 predictive standard deviations to either side. As in"
        " tables/predictions.csv.",
    )
    add_figure(
        slide,
        material.figures["predictions"],
        say.predictions_facts(found),
        name="predictions",
        words=f"Predictions of {plural(found.number, 'row')} without response by EM and by MFVI,"
        " with their 95% intervals.",
    )
