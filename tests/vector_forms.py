"""Textbook derivatives of every vector row, written by hand: ∂a_k/∂z_j or ∂L/∂a_j, then once more by i.

One table: row, then (letters, form). "z" is ∂a_k/∂z_j, "zz" ∂²a_k/∂z_i∂z_j, "uv" ∂²/∂u_i∂v_j. What is not
listed is 0 or, by symmetry, the form of the letters turned round.
"""

import sympy as sp
from sympy import exp, log

from derive.catalogue import activation, loss
from derive.heads import ndtr, npdf, sigmoid
from derive.model import AS, CS, HS, HV, I_, LARGEST, LS, PS, QS, RS, SS, US, VS, YS, ZS, J, K, M, N, Y
from derive.rules.indexed import delta, over

δ_ij, δ_kj, δ_ki = delta(I_, J), delta(N, J), delta(N, I_)
Row = dict[str, sp.Expr]


def letter(row, name: str) -> sp.Symbol:
    """A parameter or a named scalar of a row."""
    found = [p.symbol for p in row.parameters] + [n.symbol for n in row.names]
    return next(s for s in found if str(s) == name)


def _softmax(base, c) -> Row:
    p = lambda i: base[i]  # noqa: E731
    bend = (δ_ki - p(I_)) * (δ_kj - p(J)) - p(I_) * (δ_ij - p(J))
    return {"z": c * p(N) * (δ_kj - p(J)), "zz": c**2 * p(N) * bend}


def _entmax() -> Row:
    tau = letter(activation("entmax15"), "tau")
    g = lambda i: SS[i] * (ZS[i] / 2 - tau)  # noqa: E731
    whole = over(g(N))
    pull = lambda i, j, d: d - g(j) / whole  # noqa: E731
    of_g = SS[J] * pull(J, I_, δ_ij) / 2
    of_whole = (SS[I_] - over(SS[N]) * g(I_) / whole) / 2
    first = SS[N] * pull(N, I_, δ_ki) * pull(N, J, δ_kj) / 2
    return {
        "z": g(N) * pull(N, J, δ_kj),
        "zz": first - g(N) * (of_g / whole - g(J) * of_whole / whole**2),
    }


def _spherical() -> Row:
    whole = over(ZS[N] ** 2)
    rate = lambda j, d: 2 * (d * ZS[N] - PS[N] * ZS[j]) / whole  # noqa: E731
    moved = δ_kj * δ_ki - rate(I_, δ_ki) * ZS[J] - PS[N] * δ_ij
    return {"z": rate(J, δ_kj), "zz": 2 * moved / whole - rate(J, δ_kj) * 2 * ZS[I_] / whole}


def _unit() -> Row:
    n = letter(activation("l2_normalize"), "n")
    a = AS
    bend = 3 * a[I_] * a[J] * a[N] - δ_kj * a[I_] - δ_ki * a[J] - δ_ij * a[N]
    return {"z": (δ_kj - a[N] * a[J]) / n, "zz": bend / n**2}


def _gated(gate, first, second) -> Row:
    """u g(v), with g′ and g″."""
    both = δ_kj * δ_ki
    return {
        "u": δ_kj * gate,
        "v": δ_kj * US[N] * first,
        "uv": both * first,
        "vv": both * US[N] * second,
    }


def activations() -> dict[str, Row]:
    """The forms of the activations; p (PS), l (LS) and a (AS) stand for their outputs."""
    temperature = letter(activation("softmax_temperature"), "T")
    beta = letter(activation("swiglu"), "beta")
    v, σ, σ_β = VS[N], sigmoid(VS[N]), sigmoid(beta * VS[N])
    e = lambda i: exp(LS[i])  # noqa: E731
    return {
        "softmax": _softmax(PS, 1),
        "softmax_temperature": _softmax(PS, 1 / temperature),
        "softmin": _softmax(PS, -1),
        "log_softmax": {"z": δ_kj - e(J), "zz": -e(I_) * (δ_ij - e(J))},
        "sparsemax": {"z": SS[N] * (δ_kj - SS[J] / over(SS[N]))},
        "entmax15": _entmax(),
        "l2_normalize": _unit(),
        "spherical_softmax": _spherical(),
        "glu": _gated(σ, σ * (1 - σ), σ * (1 - σ) * (1 - 2 * σ)),
        "bilinear_glu": _gated(v, sp.S.One, sp.S.Zero),
        "reglu": _gated(SS[N] * v, SS[N], sp.S.Zero),
        "geglu": _gated(v * ndtr(v), ndtr(v) + v * npdf(v), npdf(v) * (2 - v**2)),
        "swiglu": _gated(
            v * σ_β,
            σ_β + beta * v * σ_β * (1 - σ_β),
            beta * σ_β * (1 - σ_β) * (2 + beta * v * (1 - 2 * σ_β)),
        ),
    }


