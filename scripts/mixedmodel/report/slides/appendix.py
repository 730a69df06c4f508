"""The appendix: fixed effects, gap, convergence, certificates, data checks, versions, symbols."""

from mixedmodel.model.results import Summary
from mixedmodel.model.types import Certificate
from mixedmodel.report.names import cut
from mixedmodel.report.numbers import MISSING, count, fixed, rounded_share, significant
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.fixed_effects import add_fixed_effects
from mixedmodel.report.slides.grid import add_table
from mixedmodel.report.slides.iterations import add_em_chart
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.metrics import fitting
from mixedmodel.report.slides.place import add_figure, add_text
from mixedmodel.report.style import MUTED

SYMBOL_SIZE = 14
GAP_PARTS = {
    "total": "Log-likelihood of EM − ELBO of MFVI",
    "parameters": "lost by the parameters: log-likelihood of EM − that of MFVI",
    "bound": "taken off by the bound: log-likelihood of MFVI − its ELBO",
    "factorisation": "of which the factorisation, g(q)",
    "mean": "of which means not yet at μ",
    "log_det_diagonal": "½ Σ log(1 + q d_{j})",
    "log_det_spectrum": "½ Σ log(1 + q λ_{i})",
}
SYMBOLS = [
    ("y, n", "response and its number of rows"),
    ("Z, c", "fixed-effect columns and their number"),
    ("w", "fixed effects (omega in the files)"),
    ("X, p", "random-effect columns and their number"),
    ("x_{j}, d_{j}", "column j of X and its squared norm"),
    ("β, e", "random effects, noise"),
    ("σ²_{β}, σ²_{e}", "their variances"),
    ("Θ", "the parameters w, σ²_{β}, σ²_{e}"),
    ("K, λ_{i}, U", "XX′, its eigenvalues and eigenvectors"),
    ("M", "I − Z(Z′Z)^{−1}Z′, takes off what Z explains"),
    ("V, v_{i}", "covariance of y and its eigenvalues"),
    ("r, r̃", "y − Zw, and U′(y − Zw)"),
    ("q, κ", "variance ratio σ²_{β} / σ²_{e}, and 1 / q"),
    ("q(β), q_{j}", "a density of β, its factor for β_{j}"),
    ("μ, Γ", "posterior mean and covariance of β"),
    ("m_{j}, s_{j}", "mean and variance of q_{j}"),
    ("ℓ(q), g(q)", "profile log-likelihood, gap at the best factors"),
    ("ELBO, KL", "the bound 𝓛, Kullback-Leibler divergence"),
    ("PVE", "proportion of variance explained by Xβ, beside Z"),
]


def add_appendix(deck: Deck, material: Material) -> None:
    """Add the appendix."""
    s = material.summary
    deck.section("Appendix")
    deck.divider(
        "Appendix",
        ["Fixed effects, gap, convergence, certificates, data checks, versions, symbols"],
        "What follows is for questions: complete tables behind the slides before.",
    )
    if s.fixed_effects.count:
        add_fixed_effects(deck, material)
    if not say.incomparable(s):
        _gap_parts(deck, s)
        _em_chart(deck, material)
        _figure(
            deck,
            material,
            "mfvi_gap",
            "MFVI's log-likelihood, bound and gap, sweep by sweep",
            "Log-likelihood, ELBO and gap of MFVI along the sweeps.",
        )
    if not say.flat(s):
        _schemes(deck, s)
    _certificates(deck, s)
    _data_checks(deck, s)
    _figure(deck, material, "spectrum", say.spectrum_title(s), "Eigenvalues of K, descending.")
    _versions(deck, s)
    _symbols(deck)


def _figure(deck: Deck, material: Material, name: str, title: str, words: str) -> None:
    slide = deck.slide(title, f"{words} The figure is figures/{name}.svg, a file of its own.")
    add_figure(slide, material.figures[name], (), name=name, words=words)


def _em_chart(deck: Deck, material: Material) -> None:
    slide = deck.slide(
        "The climb of EM as a chart that can be edited",
        "The log-likelihood after each evaluation of the map, thinned to at most 200 points a"
        " scheme with both ends kept; right-click the chart to edit its data. All of it is in"
        " em/trace.parquet.",
    )
    add_em_chart(slide, BODY, material)


def _gap_parts(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.gap_table_title(s),
        "The total splits exactly: what MFVI's parameters lose in log-likelihood, plus what its"
        " bound takes off at those parameters. The second part is g at MFVI's ratio, plus a"
        " quadratic form in the means that vanishes at the optimum. As in tables/gap.csv.",
    )
    parts = say.gap_parts(s)
    rows = [[text, parts[key]] for key, text in GAP_PARTS.items()]
    add_table(
        slide,
        BODY.above(4.2),
        ["", "Nats"],
        rows,
        name="Table: gap",
        size=18,
        words="The parts of EM's log-likelihood minus MFVI's bound",
    )


