"""What the deck's script reads before it builds."""

from pathlib import Path

import deck


def test_figures_are_paired_with_their_vector_twins(tmp_path: Path) -> None:
    for stem in ("means", "profile"):
        (tmp_path / f"{stem}.png").write_bytes(stem.encode())
        (tmp_path / f"{stem}.svg").write_bytes(stem.upper().encode())
    pngs = [str(tmp_path / f"{stem}.png") for stem in ("means", "profile")]
    svgs = [str(tmp_path / f"{stem}.svg") for stem in ("profile", "means")]
    figures = deck.read_figures(pngs, svgs)
    assert (figures["means"].png, figures["means"].svg) == (b"means", b"MEANS")


def test_tables_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "fixed_effects.csv"
    path.write_text("name,em,truth\nNA,0.1,\n", encoding="utf-8")
    rows = deck.read_tables([str(path)])["fixed_effects"]
    assert rows == [{"name": "NA", "em": "0.1", "truth": ""}]
