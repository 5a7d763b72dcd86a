"""The functions of all heads, to be named in one another's slopes; their rows stand in the families."""

from derive.heads.head import function

sigmoid = function("sigmoid")
logistic = function("logistic")
softplus = function("softplus")
log_softplus = function("log_softplus")
softplus_score = function("softplus_score")
softplus_lag = function("softplus_lag")
tanh = function("tanh")
sech2 = function("sech2")
log_cosh = function("log_cosh")
expm1 = function("expm1")
ndtr = function("ndtr")
npdf = function("npdf")
step = function("step")
ramp = function("ramp")
lean = function("lean")
log1p = function("log1p")
lag = function("lag")
sgn = function("sgn")
absolute = function("absolute")