def _logits(c, weight) -> Row:
    """−Σ w_k (c a_k − log Σ e^(c a)): p from c·a, W = Σ w."""
    p = lambda i: exp(c * AS[i]) / over(exp(c * AS[N]))  # noqa: E731
    whole = over(weight(N))
    return {
        "a": c * (whole * p(J) - weight(J)),
        "aa": c**2 * whole * p(I_) * (δ_ij - p(J)),
    }


def _probabilities() -> dict[str, Row]:
    eps = letter(loss("nll"), "epsilon")
    gamma = letter(loss("focal"), "gamma")
    soft = lambda j: (1 - eps) * YS[j] + eps / K  # noqa: E731
    a, y = AS[J], YS[J]
    q = 1 - a
    bend = q ** (gamma - 2) * (q**2 / a**2 + 2 * gamma * q / a - gamma * (gamma - 1) * log(a))
    contrast = letter(loss("infonce"), str(loss("infonce").parameters[0].symbol))
    return {
        "cross_entropy": {"a": -y / a, "aa": δ_ij * y / a**2},
        "weighted_cross_entropy": {"a": -CS[J] * y / a, "aa": δ_ij * CS[J] * y / a**2},
        "smoothed_cross_entropy": {"a": -soft(J) / a, "aa": δ_ij * soft(J) / a**2},
        "nll": {"a": -CS[J] * soft(J)},
        "cross_entropy_logits": _logits(sp.S.One, lambda j: CS[j] * soft(j)),
        "listnet": _logits(sp.S.One, lambda j: YS[j]),
        "infonce": _logits(1 / contrast, lambda j: YS[j]),
        "kl_divergence": {"a": -y / a, "aa": δ_ij * y / a**2},
        "kl_log": {"a": -y},
        "reverse_kl": {"a": log(a) - log(y) + 1, "aa": δ_ij / a},
        "brier": {"a": 2 * (a - y), "aa": 2 * δ_ij},
        "focal": {
            "a": CS[J] * y * q ** (gamma - 1) * (gamma * log(a) - q / a),
            "aa": δ_ij * CS[J] * y * bend,
        },
    }


def _squared_margin() -> Row:
    rho = letter(loss("squared_multi_margin"), "rho")
    excess = lambda j: rho - over(YS[N] * AS[N]) + AS[j]  # noqa: E731
    term = lambda j: (1 - YS[j]) * HV[j]  # noqa: E731
    whole = over(term(N))
    held = over(term(M) * excess(M), M)
    mixed = δ_ij * term(J) - YS[I_] * term(J) - YS[J] * term(I_) + YS[I_] * YS[J] * whole
    return {"a": 2 * (term(J) * excess(J) - YS[J] * held) / K, "aa": 2 * mixed / K}


def _multilabel() -> Row:
    pushed = over(YS[N] * (1 - YS[J]) * HS[J, N])
    pulled = over(YS[J] * (1 - YS[N]) * HS[N, J])
    return {"a": (pushed - pulled) / K}


def _similarity() -> Row:
    row = loss("cosine_similarity")
    n, n_y = (name.symbol for name in row.names)
    a, y, whole = AS, YS, over(AS[N] * YS[N])
    inner = a[I_] * y[J] + a[J] * y[I_] + δ_ij * whole - 3 * a[I_] * a[J] * whole / n**2
    return {"a": (a[J] * whole / n**2 - y[J]) / (n * n_y), "aa": inner / (n**3 * n_y)}


