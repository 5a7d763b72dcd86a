"""What emitted formulas do in floats, operation by operation: traced, shared, ordered, counted.

The formulas and blocks of the NumPy file are run on tracers (trace.py); what comes out is a graph in which
equal operations are one node (graph.py, operations.py). Fused code in any language, and its cost, are read
off it (plan.py), so there is one place where floating-point forms are written: the formulas themselves.
"""

from derive.kernel.graph import Graph, Node
from derive.kernel.operations import OPERATIONS, Operation
from derive.kernel.plan import cost, ordered
from derive.kernel.trace import trace

__all__ = ["OPERATIONS", "Graph", "Node", "Operation", "cost", "ordered", "trace"]
