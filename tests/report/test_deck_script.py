"""What the deck's script reads before it builds."""

from dataclasses import replace
from pathlib import Path

import deck
from mixedmodel.store.results import write_result
from report.prediction_cases import validation_of


def test_figures_are_paired_with_their_vector_twins(tmp_path: Path) -> None:
    for stem in ("means", "profile"):
        (tmp_path / f"{stem}.png").write_bytes(stem.encode())
        (tmp_path / f"{stem}.svg").write_bytes(stem.upper().encode())
    pngs = [str(tmp_path / f"{stem}.png") for stem in ("means", "profile")]
    svgs = [str(tmp_path / f"{stem}.svg") for stem in ("profile", "means")]
    figures = deck.read_figures(pngs, svgs)
    assert (figures["means"].png, figures["means"].svg) == (b"means", b"MEANS")


def test_a_cross_validation_that_was_left_out_is_none(tmp_path: Path) -> None:
    path, found = tmp_path / "summary.json", validation_of("ordinary").summary
    write_result(path, found)
    assert deck.read_validation([str(path)]) == found
    write_result(path, replace(found, left_out="it would take long", methods={}, gains={}))
    assert deck.read_validation([str(path)]) is None
    assert deck.read_validation([]) is None
