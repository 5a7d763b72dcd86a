"""Layers, one row each, in index notation: arrays in, variables on the way, the last one the output.

Indices are those of derive.model.layered; gradients, matrix notation and code follow.
"""

from sympy import S as NUMBERS
from sympy import exp, sqrt

from derive.catalogue.layer_parts import EPSILON, LAMBDA, RATE, TORCH, array, example, mean, over, scalar
from derive.heads import sigmoid
from derive.model import (
    CHANNELS,
    FEATURES,
    HIDDEN,
    KEYS,
    OUTPUTS,
    PLACES,
    QUERIES,
    ROWS,
    STEPS,
    TAPS,
    TOKENS,
    VALUES,
    Array,
    Identity,
    Layer,
    Variable,
)
from derive.rules.layers import cotangent, of_output

N, D, K, H, T, S, F = (axis.size for axis in (ROWS, FEATURES, OUTPUTS, HIDDEN, QUERIES, KEYS, VALUES))
V, C, U, R, P = (axis.size for axis in (TOKENS, CHANNELS, PLACES, TAPS, STEPS))
n, d, k, h, i, j, f = (axis.indices[0] for axis in (ROWS, FEATURES, OUTPUTS, HIDDEN, QUERIES, KEYS, VALUES))
v, c, u, s, t = (axis.indices[0] for axis in (TOKENS, CHANNELS, PLACES, TAPS, STEPS))
r = KEYS.indices[1]  # a second key

X, Y, Z, W, B = array("x", N, D), array("y", N, D), array("z", N, K), array("w", K, D), array("b", K)
RESIDUE, UNIFORM = array("c", N, D), array("u", N, D)  # centred, and normalised
GAIN, SHIFT = array("gamma", D), array("beta", D)
EPS, DECAY, DROPPED = EPSILON.symbol, LAMBDA.symbol, RATE.symbol
ROW_MEAN, ROW_SPREAD, ROW_SCALE = array("mu", N), array("v", N, positive=True), array("r", N, positive=True)
MEAN, SPREAD, SCALE = array("mu", D), array("v", D, positive=True), array("r", D, positive=True)
QUERY, KEY, VALUE = array("q", T, D), array("k", S, D), array("v", S, F)
SCORE, WEIGHT, MIXED = array("s", T, S), array("p", T, S, positive=True), array("o", T, F)
TOTAL = array("c", T)
TOKEN, TABLE = array("o", N, V), array("e", V, D)
GATE, VALUED, HIDDEN_UNIT = array("a", N, H), array("b", N, H), array("c", N, H)
W_GATE, W_VALUE, W_OUT = array("w", H, D), array("v", H, D), array("u", D, H)
SIGNAL, WINDOW, TAPPED = array("x", N, C, U), array("omega", P, R, U), array("a", N, C, P, R)
KERNEL, FILTERED = array("w", K, C, R), array("z", N, K, P)
LOSSES, KEPT = array("l", N), array("m", N, D)

ROWS_IN = Array(at=X[n, d], says="the inputs, one row for each sample")
NORMALISED = (Array(at=GAIN[d], says="the gain"), Array(at=SHIFT[d], says="the shift"))
SCALED = Variable(at=Y[n, d], meaning=GAIN[d] * UNIFORM[n, d] + SHIFT[d], says="scaled and shifted")

