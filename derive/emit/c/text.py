"""The fixed parts of an emitted C file, as templates: %NAME% is filled in (braces are C's own)."""

HEADER = """
/* %WORDS%
 */
#ifndef %GUARD%
#define %GUARD%

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

%PROTOTYPES%

#ifdef __cplusplus
}
#endif

#endif
"""

WORK = (
    "The work is done in double; functions whose names end in f read and write float and round once. "
    "The accuracy declared is that with the libm of glibc; the errors of another come on top."
)

LIMITS = "Infinite %X% gives the limit, NaN where there is none; NaN gives NaN."
LIMITS_INSIDE = "Infinite %X% in %PREDICTIONS% gives the limit; NaN, and %X% outside, give NaN."
NO_LIMITS = "NaN, and %X% outside %PREDICTIONS%, give NaN."

USE = """
Each function reads n numbers of an array for each argument and writes n results. It returns 0%CODES%.
%EDGES% An array of results may be
one of the arguments, as a whole; other than that arrays must not overlap. Threads may call
them at the same time. errno and the flags of the floating-point environment mean nothing.
"""

COMPILED = """
To compile: cc -std=c99 -O3 -ffp-contract=off -c %FILE%.c, and link with -lm. Fast math and x87
arithmetic lose the digits, and are refused. With -D%MACRO%_SELF_CHECK there is a main that checks.
"""

FROM_PYTHON = """
From Python, after cc -std=c99 -O3 -ffp-contract=off -shared -fPIC %FILE%.c -o %FILE%.so -lm:

    import ctypes, numpy as np
    row = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
    grad = ctypes.CDLL("./%FILE%.so").%PREFIX%_grad
    grad.argtypes = [ctypes.c_size_t, %TYPES%]
    %NAMES% = %VALUES%
    slope = np.empty_like(%X%)
    grad(%X%.size, %CALL%)
"""

TOP = """
#include <float.h>
#include <math.h>

#if defined __FAST_MATH__ || defined _M_FP_FAST || defined __ASSOCIATIVE_MATH__ || \\
    (defined __FINITE_MATH_ONLY__ && __FINITE_MATH_ONLY__)
#error "these formulas need exact IEC 60559 arithmetic: compile without fast math"
#endif
#if FLT_RADIX != 2 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "double must have the 64 bits of IEC 60559"
#endif
#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD == 2
#error "double must be computed as double: on x86 use -msse2 -mfpmath=sse"
#endif

/* A product fused with a sum would not have the rounding that some formulas make good. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif
"""

# By name. Compilers make one instruction of larger and smaller, and branches of maximum and minimum.
HELPERS = {
    "larger": """
/* The larger of a number and y; NaN where y is. */
static double larger(double number, double y)
{
    return number > y ? number : y;
}
""",
    "smaller": """
/* The smaller of a number and y; NaN where y is. */
static double smaller(double number, double y)
{
    return number < y ? number : y;
}
""",
    "maximum": """
static double maximum(double x, double y)
{
    return x > y || isnan(x) ? x : y;
}
""",
    "minimum": """
static double minimum(double x, double y)
{
    return x < y || isnan(x) ? x : y;
}
""",
    "sign": """
static double sign(double x)
{
    return isnan(x) ? x : (double)((x > 0.0) - (x < 0.0));
}
""",
}

ELEMENTWISE = "typedef double elementwise(%GIVEN%);"

LIMIT = """
/* The limit at infinite %X%: infinite if it grows far out; if it falls, what is found there, or 0. */
static double limit(elementwise *f, %GIVEN%)
{
    const double outer = f(copysign(0x1p1022, %X%)%REST%);
    const double inner = f(copysign(0x1p894, %X%)%REST%);
    const double found = f(%PASSED%);
    if (fabs(inner) > 1.01 * fabs(outer))
        return isfinite(found) ? found : 0.0;
    return fabs(outer) > 1.01 * fabs(inner) ? copysign((double)INFINITY, outer) : outer;
}
"""

# Of what has a sine or a cosine in it.
WAVING = """
/* The limit at infinite %X%: what many values far out tell, else NaN. */
static double limit(elementwise *f, %GIVEN%)
{
    const double outer = f(copysign(0x1p1022, %X%)%REST%), inner = f(copysign(0x1p894, %X%)%REST%);
    double edge, found, before = fabs(inner);
    int same = 1, grows = 1, falls = 1, small = 1;

    for (edge = 0x1p894; edge <= 0x1p1022; edge *= 0x1p8) {
        found = f(copysign(edge, %X%)%REST%);
        same &= found == outer || fabs(found - outer) < 1e-12 * fabs(outer);
        grows &= fabs(found) >= before;
        falls &= fabs(found) <= before;
        small &= fabs(found) < 1e-250;
        before = fabs(found);
    }
    if (grows && fabs(outer) > 1.01 * fabs(inner))
        return copysign((double)INFINITY, outer);
    if ((falls && fabs(inner) > 1.01 * fabs(outer)) || small)
        return 0.0;
    return same ? outer : (double)NAN;
}
"""

SPECIAL = """
/* The value where an argument is infinite or NaN. */
static double special(elementwise *f, %GIVEN%)
{
    double found;

    if (%UNDEFINED%)
        return (double)NAN;
    found = f(%PASSED%);
    return isinf(found) ? found : limit(f, %PASSED%);
}

static double apply(elementwise *f, %GIVEN%)
{
    return %USUAL% ? f(%PASSED%) : special(f, %PASSED%);
}
"""

# Of a loss alone whose predictions are not all the real numbers: there is no limit to take.
NOWHERE = """
/* The value; NaN where an argument is NaN or outside its domain. */
static double apply(elementwise *f, %GIVEN%)
{
    return %USUAL% ? f(%PASSED%) : (double)NAN;
}
"""

APPLY_BOTH = """
static void apply_both(%GIVEN%, double *value, double *slope)
{
    if (%USUAL%) {
        both(%PASSED%, value, slope);
    } else {
        *value = apply(loss, %PASSED%);
        *slope = apply(grad, %PASSED%);
    }
}
"""

PARAMETERS = """
/* 0, or what is returned where a parameter is outside its domain. */
static int parameters(%PARAMETERS%)
{
%CHECKS%
    return 0;
}
"""

TARGETS = """
/* Whether a target lies outside %DOMAIN%; NaN passes. */
static int targets%F%(size_t n, const %REAL% *y)
{
    int outside = 0;

    for (size_t i = 0; i < n; i++)
        outside |= %OUTSIDE%;
    return outside;
}
"""

FUNCTION = """
int %PREFIX%_%NAME%%F%(size_t n, %ARRAYS%, %REAL% *out%DECLARED%)
{
%REFUSALS%    for (size_t i = 0; i < n; i++)
        out[i] = %CAST%apply(%NAME%, %ELEMENTS%%MORE%);
    return 0;
}
"""

JOINT = """
int %PREFIX%_loss_and_grad%F%(size_t n, %ARRAYS%, %REAL% *out_loss, %REAL% *out_grad%DECLARED%)
{
%REFUSALS%    for (size_t i = 0; i < n; i++) {
        double value, slope;
        apply_both(%ELEMENTS%%MORE%, &value, &slope);
        out_loss[i] = %CAST%value;
        out_grad[i] = %CAST%slope;
    }
    return 0;
}
"""
