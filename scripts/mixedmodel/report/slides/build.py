"""The deck from the title to the appendix."""

from mixedmodel.report.slides.appendix import add_appendix
from mixedmodel.report.slides.comparison import add_comparison, add_withheld
from mixedmodel.report.slides.deck import Deck, Settings
from mixedmodel.report.slides.exact import add_exact
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.meanfield import add_meanfield
from mixedmodel.report.slides.opening import add_opening
from mixedmodel.report.slides.sentences import incomparable


def build_deck(material: Material, settings: Settings) -> bytes:
    """Build the deck and return the .pptx file; UserError where the template does not do.

    Where EM has no estimates nothing is compared.
    """
    deck = Deck(settings)
    compared = add_withheld if incomparable(material.summary) else add_comparison
    for part in (add_opening, add_exact, add_meanfield, compared, add_appendix):
        part(deck, material)
    return deck.to_bytes()