def _scores() -> dict[str, Row]:
    a, y, σ = AS[J], YS[J], sigmoid(AS[J])
    margin = (1 - y) * HV[J] - y * over((1 - YS[N]) * HV[N])
    support = over(HV[N])
    tau = loss("sparsemax_loss").names[0].symbol
    return {
        "multi_margin": {"a": margin / K},
        "squared_multi_margin": _squared_margin(),
        "crammer_singer": {"a": delta(LARGEST, J) - y},
        "multiclass_perceptron": {"a": delta(LARGEST, J) - y},
        "sparsemax_loss": {"a": HV[J] * (a - tau) - y, "aa": HV[J] * (δ_ij - HV[I_] / support)},
        "multilabel_margin": _multilabel(),
        "multilabel_soft_margin": {"a": (σ - y) / K, "aa": δ_ij * σ * (1 - σ) / K},
        "multi_quantile": {"a": HV[J] - QS[J]},
        "multi_rmse": {"a": a - y, "aa": δ_ij},
        "cosine_similarity": _similarity(),
    }


def _ball(x, n) -> sp.Expr:
    """∂²‖x‖/∂x_i∂x_j."""
    return (δ_ij - x(I_) * x(J) / n**2) / n


def _triplet() -> Row:
    near, far = (name.symbol for name in loss("triplet").names)
    (h,) = (s.symbol for s in loss("triplet").selections)
    p, q = (lambda j: US[j] - VS[j]), (lambda j: US[j] - RS[j])
    return {
        "u": h * (p(J) / near - q(J) / far),
        "v": -h * p(J) / near,
        "r": h * q(J) / far,
        "uu": h * (_ball(p, near) - _ball(q, far)),
        "uv": -h * _ball(p, near),
        "ur": h * _ball(q, far),
        "vv": h * _ball(p, near),
        "rr": -h * _ball(q, far),
    }


def _contrastive() -> Row:
    row = loss("contrastive")
    d, rho, h = row.names[0].symbol, row.parameters[0].symbol, row.selections[0].symbol
    x = lambda j: US[j] - VS[j]  # noqa: E731
    force = Y - (1 - Y) * h * (rho - d) / d
    bend = force * δ_ij + (1 - Y) * h * rho * x(I_) * x(J) / d**3
    return {"u": force * x(J), "v": -force * x(J), "uu": bend, "uv": -bend, "vv": bend}


def _angle() -> Row:
    row = loss("cosine_embedding")
    n_u, n_v, c = (name.symbol for name in row.names)
    h = row.selections[0].symbol
    factor = (1 - Y) * h / 2 - (1 + Y) / 2
    e, f = (lambda j: US[j] / n_u), (lambda j: VS[j] / n_v)
    curved = lambda e, f: 3 * c * e(I_) * e(J) - e(I_) * f(J) - f(I_) * e(J) - c * δ_ij  # noqa: E731
    mixed = δ_ij - e(I_) * e(J) - f(I_) * f(J) + c * e(I_) * f(J)
    return {
        "u": factor * (f(J) - c * e(J)) / n_u,
        "v": factor * (e(J) - c * f(J)) / n_v,
        "uu": factor * curved(e, f) / n_u**2,
        "uv": factor * mixed / (n_u * n_v),
        "vv": factor * curved(f, e) / n_v**2,
    }


def _blocks() -> dict[str, Row]:
    u, v, y = US[J], VS[J], YS[J]
    σ = sigmoid(v - u)
    w = σ * (1 - σ)
    return {
        "gaussian_nll": {
            "u": (u - y) * exp(-v),
            "v": (1 - (u - y) ** 2 * exp(-v)) / 2,
            "uu": δ_ij * exp(-v),
            "uv": -δ_ij * (u - y) * exp(-v),
            "vv": δ_ij * (u - y) ** 2 * exp(-v) / 2,
        },
        "margin_ranking": {"u": -HV[J] * y, "v": HV[J] * y},
        "ranknet": {"u": -σ, "v": σ, "uu": δ_ij * w, "uv": -δ_ij * w, "vv": δ_ij * w},
        "triplet": _triplet(),
        "contrastive": _contrastive(),
        "cosine_embedding": _angle(),
    }


FORMS: dict[str, Row] = activations() | _probabilities() | _scores() | _blocks()
