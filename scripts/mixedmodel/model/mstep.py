"""The M-step of every method: it needs moments of q(beta) only (`docs/model.md`, section 5)."""

from dataclasses import dataclass

from mixedmodel.model.types import Array, Theta


@dataclass(frozen=True)
class Moments:
    """What q(beta) with mean m and covariance S leaves of it.

    fitted       (k,) X m, in the coordinates of the rows given
    mean_norm2   ||m||^2
    trace        tr(S)
    trace_fitted tr(X S X')
    """

    fitted: Array
    mean_norm2: float
    trace: float
    trace_fitted: float


def m_step(
    y: Array, Q: Array, moments: Moments, *, n: int, p: int, expanded: bool
) -> tuple[Theta, float]:
    """Return the best parameters for q(beta), and gamma, by which its means are multiplied.

    y (k,) and orthonormal Q (k, c) in any orthogonal coordinates. w <- Q'(y - gamma X m),
    sigma_e2 <- (||y - Q w - gamma X m||^2 + gamma^2 tr(X S X')) / n and sigma_beta2 <- gamma^2
    (||m||^2 + tr S) / p. Where the model is ``expanded`` (PX-EM) gamma is best jointly with w,
    a'My / (a'Ma + tr(X S X')) with a = X m; otherwise it is 1.
    """
    gamma = _expansion(y, Q, moments) if expanded else 1.0
    target = y - gamma * moments.fitted
    w = target @ Q
    residual = target - Q @ w
    sigma_beta2 = gamma**2 * (moments.mean_norm2 + moments.trace) / p
    sigma_e2 = (float(residual @ residual) + gamma**2 * moments.trace_fitted) / n
    return Theta(w, sigma_beta2, sigma_e2), gamma


def _expansion(y: Array, Q: Array, moments: Moments) -> float:
    projected = moments.fitted - Q @ (moments.fitted @ Q)
    norm2 = float(projected @ moments.fitted) + moments.trace_fitted
    return float(projected @ y) / norm2 if norm2 > 0 else 1.0