def _schemes(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.schemes_title(s),
        "Every scheme that was run, with how it stopped. The shortfall is measured against the"
        " one-dimensional optimum of the method's objective: the log-likelihood for EM, the bound"
        " for MFVI. A scheme run only for comparison may stop at its limit. As in"
        " tables/schemes.csv.",
    )
    rows = [
        [
            f"{row.method} {row.scheme}",
            count(row.map_evaluations),
            fixed(row.objective, 4),
            _of(fit.certificate, _nats(row.shortfall)),
            "yes" if row.certified else "no",
        ]
        for fit in s.fits.values()
        for row in fit.schemes
    ]
    header = ["Scheme", "Map evaluations", "Objective", "Shortfall, nats", "Certified"]
    add_table(
        slide,
        BODY.above(3.7),
        header,
        rows,
        name="Table: schemes",
        size=18,
        words="Map evaluations, objective and shortfall of every scheme",
    )
    stops = dict.fromkeys(row.stop.value for row in s.schemes)
    add_text(
        slide,
        BODY.below(3.95),
        [_sentence(stop) for stop in stops],
        colour=MUTED,
        size=canvas.TABLE_SIZE,
        gap=4,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _certificates(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "The certificates in full: what one dimension says of each fit",
        "Optimum: the highest value of the profile objective found by the global search. Score:"
        " derivative of the objective at the reached point. At a boundary the score in the"
        " variance that is zero may be negative. As in tables/certificate.csv.",
    )
    fits = (s.em, s.mfvi)
    proofs = [fit.certificate for fit in fits]
    rows = [
        ["Objective reached", fixed(s.em.loglik, 6), fixed(s.mfvi.elbo, 6)],
        ["Objective at the optimum", *(_optimum(p) for p in proofs)],
        ["Shortfall, nats", *(_of(p, _nats(p.shortfall)) for p in proofs)],
        ["σ²_{β} at the optimum", *(_of(p, _six(p.optimum_sigma_beta2)) for p in proofs)],
        ["σ²_{e} at the optimum", *(_of(p, _six(p.optimum_sigma_e2)) for p in proofs)],
        ["Score in σ²_{β}", *(significant(p.score.sigma_beta2, 2) for p in proofs)],
        ["Score in σ²_{e}", *(significant(p.score.sigma_e2, 2) for p in proofs)],
        ["Optimum at σ²_{β} = 0", *(_of(p, _yes(p.boundary)) for p in proofs)],
        ["Optimum at σ²_{e} = 0", *(_of(p, _yes(p.noise_boundary)) for p in proofs)],
        ["Certified: shortfall at most 10⁻⁶", *(_yes(p.certified) for p in proofs)],
    ]
    add_table(
        slide,
        BODY,
        ["", "EM", "MFVI"],
        rows,
        name="Table: certificates",
        words="Certificate of EM and of MFVI",
        size=18,
    )


def _optimum(proof: Certificate) -> str:
    """Return the value of the optimum, or that there is none."""
    if proof.unbounded:
        return "no maximum"
    return "everywhere" if proof.flat else fixed(proof.optimum, 6)


def _of(proof: Certificate, text: str) -> str:
    """Return what is said of the optimum where there is one."""
    return MISSING if proof.unbounded or proof.flat else text


def _six(value: float) -> str:
    return significant(value, 6)


def _nats(value: float) -> str:
    return say.shortfall(value).removesuffix(" nats")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _data_checks(deck: Deck, s: Summary) -> None:
    d = s.data
    slide = deck.slide(
        say.data_checks_title(s),
        "Counted while the text table was read. The complete list is in tables/data.csv and"
        " table/summary.json.",
    )
    rows = [
        [
            "Rows read / dropped / to predict / used",
            " / ".join(map(count, (d.rows_read, d.rows_dropped, d.rows_to_predict, d.n))),
        ],
        ["Fixed / random columns", f"{count(d.c)} / {count(d.p)}"],
        [
            "Missing cells: response / Z / X",
            " / ".join(map(count, (d.missing.response, d.missing.fixed, d.missing.random))),
        ],
        ["Cells imputed", count(d.cells_imputed)],
        ["Constant columns in X", count(len(d.constant_columns))],
        ["Columns dropped", count(len(d.columns_dropped))],
        [
            "Mean and variance of the response",
            f"{significant(d.response_mean, 4)}, {significant(d.response_variance, 4)}",
        ],
        ["Rank of K", count(d.rank)],
        ["tr(MK) / (n − c)", significant(d.mean_diagonal, 5)],
        ["Share of ‖X‖² that Z explains", rounded_share(d.share_in_fixed)],
    ]
    add_table(
        slide,
        BODY.above(5.0),
        ["Check", "Found"],
        rows,
        name="Table: data checks",
        size=18,
        words="Counts and checks made while the table was read",
    )


def _versions(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "What was run on what: versions and the input's fingerprint",
        "The same input, configuration and versions give the same bytes, this file included.",
    )
    head = BODY.above(0.4)
    source = cut(s.data.source, fitting(canvas.BODY_SIZE, BODY.width - 4.5))
    add_text(slide, head, [f"Input: {source}, separator {s.data.separator}, SHA-256"])
    add_text(
        slide,
        Box(BODY.left, BODY.top + 0.4, BODY.width, 0.4),
        [s.data.sha256],
        size=canvas.TABLE_SIZE,
        colour=MUTED,
    )
    rows = [[name, version] for name, version in s.versions.items()]
    add_table(
        slide,
        BODY.below(1.1).above(min(4.1, 0.45 * (len(rows) + 1))),
        ["Program", "Version"],
        rows,
        name="Table: versions",
        words="Versions of the programs used",
        size=canvas.TABLE_SIZE,
    )


def _symbols(deck: Deck) -> None:
    slide = deck.slide(
        "The symbols, all in one place",
        "A prime after a matrix means transposed. The letter q alone is the variance ratio; with"
        " an argument beta, or with an index j, it is a density.",
    )
    half = len(SYMBOLS) // 2
    for place, part in zip(
        BODY.columns(1, 1, gap=0.5), (SYMBOLS[:half], SYMBOLS[half:]), strict=True
    ):
        add_table(
            slide,
            place,
            ["Symbol", "Meaning"],
            [list(row) for row in part],
            name="Table: symbols",
            words="Symbols and their meanings",
            size=SYMBOL_SIZE,
            text_columns=2,
        )
