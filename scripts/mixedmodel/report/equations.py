r"""Every equation of the deck: a name, one LaTeX string, the same in plain words.

The derivations follow M. Cai, "EM Algorithm for Linear Mixed Model" (2025), and
Bishop, *PRML*, chapters 9 and 10, for y = Z w + X beta + e. Letters: r = y - Z w,
K = X X', q = sigma_beta2 / sigma_e2, kappa = 1 / q, d_j = ||x_j||^2, lambda_i the
eigenvalues of K. An ``&`` marks the relation at which the lines of a derivation align.
A sum with no upper end is written with ``\limits``: ziamath 0.13 sets the brackets
around a bare one a hundred times too tall.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Equation:
    """One displayed line: ``latex`` is its only source, ``words`` its alt text."""

    name: str
    latex: str
    words: str


_ALL = (
    # the model
    Equation(
        "model",
        r"y = Zw + X\beta + e",
        "y equals Z w plus X beta plus e",
    ),
    Equation(
        "prior",
        r"\beta \sim \mathcal{N}\left(0,\ \sigma_\beta^2 I_p\right)",
        "beta is normal with mean zero and covariance sigma beta squared times the identity",
    ),
    Equation(
        "noise",
        r"e \sim \mathcal{N}\left(0,\ \sigma_e^2 I_n\right)",
        "e is normal with mean zero and covariance sigma e squared times the identity",
    ),
    Equation(
        "marginal",
        r"y \sim \mathcal{N}\left(Zw,\ V\right),\quad"
        r" V = \sigma_\beta^2 K + \sigma_e^2 I_n,\quad K = XX^\top",
        "y is normal with mean Z w and covariance V, where V is sigma beta squared K plus"
        " sigma e squared times the identity, and K is X X transposed",
    ),
    Equation(
        "pve",
        r"\mathrm{PVE} = \frac{\sigma_\beta^2 \operatorname{tr}(MK)}"
        r"{\sigma_\beta^2 \operatorname{tr}(MK) + \sigma_e^2 (n-c)},\quad"
        r" q = \frac{\sigma_\beta^2}{\sigma_e^2}",
        "PVE is sigma beta squared times the trace of M K, divided by the same plus sigma e"
        " squared times n minus c; the ratio q is sigma beta squared over sigma e squared",
    ),
    # evidence = bound + gap
    Equation(
        "evidence_bayes",
        r"\log p(y\mid\Theta) &= \log p(y,\beta\mid\Theta) - \log p(\beta\mid y,\Theta)",
        "log evidence equals log joint density minus log posterior density, for every beta",
    ),
    Equation(
        "evidence_expectation",
        r"&= \mathbb{E}_q\left[\log\frac{p(y,\beta\mid\Theta)}{q(\beta)}\right]"
        r" + \mathbb{E}_q\left[\log\frac{q(\beta)}{p(\beta\mid y,\Theta)}\right]",
        "equals the expectation under q of log joint over q, plus the expectation under q of"
        " log q over posterior",
    ),
    Equation(
        "evidence_sum",
        r"&= \mathcal{L}(q,\Theta) + \mathrm{KL}\left(q\,\|\,p(\beta\mid y,\Theta)\right)",
        "equals the bound L of q and Theta plus the Kullback-Leibler divergence of q from the"
        " posterior",
    ),
    Equation(
        "evidence_jensen",
        r"\mathrm{KL}(q\,\|\,p) &= {-}\mathbb{E}_q\left[\log\frac{p}{q}\right]"
        r" \ge {-}\log \mathbb{E}_q\left[\frac{p}{q}\right] = {-}\log 1 = 0",
        "the divergence is minus the expectation of log p over q, which by Jensen is at least"
        " minus log of the expectation of p over q, that is zero",
    ),
    # E-step
    Equation(
        "posterior_bayes",
        r"\log p(\beta\mid y,\Theta) &= {-}\frac{\left\|r - X\beta\right\|^2}{2\sigma_e^2}"
        r" - \frac{\left\|\beta\right\|^2}{2\sigma_\beta^2} + \text{const}",
        "log posterior equals minus squared norm of r minus X beta over two sigma e squared,"
        " minus squared norm of beta over two sigma beta squared, plus a constant",
    ),
    Equation(
        "posterior_collect",
        r"&= {-}\frac{1}{2}\,\beta^\top\left(\frac{X^\top X}{\sigma_e^2}"
        r" + \frac{I_p}{\sigma_\beta^2}\right)\beta"
        r" + \frac{\beta^\top X^\top r}{\sigma_e^2} + \text{const}",
        "equals minus one half beta transposed times X transposed X over sigma e squared plus"
        " identity over sigma beta squared, times beta, plus beta transposed X transposed r"
        " over sigma e squared, plus a constant",
    ),
    Equation(
        "posterior_square",
        r"&= {-}\frac{1}{2}\,(\beta-\mu)^\top\,\Gamma^{-1}(\beta-\mu) + \text{const}",
        "equals minus one half beta minus mu transposed Gamma inverse beta minus mu, plus a"
        " constant",
    ),
    Equation(
        "posterior_moments",
        r"\Gamma^{-1} = \frac{X^\top X}{\sigma_e^2} + \frac{I_p}{\sigma_\beta^2},\quad"
        r" \Gamma^{-1}\mu = \frac{X^\top r}{\sigma_e^2}"
        r"\ \ \Longrightarrow\ \ \mu = \frac{1}{\sigma_e^2}\,\Gamma X^\top r",
        "Gamma inverse is X transposed X over sigma e squared plus identity over sigma beta"
        " squared; Gamma inverse mu is X transposed r over sigma e squared; hence mu is Gamma"
        " X transposed r over sigma e squared",
    ),
    Equation(
        "dual_push",
        r"\Gamma^{-1}X^\top &= \frac{X^\top XX^\top}{\sigma_e^2} + \frac{X^\top}{\sigma_\beta^2}"
        r" = \frac{X^\top\left(\sigma_\beta^2 K + \sigma_e^2 I_n\right)}{\sigma_\beta^2\sigma_e^2}"
        r" = \frac{X^\top V}{\sigma_\beta^2\sigma_e^2}",
        "Gamma inverse X transposed equals X transposed X X transposed over sigma e squared"
        " plus X transposed over sigma beta squared, which is X transposed V over the product"
        " of the two variances",
    ),
    Equation(
        "dual_gain",
        r"\Gamma X^\top &= \sigma_\beta^2\sigma_e^2\,X^\top V^{-1}",
        "Gamma X transposed equals sigma beta squared sigma e squared X transposed V inverse",
    ),
    Equation(
        "dual_mean",
        r"\mu &= \sigma_\beta^2\,X^\top V^{-1}\,(y - Zw)",
        "mu equals sigma beta squared X transposed V inverse times y minus Z w",
    ),
    Equation(
        "dual_covariance",
        r"\Gamma &= \sigma_\beta^2\left(I_p - \frac{\Gamma X^\top X}{\sigma_e^2}\right)"
        r" = \sigma_\beta^2 I_p - \sigma_\beta^4\,X^\top V^{-1}X",
        "Gamma equals sigma beta squared times identity minus Gamma X transposed X over sigma e"
        " squared, which is sigma beta squared identity minus sigma beta to the fourth times X"
        " transposed V inverse X",
    ),
    Equation(
        "dual_variance",
        r"\Gamma_{jj} &= \sigma_\beta^2 - \sigma_\beta^4\,x_j^\top V^{-1}x_j",
        "Gamma j j equals sigma beta squared minus sigma beta to the fourth times x j transposed"
        " V inverse x j",
    ),
    # M-step
    Equation(
        "complete_definition",
        r"Q(\Theta\mid\Theta_t) &= \mathbb{E}\left[\log p(y\mid\beta,\Theta)"
        r" + \log p(\beta\mid\Theta)\,\mid\,y,\Theta_t\right]",
        "Q of Theta given Theta t is the posterior expectation of log likelihood of y given beta"
        " plus log prior of beta",
    ),
    Equation(
        "complete_expand",
        r"&= {-}\frac{n}{2}\log\left(2\pi\sigma_e^2\right)"
        r" - \frac{\mathbb{E}\left\|y-Zw-X\beta\right\|^2}{2\sigma_e^2}"
        r" - \frac{p}{2}\log\left(2\pi\sigma_\beta^2\right)"
        r" - \frac{\mathbb{E}\left\|\beta\right\|^2}{2\sigma_\beta^2}",
        "equals minus n over two log two pi sigma e squared, minus the expected squared residual"
        " over two sigma e squared, minus p over two log two pi sigma beta squared, minus the"
        " expected squared norm of beta over two sigma beta squared",
    ),
    Equation(
        "expected_residual",
        r"\mathbb{E}\left\|y-Zw-X\beta\right\|^2 &= \left\|y-Zw-X\mu\right\|^2"
        r" + \operatorname{tr}\left(X\Gamma X^\top\right)",
        "the expected squared residual is the squared residual at mu plus the trace of X Gamma X"
        " transposed",
    ),
    Equation(
        "expected_norm",
        r"\mathbb{E}\left\|\beta\right\|^2 &= \left\|\mu\right\|^2 + \operatorname{tr}(\Gamma)",
        "the expected squared norm of beta is the squared norm of mu plus the trace of Gamma",
    ),
    Equation(
        "score_w",
        r"\frac{\partial Q}{\partial w} = \frac{Z^\top(y-Zw-X\mu)}{\sigma_e^2} = 0",
        "the derivative of Q in w is Z transposed times y minus Z w minus X mu over sigma e"
        " squared; set to zero",
    ),
    Equation(
        "update_w",
        r"w \leftarrow \left(Z^\top Z\right)^{-1} Z^\top(y - X\mu)",
        "w becomes the inverse of Z transposed Z, times Z transposed, times y minus X mu",
    ),
    Equation(
        "score_sigma_e2",
        r"\frac{\partial Q}{\partial\sigma_e^2} = {-}\frac{n}{2\sigma_e^2}"
        r" + \frac{\mathbb{E}\left\|y-Zw-X\beta\right\|^2}{2\sigma_e^4} = 0",
        "the derivative of Q in sigma e squared is minus n over two sigma e squared plus the"
        " expected squared residual over two sigma e to the fourth; set to zero",
    ),
    Equation(
        "update_sigma_e2",
        r"\sigma_e^2 \leftarrow \frac{1}{n}\left[\left\|y-Zw-X\mu\right\|^2"
        r" + \operatorname{tr}\left(X\Gamma X^\top\right)\right]",
        "sigma e squared becomes one over n times the squared residual plus the trace of X Gamma"
        " X transposed",
    ),
    Equation(
        "score_sigma_beta2",
        r"\frac{\partial Q}{\partial\sigma_\beta^2} = {-}\frac{p}{2\sigma_\beta^2}"
        r" + \frac{\mathbb{E}\left\|\beta\right\|^2}{2\sigma_\beta^4} = 0",
        "the derivative of Q in sigma beta squared is minus p over two sigma beta squared plus"
        " the expected squared norm of beta over two sigma beta to the fourth; set to zero",
    ),
    Equation(
        "update_sigma_beta2",
        r"\sigma_\beta^2 \leftarrow \frac{1}{p}\left[\left\|\mu\right\|^2"
        r" + \operatorname{tr}(\Gamma)\right]",
        "sigma beta squared becomes one over p times the squared norm of mu plus the trace of"
        " Gamma",
    ),
    Equation(
        "monotone",
        r"\log p(y\mid\Theta_{t+1}) - \log p(y\mid\Theta_t)"
        r" \ \ge\ Q(\Theta_{t+1}\mid\Theta_t) - Q(\Theta_t\mid\Theta_t) \ \ge\ 0",
        "the gain in log-likelihood is at least the gain in Q, which is not negative",
    ),
    # the accelerated schemes
    Equation(
        "px_model",
        r"y = Zw + \gamma X\beta + e,\quad \gamma = 1 \text{ in the E-step}",
        "y equals Z w plus gamma X beta plus e, with gamma equal to one in the E-step",
    ),
    Equation(
        "px_gamma",
        r"\gamma = \frac{(X\mu)^\top M y}"
        r"{(X\mu)^\top M X\mu + \operatorname{tr}(X\Gamma X^\top)},\quad"
        r" M = I_n - Z\left(Z^\top Z\right)^{-1}Z^\top",
        "gamma equals X mu transposed M y over X mu transposed M X mu plus the trace of X Gamma X"
        " transposed, where M projects off the columns of Z",
    ),
    Equation(
        "px_fold",
        r"\sigma_\beta^2 \leftarrow \gamma^2\,\frac{1}{p}"
        r"\left[\left\|\mu\right\|^2 + \operatorname{tr}(\Gamma)\right]",
        "sigma beta squared becomes gamma squared times the plain update",
    ),
    Equation(
        "squarem_steps",
        r"\theta_0 \to \theta_1 \to \theta_2,\quad \rho = \theta_1 - \theta_0,\quad"
        r" \nu = (\theta_2 - \theta_1) - \rho,\quad"
        r" \alpha = -\frac{\left\|\rho\right\|}{\left\|\nu\right\|}",
        "two steps of the map from theta zero; rho is the first change, nu the change of the"
        " change, alpha minus the ratio of their lengths",
    ),
    Equation(
        "squarem_jump",
        r"\theta' = \theta_0 - 2\alpha\rho + \alpha^2\nu",
        "theta prime equals theta zero minus two alpha rho plus alpha squared nu",
    ),
    # marginal likelihood on the spectrum
    Equation(
        "spectrum",
        r"K = U\,\operatorname{diag}(\lambda)\,U^\top \ \ \Longrightarrow\ \ "
        r"V = U\,\operatorname{diag}(v)\,U^\top,\quad"
        r" v_i = \sigma_\beta^2\lambda_i + \sigma_e^2",
        "K is U diagonal lambda U transposed, hence V is U diagonal v U transposed with v i equal"
        " to sigma beta squared lambda i plus sigma e squared",
    ),
    Equation(
        "loglik_dense",
        r"\log p(y\mid\Theta) &= {-}\frac{1}{2}\left[\,n\log 2\pi + \log|V|"
        r" + r^\top V^{-1} r\,\right]",
        "log-likelihood equals minus one half of n log two pi plus log determinant V plus r"
        " transposed V inverse r",
    ),
    Equation(
        "loglik_spectral",
        r"&= {-}\frac{1}{2}\left[\,n\log 2\pi + \sum_{i=1}^{n}\log v_i"
        r" + \sum_{i=1}^{n}\frac{\tilde r_i^{\,2}}{v_i}\,\right]",
        "equals minus one half of n log two pi plus the sum of log v i plus the sum of r tilde i"
        " squared over v i",
    ),
    Equation(
        "spectral_fit",
        r"\left(U^\top X\mu\right)_i &= \frac{\sigma_\beta^2\lambda_i}{v_i}\,\tilde r_i",
        "component i of U transposed X mu is sigma beta squared lambda i over v i times r tilde i",
    ),
    Equation(
        "spectral_norm",
        r"\left\|\mu\right\|^2 &= \sum\limits_{i}"
        r"\frac{\sigma_\beta^4\lambda_i\,\tilde r_i^{\,2}}{v_i^2}",
        "the squared norm of mu is the sum of sigma beta to the fourth lambda i r tilde i squared"
        " over v i squared",
    ),
    Equation(
        "spectral_trace",
        r"\operatorname{tr}(\Gamma) &= \left(p-\operatorname{rank}(K)\right)\,\sigma_\beta^2"
        r" + \sum\limits_{\lambda_i>0}\frac{\sigma_\beta^2\sigma_e^2}{v_i}",
        "the trace of Gamma is p minus rank K times sigma beta squared, plus the sum over positive"
        " lambda i of sigma beta squared sigma e squared over v i",
    ),
    Equation(
        "spectral_fitted_trace",
        r"\operatorname{tr}\left(X\Gamma X^\top\right) &="
        r" \sum\limits_{i}\frac{\sigma_\beta^2\sigma_e^2\lambda_i}{v_i}",
        "the trace of X Gamma X transposed is the sum of sigma beta squared sigma e squared lambda"
        " i over v i",
    ),
    # the certificate
    Equation(
        "ratio_covariance",
        r"V = \sigma_e^2\left(I_n + qK\right),\quad q = \frac{\sigma_\beta^2}{\sigma_e^2}",
        "V equals sigma e squared times identity plus q K",
    ),
    Equation(
        "ratio_loglik",
        r"\log p(y\mid\Theta) &= {-}\frac{1}{2}\left[\,n\log\left(2\pi\sigma_e^2\right)"
        r" + \sum\limits_{i}\log(1+q\lambda_i)"
        r" + \frac{1}{\sigma_e^2}\sum\limits_{i}\frac{\tilde r_i^{\,2}}{1+q\lambda_i}\,\right]",
        "log-likelihood equals minus one half of n log two pi sigma e squared plus the sum of log"
        " one plus q lambda i plus one over sigma e squared times the sum of r tilde i squared"
        " over one plus q lambda i",
    ),
    Equation(
        "ratio_gls",
        r"\hat w(q) = \left[Z^\top(I_n+qK)^{-1}Z\right]^{-1}Z^\top(I_n+qK)^{-1}y,\quad"
        r" s(q) = \frac{1}{n}\sum\limits_{i}\frac{\tilde r_i^{\,2}}{1+q\lambda_i}",
        "w hat of q is the generalised least squares estimate under identity plus q K; s of q is"
        " the mean of r tilde i squared over one plus q lambda i",
    ),
    Equation(
        "profile",
        r"\ell(q) = \max_{w,\,\sigma_e^2}\,\log p(y\mid\Theta)"
        r" = {-}\frac{1}{2}\left[\,n\log\left(2\pi s(q)\right)"
        r" + \sum\limits_{i}\log(1+q\lambda_i) + n\,\right]",
        "the profile log-likelihood l of q is minus one half of n log two pi s of q plus the sum"
        " of log one plus q lambda i plus n",
    ),
    # mean field: the factorisation
    Equation(
        "family",
        r"q(\beta) = \prod_{j=1}^{p} q_j(\beta_j)",
        "q of beta is the product of q j of beta j",
    ),
    Equation(
        "bound",
        r"\mathcal{L}(q,\Theta) &= \mathbb{E}_q\left[\log p(y,\beta\mid\Theta)\right]"
        r" - \sum_{k=1}^{p}\mathbb{E}_{q_k}\left[\log q_k(\beta_k)\right]",
        "the bound is the expectation under q of the log joint density minus the sum of the"
        " expectations of log q k",
    ),
    Equation(
        "bound_one_factor",
        r"&= \mathbb{E}_{q_j}\left[\,\mathbb{E}_{-j}\left[\log p(y,\beta\mid\Theta)\right]"
        r" - \log q_j(\beta_j)\,\right] + \text{const}",
        "equals the expectation under q j of the expectation over all others of the log joint"
        " density minus log q j, plus a constant",
    ),
    Equation(
        "bound_kl",
        r"&= {-}\,\mathrm{KL}\left(q_j\,\|\,q_j^{*}\right) + \text{const}",
        "equals minus the Kullback-Leibler divergence of q j from q j star, plus a constant",
    ),
    Equation(
        "best_factor",
        r"\log q_j^{*}(\beta_j) &= \mathbb{E}_{-j}\left[\log p(y,\beta\mid\Theta)\right]"
        r" + \text{const}",
        "log q j star is the expectation over all other factors of the log joint density, plus a"
        " constant",
    ),
    # mean field: the coordinate update
    Equation(
        "coordinate_expectation",
        r"\log q_j^{*}(\beta_j) &= {-}\frac{1}{2\sigma_e^2}\,\mathbb{E}_{-j}\left\|"
        r"\,r - \sum\limits_{k\ne j}x_k\beta_k - x_j\beta_j\right\|^2"
        r" - \frac{\beta_j^2}{2\sigma_\beta^2} + \text{const}",
        "log q j star equals minus one over two sigma e squared times the expected squared norm"
        " of r minus the other columns' part minus x j beta j, minus beta j squared over two sigma"
        " beta squared, plus a constant",
    ),
    Equation(
        "coordinate_collect",
        r"&= {-}\frac{\beta_j^2}{2}\left(\frac{d_j}{\sigma_e^2} + \frac{1}{\sigma_\beta^2}\right)"
        r" + \frac{\beta_j}{\sigma_e^2}\,x_j^\top\left(r - \sum\limits_{k\ne j}x_k m_k\right)"
        r" + \text{const}",
        "equals minus beta j squared over two times d j over sigma e squared plus one over sigma"
        " beta squared, plus beta j over sigma e squared times x j transposed times r minus the"
        " sum of x k m k, plus a constant",
    ),
    Equation(
        "coordinate_normal",
        r"&= {-}\frac{(\beta_j-m_j)^2}{2s_j} + \text{const}",
        "equals minus beta j minus m j squared over two s j, plus a constant",
    ),
    Equation(
        "coordinate_moments",
        r"s_j = \left(\frac{d_j}{\sigma_e^2}+\frac{1}{\sigma_\beta^2}\right)^{-1},\quad"
        r" m_j \leftarrow \frac{s_j}{\sigma_e^2}\,x_j^\top"
        r"\left(y - Zw - \sum\limits_{k\ne j}x_k m_k\right)",
        "s j is the inverse of d j over sigma e squared plus one over sigma beta squared; m j"
        " becomes s j over sigma e squared times x j transposed times y minus Z w minus the sum"
        " over the other columns of x k m k",
    ),
    # Gauss-Seidel
    Equation(
        "sweep_ratio",
        r"\frac{s_j}{\sigma_e^2} = \frac{1}{d_j+\kappa},\quad"
        r" \kappa = \frac{\sigma_e^2}{\sigma_\beta^2}",
        "s j over sigma e squared is one over d j plus kappa, with kappa equal to sigma e squared"
        " over sigma beta squared",
    ),
    Equation(
        "sweep_row",
        r"(d_j+\kappa)\,m_j^{\mathrm{new}} + \sum\limits_{k<j}x_j^\top x_k\,m_k^{\mathrm{new}}"
        r" + \sum\limits_{k>j}x_j^\top x_k\,m_k^{\mathrm{old}} = x_j^\top r",
        "d j plus kappa times new m j, plus the sum over k below j of x j transposed x k new m k,"
        " plus the sum over k above j of x j transposed x k old m k, equals x j transposed r",
    ),
    Equation(
        "sweep_matrix",
        r"(L + D + \kappa I_p)\,m^{\mathrm{new}} = X^\top r - L^\top m^{\mathrm{old}},\quad"
        r" X^\top X = L + D + L^\top",
        "L plus D plus kappa identity, times new m, equals X transposed r minus L transposed old"
        " m, where X transposed X is L plus D plus L transposed",
    ),
    Equation(
        "sweep_fixed_point",
        r"(X^\top X + \kappa I_p)\,m = X^\top r\ \ \Longleftrightarrow\ \ m = \mu",
        "at the fixed point X transposed X plus kappa identity, times m, equals X transposed r,"
        " that is m equals mu",
    ),
    Equation(
        "sweep_block",
        r"\left[\operatorname{tril}(X_B^\top X_B)+\kappa I\right]\delta ="
        r" X_B^\top(r - Xm) - \kappa\,m_B,\quad m_B \leftarrow m_B + \delta",
        "the lower triangle of X B transposed X B plus kappa identity, times delta, equals X B"
        " transposed times r minus X m, minus kappa m B; then m B grows by delta",
    ),
    # the ELBO
    Equation(
        "elbo_likelihood",
        r"\mathbb{E}_q\left[\log p(y\mid\beta)\right] &="
        r" {-}\frac{n}{2}\log\left(2\pi\sigma_e^2\right)"
        r" - \frac{\left\|y-Zw-Xm\right\|^2 + {\textstyle\sum_j} d_j s_j}{2\sigma_e^2}",
        "the expected log-likelihood is minus n over two log two pi sigma e squared minus the"
        " squared residual plus the sum of d j s j, over two sigma e squared",
    ),
    Equation(
        "elbo_prior",
        r"\mathbb{E}_q\left[\log p(\beta)\right] &="
        r" {-}\frac{p}{2}\log\left(2\pi\sigma_\beta^2\right)"
        r" - \frac{\left\|m\right\|^2 + {\textstyle\sum_j} s_j}{2\sigma_\beta^2}",
        "the expected log prior is minus p over two log two pi sigma beta squared minus the"
        " squared norm of m plus the sum of s j, over two sigma beta squared",
    ),
    Equation(
        "elbo_entropy",
        r"-\mathbb{E}_q\left[\log q(\beta)\right] &="
        r" \sum\limits_j \frac{1}{2}\log\left(2\pi e\,s_j\right)"
        r" = \frac{p}{2}\log 2\pi + \frac{p}{2} + \frac{1}{2}\sum\limits_j\log s_j",
        "the entropy is the sum of one half log two pi e s j, that is p over two log two pi plus"
        " p over two plus half the sum of log s j",
    ),
    Equation(
        "elbo_sum",
        r"\mathcal{L} &= {-}\frac{n}{2}\log\left(2\pi\sigma_e^2\right)"
        r" - \frac{\left\|y-Zw-Xm\right\|^2 + {\textstyle\sum_j} d_j s_j}{2\sigma_e^2}"
        r" - \frac{p}{2}\log\sigma_\beta^2"
        r" - \frac{\left\|m\right\|^2 + {\textstyle\sum_j} s_j}{2\sigma_\beta^2}"
        r" + \frac{1}{2}\sum\limits_j\log s_j + \frac{p}{2}",
        "the bound is minus n over two log two pi sigma e squared, minus squared residual plus sum"
        " of d j s j over two sigma e squared, minus p over two log sigma beta squared, minus"
        " squared norm of m plus sum of s j over two sigma beta squared, plus half the sum of log"
        " s j, plus p over two",
    ),
    Equation(
        "mean_field_w",
        r"w \leftarrow \left(Z^\top Z\right)^{-1} Z^\top(y - Xm)",
        "w becomes the inverse of Z transposed Z, times Z transposed, times y minus X m",
    ),
    Equation(
        "mean_field_sigma_e2",
        r"\sigma_e^2 \leftarrow \frac{1}{n}\left[\left\|y-Zw-Xm\right\|^2"
        r" + \sum\limits_{j}d_j s_j\right]",
        "sigma e squared becomes one over n times the squared residual plus the sum of d j s j",
    ),
    Equation(
        "mean_field_sigma_beta2",
        r"\sigma_\beta^2 \leftarrow \frac{1}{p}\left[\left\|m\right\|^2"
        r" + \sum\limits_{j}s_j\right]",
        "sigma beta squared becomes one over p times the squared norm of m plus the sum of s j",
    ),
    # the gap
    Equation(
        "gap_normal",
        r"\mathrm{KL} &= \frac{1}{2}\left[(m-\mu)^\top\,\Gamma^{-1}(m-\mu)"
        r" + \sum\limits_j s_j\left(\Gamma^{-1}\right)_{jj} - p - \sum\limits_j\log s_j"
        r" - \log\left|\Gamma^{-1}\right|\right]",
        "the divergence is one half of m minus mu transposed Gamma inverse m minus mu, plus the"
        " sum of s j times Gamma inverse j j, minus p, minus the sum of log s j, minus log"
        " determinant Gamma inverse",
    ),
    Equation(
        "gap_optimum",
        r"m = \mu,\quad s_j = \frac{1}{(\Gamma^{-1})_{jj}} = \frac{\sigma_\beta^2}{1+q\,d_j}",
        "at the optimal q, m equals mu and s j is one over Gamma inverse j j, that is sigma beta"
        " squared over one plus q d j",
    ),
    Equation(
        "gap_logs",
        r"\mathrm{KL} &= \frac{1}{2}\left[\sum\limits_{j}\log(\Gamma^{-1})_{jj}"
        r" - \log\left|\Gamma^{-1}\right|\right],\quad"
        r" \Gamma^{-1} = \frac{I_p+q\,X^\top X}{\sigma_\beta^2}",
        "the divergence is one half of the sum of log Gamma inverse j j minus log determinant"
        " Gamma inverse, where Gamma inverse is identity plus q X transposed X over sigma beta"
        " squared",
    ),
    Equation(
        "gap_closed",
        r"g(q) &= \frac{1}{2}\left[\sum_{j=1}^{p}\log(1+q\,d_j)"
        r" - \sum\limits_{i}\log(1+q\lambda_i)\right]",
        "g of q is one half of the sum of log one plus q d j minus the sum of log one plus q"
        " lambda i",
    ),
    # why mean field shrinks
    Equation(
        "hadamard",
        r"\left|I_p+q\,X^\top X\right| \le \prod_{j}(1+q\,d_j)"
        r"\ \ \Longrightarrow\ \ g(q)\ge 0",
        "the determinant of identity plus q X transposed X is at most the product of one plus q"
        " d j, hence g of q is not negative",
    ),
    Equation(
        "gap_slope",
        r"g'(q) = \frac{1}{2}\left[\sum\limits_{j}\frac{d_j}{1+q\,d_j}"
        r" - \sum\limits_{i}\frac{\lambda_i}{1+q\lambda_i}\right] \ge 0",
        "the derivative of g is one half of the sum of d j over one plus q d j minus the sum of"
        " lambda i over one plus q lambda i, and is not negative",
    ),
    Equation(
        "penalised",
        r"\max_{w,\,\sigma_e^2,\,m,\,s}\,\mathcal{L} = \ell(q) - g(q)",
        "the bound maximised over w, sigma e squared, m and s is l of q minus g of q",
    ),
    Equation(
        "shrinks",
        r"g(\hat q_{\mathrm{MFVI}}) - g(\hat q_{\mathrm{EM}})"
        r" \,\le\, \ell(\hat q_{\mathrm{MFVI}}) - \ell(\hat q_{\mathrm{EM}}) \,\le\, 0"
        r"\ \ \Longrightarrow\ \ \hat q_{\mathrm{MFVI}} \le \hat q_{\mathrm{EM}}",
        "g at the mean-field ratio minus g at the EM ratio is at most l at the mean-field ratio"
        " minus l at the EM ratio, which is not positive; hence the mean-field ratio is at most"
        " the EM ratio",
    ),
    # restricted maximum likelihood
    Equation(
        "contrasts",
        r"C^\top Z = 0,\quad C^\top C = I_{n-c}\ \ \Longrightarrow\ \ C^\top y \sim"
        r" \mathcal{N}\left(0,\ \sigma_\beta^2\,C^\top KC + \sigma_e^2 I_{n-c}\right)",
        "C transposed Z is zero and C transposed C the identity, hence C transposed y is normal"
        " with mean zero and covariance sigma beta squared C transposed K C plus sigma e squared"
        " times the identity",
    ),
    Equation(
        "restricted_loglik",
        r"\log p(C^\top y\mid\Theta) = {-}\frac{1}{2}\left[\,(n-c)\log 2\pi + \log|V|"
        r" + \log\frac{|Z^\top V^{-1}Z|}{|Z^\top Z|}"
        r" + (y-Z\hat w)^\top V^{-1}(y-Z\hat w)\,\right]",
        "the restricted log-likelihood is minus one half of n minus c times log two pi plus log"
        " determinant V plus log of determinant Z transposed V inverse Z over determinant Z"
        " transposed Z plus the squared generalised residual",
    ),
    Equation(
        "restricted_w",
        r"\hat w = \left(Z^\top V^{-1}Z\right)^{-1}Z^\top V^{-1}y"
        r" = \left(Z^\top Z\right)^{-1}Z^\top\left(y - X\mu\right)",
        "w hat is generalised least squares, and the least-squares fit of y minus X mu",
    ),
    # how sure
    Equation(
        "information",
        r"J = {-}\frac{\partial^2 \log p(y\mid\hat\Theta)}{\partial\Theta\,\partial\Theta^\top},"
        r"\quad \operatorname{Cov}(\hat\Theta) \approx J^{-1}",
        "J is minus the second derivative of the log-likelihood in Theta; the covariance of the"
        " estimates is about its inverse",
    ),
    Equation(
        "pve_error",
        r"\frac{d\,\mathrm{PVE}}{d\log q} = \mathrm{PVE}\,(1-\mathrm{PVE})"
        r"\ \ \Longrightarrow\ \ \operatorname{se}(\mathrm{PVE}) \approx"
        r" \mathrm{PVE}\,(1-\mathrm{PVE})\,\operatorname{se}(\log\hat q)",
        "the derivative of PVE in log q is PVE times one minus PVE, hence its standard error is"
        " about that times the standard error of log q",
    ),
    Equation(
        "profile_interval",
        r"\left\{\,\mathrm{PVE}(q):\ \ell(q) \ge \ell(\hat q)"
        r" - \frac{1}{2}\chi^2_{1,\,0.95}\,\right\},\quad"
        r" \frac{1}{2}\chi^2_{1,\,0.95} = 1.92",
        "the interval holds every PVE whose profile log-likelihood is within one point nine two"
        " nats of the maximum, half the 95 percent quantile of chi squared with one degree of"
        " freedom",
    ),
    Equation(
        "boundary_test",
        r"2\left[\,\ell(\hat q) - \ell(0)\,\right] \ \sim\ \frac{1}{2}\chi^2_0"
        r" + \frac{1}{2}\chi^2_1\quad\text{if}\quad \sigma_\beta^2 = 0",
        "twice the gain of the log-likelihood over no random effect is half of the time zero and"
        " otherwise chi squared with one degree of freedom, if sigma beta squared is zero",
    ),
    # what mean field can see
    Equation(
        "residual_form",
        r"n\,s(q) = y^\top P_q\,y,\quad P_q = H - HZ\left(Z^\top HZ\right)^{-1}Z^\top H,\quad"
        r" H = (I_n+qK)^{-1}",
        "n times s of q is y transposed P y, where P is H minus H Z times the inverse of Z"
        " transposed H Z times Z transposed H, and H the inverse of identity plus q K",
    ),
    Equation(
        "expected_form",
        r"\mathbb{E}\left[n\,s(q)\right]"
        r" = \sigma_e^2\operatorname{tr}\left[P_q\,(I_n+q_0K)\right]",
        "its expectation under a true ratio q zero is sigma e squared times the trace of P times"
        " identity plus q zero K",
    ),
    Equation(
        "expected_objective",
        r"\hat q(q_0) = \operatorname{argmax}_{q\ge 0}\ \left\{"
        r"{-}\frac{n}{2}\log\operatorname{tr}\left[P_q\,(I_n+q_0K)\right]"
        r" - \frac{1}{2}\sum\limits_{j}\log(1+q\,d_j)\right\}",
        "mean field's ratio at a true ratio q zero maximises minus n over two log trace of P times"
        " identity plus q zero K, minus half the sum of log one plus q d j",
    ),
    Equation(
        "calibration",
        r"f:\ \mathrm{PVE}(q_0) \mapsto \mathrm{PVE}\left(\hat q(q_0)\right),\quad"
        r" \mathrm{PVE}_{\mathrm{cal}} = f^{-1}\left(\mathrm{PVE}_{\mathrm{MFVI}}\right)",
        "the curve f leads from the true PVE to the one that mean field reports; the calibrated"
        " PVE is its inverse at mean field's estimate",
    ),
    # linear response
    Equation(
        "response_tilt",
        r"m(t) = \operatorname{argmax}_{m}\ \left\{\mathcal{L} + t^\top m\right\}"
        r"\ \ \Longrightarrow\ \ \left(\frac{X^\top X}{\sigma_e^2}"
        r" + \frac{I_p}{\sigma_\beta^2}\right)m(t) = \frac{X^\top r}{\sigma_e^2} + t",
        "m of t maximises the bound plus t transposed m; hence X transposed X over sigma e squared"
        " plus identity over sigma beta squared, times m of t, is X transposed r over sigma e"
        " squared plus t",
    ),
    Equation(
        "response_covariance",
        r"\frac{\partial\,m(t)}{\partial\,t^\top} = \left(\frac{X^\top X}{\sigma_e^2}"
        r" + \frac{I_p}{\sigma_\beta^2}\right)^{-1} = \Gamma",
        "the derivative of m in t is the inverse of that matrix, which is Gamma",
    ),
    # variances
    Equation(
        "variance_understated",
        r"s_j = \frac{1}{(\Gamma^{-1})_{jj}} \,\le\, \Gamma_{jj}",
        "s j is one over Gamma inverse j j and at most Gamma j j",
    ),
    Equation(
        "variance_overstated",
        r"\sum\limits_{j}d_j s_j = \sum\limits_{j}\frac{\sigma_\beta^2 d_j}{1+q\,d_j} \,\ge\,"
        r" \sum\limits_{i}\frac{\sigma_\beta^2\lambda_i}{1+q\lambda_i}"
        r" = \operatorname{tr}\left(X\Gamma X^\top\right)",
        "the sum of d j s j is the sum of sigma beta squared d j over one plus q d j, at least the"
        " sum of sigma beta squared lambda i over one plus q lambda i, which is the trace of X"
        " Gamma X transposed",
    ),
)

EQUATIONS = {equation.name: equation for equation in _ALL}
