"""The self-check of an emitted C file: a main that compares with the plain formulas of the entries."""

from derive.emit.c.names import prefix, variable
from derive.emit.c.statements import constant, function
from derive.emit.docstrings import argument
from derive.emit.fused import graph_of
from derive.emit.membership import USUAL, middle
from derive.emit.plain_numpy import QUIET, plain_parts, step
from derive.model import Activation, Finite, Loss, Parameter, Subject, entries

POINTS = 50  # off the kinks
Entry = Activation | Loss

MAIN = """
#ifdef {macro}_SELF_CHECK
#include <stdio.h>

{plain}

static int complain(const char *what, double {x}, double y)
{{
    printf("FAILED: %s at {x} = %.17g, y = %.17g\\n", what, {x}, y);
    return 1;
}}

int main(void)
{{
    const double samples[] = {{{samples}}};
    const double h = {length};
    int bad = 0;

    for (size_t k = 0; k < sizeof samples / sizeof samples[0]; k++)
        for (int i = 0; i < {points}; i++) {{
            const double {x} = {first} + {step} * i, y = samples[k];
            const float xf = (float){x};{yf}
            const double wide = (double)xf;
            const double plain = formula({at});
            const double ahead = formula({ahead}), behind = formula({behind});
            const double slope = (ahead - behind) / (2.0 * h);
            const double size = 1.0 + fabs(plain) + fabs(slope);
            double one = (double)NAN, two = (double)NAN, single = (double)NAN;
            float rounded = NAN;

            if ({prefix}_{value}({one}) || !(fabs(one - plain) <= 1e-9 * size))
                bad += complain("{value}", {x}, y);
            if ({prefix}_grad({two}) || !(fabs(two - slope) <= 1e-6 * size))
                bad += complain("grad", {x}, y);
            if ({prefix}_gradf({rounded}) || {prefix}_grad({single}) ||
                !(fabs((double)rounded - single) <= (double)FLT_EPSILON * fabs(single)))
                bad += complain("gradf", {x}, y);
{more}        }}
{known}    if (bad)
        return 1;
    printf("passed: value and first derivative against the plain formula,\\n");
    printf("its differences and known values; the tails are not covered\\n");
    return 0;
}}
#endif
"""

JOINT = """            {{
                double both_value = (double)NAN, both_slope = (double)NAN, kept = 7.0;
                const double refused = (double)INFINITY;

                if ({prefix}_loss_and_grad(1, &{x}, &y, &both_value, &both_slope{numbers}) ||
                    both_value != one || both_slope != two)
                    bad += complain("loss_and_grad", {x}, y);
                if ({prefix}_loss(1, &{x}, &refused, &kept{numbers}) != 1 || kept != 7.0)
                    bad += complain("a target that is to be refused", {x}, y);
            }}
"""

KNOWN = """    if (!(fabs({call} - {value}) <= 1e-12 * fabs({value})))
        bad += complain("known value of {name}", {z}, {y});
"""


def check(subject: Subject) -> str:
    """The main function, behind the macro that asks for it."""
    x, paired = argument(subject), not isinstance(subject, Activation)
    values = "".join(f", {constant(float(p.default)).c}" for p in subject.parameters)
    y, first, last = (", y" if paired else ""), *_range(subject)

    def call(z: str, out: str, target: str = "y") -> str:
        return ", ".join(["1", f"&{z}", *([f"&{target}"] if paired else []), f"&{out}"]) + values

    return MAIN.format(
        macro=prefix(subject).upper(),
        prefix=prefix(subject),
        plain=_plain(subject),
        x=x,
        value="loss" if paired else "value",
        samples=", ".join(_samples(subject)),
        points=POINTS,
        first=constant(first).c,
        step=constant((last - first) / (POINTS - 1)).c,
        length=step(subject),
        yf="\n            const float yf = (float)y;" if paired else "",
        at=f"{x}{y}{values}",
        ahead=f"{x} + h{y}{values}",
        behind=f"{x} - h{y}{values}",
        one=call(x, "one"),
        two=call(x, "two"),
        single=call("wide", "single"),
        rounded=call("xf", "rounded", "yf"),
        more=JOINT.format(prefix=prefix(subject), x=x, numbers=values) if paired else "",
        known="".join(_known(row) for row in entries(subject) if row),
    ).strip("\n")


def _plain(subject: Subject) -> str:
    """The entries' formulas as their sources print them, and their composition."""
    act, los = entries(subject)
    parts = [part.removeprefix(f"{QUIET}\n") for part in plain_parts(subject)]
    readable = "\n".join(part for part in parts if part.startswith("def _"))
    parts = [_traced("activation", readable, ("z",), act.parameters)] if act else []
    parts += [_traced("cost", readable, ("a", "y"), los.parameters)] if los else []
    own = _names(act.parameters) if act else ""
    more = _names(los.parameters) if los else ""
    inner = f"activation(z{own})" if act else "a"
    given = ", ".join(f"double {name}" for name in _arguments(subject))
    whole = f"cost({inner}, y{more})" if los else inner
    return "\n\n".join([*parts, f"static double formula({given})\n{{\n    return {whole};\n}}"])


def _traced(name: str, readable: str, given: tuple[str, ...], parameters: tuple[Parameter, ...]) -> str:
    graph = graph_of(readable, {name: f"_{name}"}, given, tuple(p.name for p in parameters))
    return function(name, graph)


def _names(parameters: tuple[Parameter, ...]) -> str:
    return "".join(f", {variable(p.name)}" for p in parameters)


def _arguments(subject: Subject) -> list[str]:
    given = ["z"] if isinstance(subject, Activation) else [argument(subject), "y"]
    return [*given, *(variable(p.name) for p in subject.parameters)]


def _range(subject: Subject) -> tuple[float, float]:
    """Where points are taken: of moderate size, inside the domain."""
    return (-2.9883, 3.0117) if middle(subject) == (-USUAL, USUAL) else middle(subject)


def _samples(subject: Subject) -> list[str]:
    """The targets: the hard ones, and a soft one where there may be."""
    los = entries(subject)[1]
    if los is None:
        return ["0.0"]
    soft = () if isinstance(los.target, Finite) else (0.25,)
    return [constant(float(y)).c for y in (*los.hard, *soft)]


def _known(entry: Entry) -> str:
    """The check of the first known value with default parameters that is not 0."""
    known = next((k for k in entry.known if not k.parameters and k.value != 0), None)
    if known is None:
        return ""
    at = [constant(float(v)).c for v in (*known.at, *(p.default for p in entry.parameters))]
    call = f"{'activation' if isinstance(entry, Activation) else 'cost'}({', '.join(at)})"
    y = at[1] if isinstance(entry, Loss) else "0.0"
    return KNOWN.format(call=call, value=constant(float(known.value)).c, name=entry.name, z=at[0], y=y)
