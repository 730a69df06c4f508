"""X in blocks against dense algebra: each use of it, from memory and from elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from mixedmodel.model import cost
from mixedmodel.model.design import Design, read_ahead
from mixedmodel.model.types import Array

WIDTHS = (3, 4, 1, 4)
N, P = 9, sum(WIDTHS)
RNG = np.random.default_rng(1)
X = RNG.standard_normal((N, P))
Z = RNG.standard_normal((N, 2))
NAMES = tuple(f"x{j}" for j in range(P))


@dataclass
class Elsewhere:
    """Blocks that are made anew whenever they are read, which is noted."""

    n: int = N
    names: tuple[str, ...] = NAMES
    widths: tuple[int, ...] = WIDTHS
    reads: list[int] = field(default_factory=list)

    def read(self, k: int) -> Array:
        self.reads.append(k)
        stops = np.cumsum(self.widths)
        return np.asfortranarray(X[:, stops[k] - self.widths[k] : stops[k]])


@pytest.fixture(params=["there", "held", "read"])
def design(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Design:
    monkeypatch.setattr(cost, "WIDTH", 3)
    if request.param == "there":
        return Design.of(X)
    return Design(Elsewhere(), np.inf if request.param == "held" else 0)


SHAPES: dict[str, tuple[Callable[[Design], Design], Array]] = {
    "itself": (lambda design: design, X),
    "contrasts": (lambda design: design.contrasts(Z), np.empty((N - 2, P))),
    "rows": (lambda design: design.rows(np.arange(N) % 3 > 0), X[np.arange(N) % 3 > 0]),
    "columns": (lambda design: design.columns(np.arange(P) > 4), X[:, 5:]),
    "none but one": (lambda design: design.columns(np.arange(P) == 7), X[:, 7:8]),
    "contrasts of rows": (
        lambda design: design.rows(np.arange(N) < 6).contrasts(Z[:6]),
        np.empty((4, P)),
    ),
}


@pytest.fixture(params=SHAPES)
def shaped(request: pytest.FixtureRequest, design: Design) -> tuple[Design, Array]:
    """A design made of another, and the matrix that it stands for."""
    shape, dense = SHAPES[request.param]
    if "contrasts" in request.param:
        rows = len(dense) + 2
        C = np.linalg.qr(Z[:rows], mode="complete")[0][:, 2:]
        made = shape(design).whole()
        # another basis of the same space: turn it into this one
        turn = made @ np.linalg.pinv(C.T @ X[:rows])
        np.testing.assert_allclose(turn @ turn.T, np.eye(len(dense)), atol=1e-12)
        dense = turn @ C.T @ X[:rows]
    return shape(design), dense


def test_it_is_the_matrix_in_blocks(shaped: tuple[Design, Array]) -> None:
    design, dense = shaped
    assert (design.n, design.p) == dense.shape
    assert len(design.names) == design.p
    together = np.hstack([block for _, block in design.blocks()])
    np.testing.assert_allclose(together, dense, atol=1e-12)
    np.testing.assert_array_equal(design.whole(), together)
    np.testing.assert_array_equal(design.block(0), together[:, design.slices[0]])
    assert [place for place, _ in design.blocks()] == list(design.slices)
    assert all(block.flags.f_contiguous for _, block in design.blocks())


def test_its_products_are_those_of_the_matrix(shaped: tuple[Design, Array]) -> None:
    design, dense = shaped
    n, p = dense.shape
    for shape in ((), (2,)):
        right, left = RNG.standard_normal((p, *shape)), RNG.standard_normal((n, *shape))
        np.testing.assert_allclose(design.dot(right), dense @ right, atol=1e-12)
        np.testing.assert_allclose(design.tdot(left), dense.T @ left, atol=1e-12)
    np.testing.assert_allclose(design.gram(), dense @ dense.T, atol=1e-12)
    np.testing.assert_allclose(design.norms2, (dense**2).sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("n", [1, 255, 256, 257, 600])
def test_the_gram_matrix_is_symmetric_whatever_its_size(n: int) -> None:
    A = np.random.default_rng(n).standard_normal((n, 5))
    K = Design.of(A).gram()
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_allclose(K, A @ A.T, atol=1e-12)


def test_the_same_bytes_come_from_memory_and_from_elsewhere() -> None:
    held, read = Design(Elsewhere()), Design(Elsewhere(), 0)
    assert held.is_held
    assert not read.is_held
    v, u = RNG.standard_normal(P), RNG.standard_normal(N)
    for use in (
        lambda design: design.gram(),
        lambda design: design.dot(v),
        lambda design: design.tdot(u),
        lambda design: design.norms2,
        lambda design: design.contrasts(Z).gram(),
        lambda design: design.rows(np.arange(N) > 3).dot(v),
    ):
        np.testing.assert_array_equal(use(held), use(read))


def test_names_go_with_the_columns(design: Design) -> None:
    kept = np.isin(np.arange(P), [0, 6, 11])
    assert design.columns(kept).names == tuple(np.array(design.names)[kept])
    assert design.contrasts(Z).names == design.names


def test_what_fits_is_read_once_and_what_does_not_at_each_use() -> None:
    size = 8 * N * P
    for room, reads in ((size, 4), (size - 1, 12)):
        source = Elsewhere()
        design = Design(source, room)
        for _ in range(3):
            design.dot(np.ones(P))
        assert len(source.reads) == reads


def test_designs_share_the_room() -> None:
    """The contrasts are held only where they fit beside the table."""
    size, smaller = 8 * N * P, 8 * (N - 2) * P
    for room, held in (
        (size + smaller, [True, True]),
        (size + smaller - 1, [True, False]),
        (size - 1, [False, True]),
        (smaller - 1, [False, False]),
    ):
        design = Design(Elsewhere(), room)
        assert [design.is_held, design.contrasts(Z).is_held] == held


def test_two_designs_go_side_by_side_if_their_blocks_agree(design: Design) -> None:
    rows = design.rows(np.arange(N) < 4)
    found = sum(some @ block.T for _, some, block in rows.beside(design))
    np.testing.assert_allclose(found, X[:4] @ X.T, atol=1e-12)
    other = Design(Elsewhere(widths=(2, 5, 1, 4)), 0)
    with pytest.raises(ValueError, match="blocks that differ"):
        list(other.beside(design))


def test_a_design_of_designs_waits_for_nobody() -> None:
    """A held design made of one that is not read yet is read in a thread; neither locks."""
    found: list[Array] = []
    made = Design(Elsewhere()).rows(np.arange(N) < 5).contrasts(Z[:5])
    task = threading.Thread(target=lambda: found.append(made.gram()), daemon=True)
    task.start()
    task.join(timeout=20)
    assert found


def test_the_next_block_is_read_meanwhile() -> None:
    begun = [threading.Event() for _ in range(3)]

    def read(k: int) -> Array:
        begun[k].set()
        return np.full((1, 1), float(k))

    for k, block in enumerate(read_ahead(read, 3)):
        assert block.tolist() == [[k]]
        if k + 1 < 3:
            assert begun[k + 1].wait(timeout=20)
        if k + 2 < 3:
            time.sleep(0.02)
            assert not begun[k + 2].is_set()  # one ahead, no more: memory holds these two


def test_reading_stops_where_the_user_does() -> None:
    blocks: Iterator[Array] = read_ahead(Elsewhere().read, 4)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    assert threading.active_count() < 10


def test_what_fails_to_be_read_ends_the_pass() -> None:
    def read(k: int) -> Array:
        if k == 2:
            raise OSError("gone")
        return np.ones((1, 1))

    with pytest.raises(OSError, match="gone"):
        list(read_ahead(read, 4))
    assert list(read_ahead(read, 0)) == []
