"""The trunk of a graph: its convolutions but for the last, and what lies between them.

It is found by how nodes hang together, not by their names.
"""

from collections.abc import Iterable, Sequence

import onnx


def trunk_nodes(nodes: Sequence[onnx.NodeProto]) -> tuple[str, ...]:
    """Return the names of the nodes on a way from one convolution to another, the first convolution with them.

    What is left are the normalisation before them, and the last convolution (the logits), softmax, interpolation and
    decision behind them. `nodes` are in the order of their work, as ONNX wants them.
    """
    after = _downstream((node.name, node.op_type, node.input, node.output) for node in nodes)
    before = _downstream((node.name, node.op_type, node.output, node.input) for node in reversed(nodes))
    return tuple(node.name for node in nodes if node.name in before and (node.op_type == "Conv" or node.name in after))


def _downstream(nodes: Iterable[tuple[str, str, Iterable[str], Iterable[str]]]) -> frozenset[str]:
    """Return the nodes that something of a convolution flows into; `nodes` are (name, type, from, to)."""
    wet: set[str] = set()
    names = set()
    for name, kind, source, target in nodes:
        reached = not wet.isdisjoint(source)
        if reached:
            names.add(name)
        if reached or kind == "Conv":
            wet.update(filter(None, target))
    return frozenset(names)
