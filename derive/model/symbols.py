"""The symbols that mean the same everywhere."""

import sympy as sp

Z, A, Y = sp.symbols("z a y", real=True)

# Vectors of symbolic size K, in index notation: components are counted from 1.
K = sp.Symbol("K", integer=True, positive=True)
I_, J, N = sp.symbols("i j k", integer=True)
ZS, AS, YS = (sp.IndexedBase(sp.Symbol(name, real=True), shape=(K,)) for name in "zay")
PS = sp.IndexedBase(sp.Symbol("p", positive=True), shape=(K,))  # probabilities
# The weights of a layer z_j = Σ_d w_jd x_d + b_j, with x of symbolic size.
DIM = sp.Symbol("D", integer=True, positive=True)
M, D = sp.symbols("m d", integer=True)
XS = sp.IndexedBase(sp.Symbol("x", real=True), shape=(DIM,))
BS = sp.IndexedBase(sp.Symbol("b", real=True), shape=(K,))
WS = sp.IndexedBase(sp.Symbol("w", real=True), shape=(K, DIM))
# Two or three vectors of K components, stacked one after the other in an input.
US, VS, RS = (sp.IndexedBase(sp.Symbol(name, real=True), shape=(K,)) for name in "uvr")
LS = sp.IndexedBase(sp.Symbol("l", negative=True), shape=(K,))  # log-probabilities
# One number for each class: its weight c_k, the level q_k of its quantile.
CS = sp.IndexedBase(sp.Symbol("c", positive=True), shape=(K,))
QS = sp.IndexedBase(sp.Symbol("q", positive=True), shape=(K,))
# What is locally constant: a set by its indicator (s_k in activations, h_k in losses), pairs by h_ik,
# the index of a largest term.
SS = sp.IndexedBase(sp.Symbol("s", nonnegative=True), shape=(K,))
HV = sp.IndexedBase(sp.Symbol("h", nonnegative=True), shape=(K,))
HS = sp.IndexedBase(sp.Symbol("h", nonnegative=True), shape=(K, K))
LARGEST = sp.Symbol("k*", integer=True)
# A direction, in products of Jacobian or Hessian with a vector.
TS = sp.IndexedBase(sp.Symbol("t", real=True), shape=(K,))