LAYERS: tuple[Layer, ...] = (
    Layer(
        name="dense", aliases=("fully_connected", "affine"), title="dense layer",
        inputs=(ROWS_IN,),
        weights=(Array(at=W[k, d], says="the weights"), Array(at=B[k], says="the biases")),
        variables=(Variable(at=Z[n, k], meaning=over(W[k, d] * X[n, d], d) + B[k], says="an affine map"),),
        known=(example({N: 2, D: 3, K: 2}, f"{TORCH}: F.linear(x, w, b)", 1.6875),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.2",
    ),
    Layer(
        name="batch_sum", title="sum over a batch",
        inputs=(Array(at=LOSSES[n], says="the loss of each sample"),),
        variables=(Variable(at=scalar("S"), meaning=over(LOSSES[n], n), says="the sum of all losses"),),
        known=(example({N: 3}, f"{TORCH}: l.sum()", 1.0),),
        source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 5.9",
    ),
    Layer(
        name="batch_mean", title="mean over a batch",
        inputs=(Array(at=LOSSES[n], says="the loss of each sample"),),
        variables=(Variable(at=scalar("M"), meaning=mean(LOSSES[n], n), says="the mean of all losses"),),
        known=(example({N: 3}, f"{TORCH}: l.mean()", 0.3333333333333333),),
        source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 5.9",
    ),
    Layer(
        name="weight_decay", aliases=("l2_penalty", "ridge"), title="weight decay", parameters=(LAMBDA,),
        inputs=(),
        weights=(Array(at=W[k, d], says="the weights"),),
        variables=(Variable(at=scalar("R"), meaning=DECAY * over(over(W[k, d] ** 2, d), k) / 2,
                            says="half the sum of all squares"),),
        known=(example({K: 2, D: 3}, f"{TORCH}: 0.01 * w.square().sum() / 2", 0.0171875),),
        source="Goodfellow, Bengio and Courville, Deep Learning (2016), eq. 7.1",
    ),
    Layer(
        name="layer_norm", title="layer normalisation", parameters=(EPSILON,),
        inputs=(ROWS_IN,), weights=NORMALISED,
        variables=(
            Variable(at=ROW_MEAN[n], meaning=mean(X[n, d], d), says="the mean of a row", through=True),
            Variable(at=RESIDUE[n, d], meaning=X[n, d] - ROW_MEAN[n], says="the row, centred", through=True),
            Variable(at=ROW_SPREAD[n], meaning=mean(RESIDUE[n, d] ** 2, d), through=True,
                     says="the mean square of the centred row"),
            Variable(at=ROW_SCALE[n], meaning=1 / sqrt(ROW_SPREAD[n] + EPS), through=True,
                     says="one over the standard deviation"),
            Variable(at=UNIFORM[n, d], meaning=RESIDUE[n, d] * ROW_SCALE[n], says="the row, normalised"),
            SCALED,
        ),
        identities=(Identity(before=over(UNIFORM[n, d], d), after=NUMBERS.Zero,
                             says="a centred row sums to 0, and so does a normalised one"),),
        known=(example({N: 2, D: 3}, f"{TORCH}: F.layer_norm(x, (3,), gamma, beta)", -0.4709383730744451),),
        source="Ba, Kiros and Hinton 2016, arXiv:1607.06450",
    ),
    Layer(
        name="rms_norm", title="root mean square normalisation", parameters=(EPSILON,),
        inputs=(ROWS_IN,), weights=NORMALISED[:1],
        variables=(
            Variable(at=ROW_SPREAD[n], meaning=mean(X[n, d] ** 2, d), through=True,
                     says="the mean square of a row"),
            Variable(at=ROW_SCALE[n], meaning=1 / sqrt(ROW_SPREAD[n] + EPS), through=True,
                     says="one over the root mean square"),
            Variable(at=UNIFORM[n, d], meaning=X[n, d] * ROW_SCALE[n], says="the row, normalised"),
            Variable(at=Y[n, d], meaning=GAIN[d] * UNIFORM[n, d], says="scaled"),
        ),
        known=(example({N: 2, D: 4}, f"{TORCH}: F.rms_norm(x, (4,), gamma, 1e-5)", -0.46851762895713056),),
        source="Zhang and Sennrich 2019, arXiv:1910.07467; with epsilon inside the root, as PyTorch has it",
    ),
    Layer(
        name="batch_norm", title="batch normalisation, in training", parameters=(EPSILON,),
        inputs=(ROWS_IN,), weights=NORMALISED,
        variables=(
            Variable(at=MEAN[d], meaning=mean(X[n, d], n), says="the mean of a feature", through=True),
            Variable(at=RESIDUE[n, d], meaning=X[n, d] - MEAN[d], says="the feature, centred", through=True),
            Variable(at=SPREAD[d], meaning=mean(RESIDUE[n, d] ** 2, n),
                     says="the mean square of the centred feature", through=True),
            Variable(at=SCALE[d], meaning=1 / sqrt(SPREAD[d] + EPS), says="one over the standard deviation",
                     through=True),
            Variable(at=UNIFORM[n, d], meaning=RESIDUE[n, d] * SCALE[d], says="the feature, normalised"),
            SCALED,
        ),
        identities=(Identity(before=over(UNIFORM[n, d], n), after=NUMBERS.Zero,
                             says="a centred feature sums to 0, and so does a normalised one"),),
        known=(example({N: 3, D: 2},
                       f"{TORCH}: F.batch_norm(x, None, None, gamma, beta, True)", -1.4015217684657648),),
        source="Ioffe and Szegedy 2015, arXiv:1502.03167",
        notes=("mean and variance are those of the batch; running averages are no part of this",),
    ),
    Layer(
        name="attention", aliases=("scaled_dot_product_attention",), title="scaled dot-product attention",
        batched=True,
        inputs=(Array(at=QUERY[i, d], says="the queries"), Array(at=KEY[j, d], says="the keys"),
                Array(at=VALUE[j, f], says="the values")),
        variables=(
            Variable(at=SCORE[i, j], meaning=over(QUERY[i, d] * KEY[j, d], d) / sqrt(D), says="the scores"),
            Variable(at=WEIGHT[i, j], meaning=exp(SCORE[i, j]) / over(exp(SCORE[i, r]), r),
                     says="the softmax of each row of scores"),
            Variable(at=MIXED[i, f], meaning=over(WEIGHT[i, j] * VALUE[j, f], j),
                     says="the values, weighted"),
        ),
        identities=(Identity(at=TOTAL[i], before=over(WEIGHT[i, j] * cotangent(WEIGHT)[i, j], j),
                             after=over(of_output(MIXED)[i, f] * MIXED[i, f], f),
                             says="the row sum of p ⊙ p̄ is that of g ⊙ o: it needs no T × S matrix"),),
        known=(example({T: 2, S: 3, D: 2, F: 2},
                       f"{TORCH}: F.scaled_dot_product_attention(q, k, v)", 0.3876703280845445),),
        source="Vaswani et al. 2017, arXiv:1706.03762; the row sums as in Dao et al. 2022, arXiv:2205.14135",
    ),
    Layer(
        name="residual", aliases=("skip",), title="residual connection",
        inputs=(ROWS_IN, Array(at=RESIDUE[n, d], says="the output of the branch")),
        variables=(Variable(at=Y[n, d], meaning=X[n, d] + RESIDUE[n, d],
                            says="the branch added to its input"),),
        known=(example({N: 2, D: 3}, f"{TORCH}: x + c", -0.5),),
        source="He, Zhang, Ren and Sun 2015, arXiv:1512.03385",
    ),
    Layer(
        name="dropout", title="dropout, in training", parameters=(RATE,),
        inputs=(ROWS_IN,),
        constants=(Array(at=KEPT[n, d], says="the mask: 1 where an entry is kept, 0 where it is dropped"),),
        variables=(Variable(at=Y[n, d], meaning=KEPT[n, d] * X[n, d] / (1 - DROPPED),
                            says="what is kept, scaled so that its mean stays"),),
        known=(example({N: 2, D: 2}, f"{TORCH}: m * x / (1 - 0.5)", -1.5),),
        source="Srivastava et al. 2014, JMLR 15:1929; scaled in training, as PyTorch has it",
    ),
    Layer(
        name="embedding", title="embedding",
        inputs=(),
        weights=(Array(at=TABLE[v, d], says="the table, one row for each token"),),
        constants=(Array(at=TOKEN[n, v], says="the tokens, one-hot: 1 where sample n is token v, else 0"),),
        variables=(Variable(at=Y[n, d], meaning=over(TOKEN[n, v] * TABLE[v, d], v),
                            says="the row of the token"),),
        known=(example({N: 2, D: 2, V: 3}, f"{TORCH}: F.embedding(o, e)", -0.75),),
        source="Mikolov et al. 2013, arXiv:1301.3781",
    ),
    Layer(
        name="swiglu_block", title="SwiGLU block",
        inputs=(ROWS_IN,),
        weights=(Array(at=W_GATE[h, d], says="the weights of the gates"),
                 Array(at=W_VALUE[h, d], says="the weights of the values"),
                 Array(at=W_OUT[d, h], says="the weights of the output")),
        variables=(
            Variable(at=GATE[n, h], meaning=over(W_GATE[h, d] * X[n, d], d), says="the gates"),
            Variable(at=VALUED[n, h], meaning=over(W_VALUE[h, d] * X[n, d], d), says="the values"),
            Variable(at=HIDDEN_UNIT[n, h], meaning=GATE[n, h] * sigmoid(GATE[n, h]) * VALUED[n, h],
                     says="the values, gated by SiLU"),
            Variable(at=Y[n, d], meaning=over(W_OUT[d, h] * HIDDEN_UNIT[n, h], h), says="the output"),
        ),
        known=(example({N: 2, D: 2, H: 3},
                       f"{TORCH}: F.linear(F.silu(x @ w.T) * (x @ v.T), u)", -0.26803009524160737),),
        source="Shazeer 2020, arXiv:2002.05202",
    ),
    Layer(
        name="conv1d", aliases=("convolution",), title="convolution in one dimension",
        inputs=(Array(at=SIGNAL[n, c, u], says="the signal"),),
        weights=(Array(at=KERNEL[k, c, s], says="the kernel"), Array(at=B[k], says="the biases")),
        constants=(Array(at=WINDOW[t, s, u],
                         says="the windows: 1 where tap s at place t meets place u, else 0"),),
        variables=(
            Variable(at=TAPPED[n, c, t, s], meaning=over(WINDOW[t, s, u] * SIGNAL[n, c, u], u),
                     says="what each tap meets"),
            Variable(at=FILTERED[n, k, t],
                     meaning=over(over(KERNEL[k, c, s] * TAPPED[n, c, t, s], s), c) + B[k],
                     says="the same dense layer at every place"),
        ),
        known=(example({N: 2, C: 2, U: 5, K: 2, R: 2, P: 4}, f"{TORCH}: F.conv1d(x, w, b)", 2.125),),
        source="LeCun et al. 1989, Neural Computation 1:541; without turning the kernel, as PyTorch has it",
    ),
)  # fmt: skip
