"""Fibre routes that share their trunk: an approximate Steiner tree.

Mehlhorn's construction [1]_ is at most twice as long as the shortest tree, in practice a few per cent: every point goes
to its nearest village or node, neighbouring territories are joined along the shortest bridge, and the minimum spanning
tree of these bridges is pruned. Existing nodes count as joined.

References
----------
.. [1] Mehlhorn, K. (1988). A faster approximation algorithm for the Steiner problem in graphs. Information Processing
   Letters 27(3), 125-128.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from coverage.base.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NO_PARENT = -1


@dataclass(frozen=True)
class Tree:
    """Pieces of route between places where the tree branches or ends; parents stand before their children.

    Attributes
    ----------
    parent : index of the piece that leads on to the existing node, or -1 where this one starts there; shape (n,)
    length_m : length of each piece, shape (n,)
    paths
        Points of the network along each piece, from the existing node outwards; the first is the last of the parent's.
    terminal_piece
        For each village the piece that ends there; -1 where it stands on an existing node; -2 where no route
        leads to it; shape (villages,).
    root : for each piece the existing node (a point of the network) that it hangs on, shape (n,)
    """

    parent: Integers
    length_m: Floats
    paths: tuple[Integers, ...]
    terminal_piece: Integers
    root: Integers

    def route_m(self) -> Floats:
        """Length of the route from the existing node to the end of each piece, shape (n,)."""
        total = self.length_m.copy()
        for piece, parent in enumerate(self.parent):
            if parent != NO_PARENT:
                total[piece] += total[parent]
        return total


AT_NODE = -1
NO_ROUTE = -2


@compiled()
def _spanning(first: Integers, second: Integers, order: Integers, group: Integers) -> npt.NDArray[np.bool_]:
    """Kruskal's algorithm: edges, in ``order``, that join two groups; ``group`` is a union-find forest, changed in
    place.
    """
    taken = np.zeros(len(first), dtype=np.bool_)
    for edge in order:
        a, b = first[edge], second[edge]
        while group[a] != a:
            group[a] = group[group[a]]
            a = group[a]
        while group[b] != b:
            group[b] = group[group[b]]
            b = group[b]
        if a != b:
            group[b] = a
            taken[edge] = True
    return taken


def shared_tree(network: csr_array, roots: Integers, terminals: Integers) -> Tree:
    """Join villages to existing nodes by a short tree over a network.

    Parameters
    ----------
    network
        Lengths in metres between points of the network, shape (points, points); an edge in either direction
        counts for both. Two points at the same place are joined by a tiny length, not zero.
    roots : points where existing nodes stand, at least one
    terminals : points where the villages stand, shape (villages,)

    Returns
    -------
    Tree
        Ties between equally long trees are settled by the order of the points.
    """
    sources = np.unique(np.concatenate([roots, terminals]))
    distance, before, owner = dijkstra(
        network, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    edges = _bridges(network, distance, owner, roots)
    kept = _edges_of_paths(edges, before)
    first, second, length = _spanning_edges(network, kept, roots)
    parent, reached = _hang(network.shape[0], first, second, length, roots)
    return _pieces(parent, reached, terminals, roots)


def _bridges(network: csr_array, distance: Floats, owner: Integers, roots: Integers) -> tuple[Integers, Integers]:
    """Network edges of the minimum spanning tree between territories."""
    upper = coo_array(network)
    first, second = upper.coords
    a, b = owner[first], owner[second]
    between = (a != b) & np.isfinite(distance[first]) & np.isfinite(distance[second])
    first, second = first[between].astype(np.int64), second[between].astype(np.int64)
    length = distance[first] + upper.data[between] + distance[second]
    order = np.lexsort((second, first, np.round(length, 6)))
    group = np.arange(network.shape[0])
    group[roots] = roots.min()
    taken = _spanning(a[between].astype(np.int64), b[between].astype(np.int64), order, group)
    return first[taken], second[taken]


def _edges_of_paths(bridges: tuple[Integers, Integers], before: Integers) -> Integers:
    """Edges of the bridges and of the shortest paths to their owners, shape (n, 2)."""
    edges = [np.column_stack(bridges)]
    points = np.unique(np.concatenate(bridges)) if len(bridges[0]) else np.zeros(0, dtype=np.int64)
    while len(points):
        points = points[before[points] >= 0]
        edges.append(np.column_stack([points, before[points].astype(np.int64)]))
        points = np.unique(before[points].astype(np.int64))
    stacked = np.sort(np.concatenate(edges), axis=1)
    return np.unique(stacked, axis=0)


def _spanning_edges(network: csr_array, edges: Integers, roots: Integers) -> tuple[Integers, Integers, Floats]:
    if not len(edges):
        return edges[:, 0], edges[:, 1], np.zeros(0)
    one_way = np.asarray(network[edges[:, 0], edges[:, 1]]).ravel()
    other_way = np.asarray(network[edges[:, 1], edges[:, 0]]).ravel()
    length = np.where((one_way > 0) & ((other_way == 0) | (one_way <= other_way)), one_way, other_way)
    order = np.lexsort((edges[:, 1], edges[:, 0], np.round(length, 6)))
    group = np.arange(network.shape[0])
    group[roots] = roots.min()
    first, second = np.ascontiguousarray(edges[:, 0]), np.ascontiguousarray(edges[:, 1])
    taken = _spanning(first, second, order, group)
    return first[taken], second[taken], length[taken]


def _hang(points: int, first: Integers, second: Integers, length: Floats, roots: Integers) -> tuple[Integers, Floats]:
    """Direct the edges away from the existing nodes.

    Returns
    -------
    tuple of numpy.ndarray
        Next point towards the existing node for each point (-1 where none), and length from the existing node
        (infinite where it cannot be reached).
    """
    tree = csr_array((np.maximum(length, 1e-9), (first, second)), shape=(points, points))
    reached, before, _ = dijkstra(
        tree, directed=False, indices=np.unique(roots), return_predecessors=True, min_only=True
    )
    return np.where(before >= 0, before, -1).astype(np.int64), reached


def _pieces(parent: Integers, reached: Floats, terminals: Integers, roots: Integers) -> Tree:
    """Cut a directed tree at branches and villages, pruning dead ends."""
    is_root = np.zeros(len(parent), dtype=bool)
    is_root[roots] = True
    wanted = [t for t in np.unique(terminals) if np.isfinite(reached[t]) and not is_root[t]]
    used: set[int] = set()
    children: dict[int, int] = {}
    for terminal in wanted:
        point = int(terminal)
        while not is_root[point] and point not in used:
            used.add(point)
            above = int(parent[point])
            children[above] = children.get(above, 0) + 1
            point = above
    ends = sorted(
        (point for point in used if children.get(point, 0) != 1 or point in set(wanted)),
        key=lambda point: (reached[point], point),
    )
    number = {point: piece for piece, point in enumerate(ends)}
    paths: list[Integers] = []
    parents: list[int] = []
    root: list[int] = []
    for point in ends:
        path = [point]
        while True:
            path.append(int(parent[path[-1]]))
            if is_root[path[-1]] or path[-1] in number:
                break
        above = number.get(path[-1], NO_PARENT)
        parents.append(above)
        root.append(path[-1] if above == NO_PARENT else root[above])
        paths.append(np.array(path[::-1], dtype=np.int64))
    length = np.array([reached[path[-1]] - reached[path[0]] for path in paths])
    unreached = np.where(is_root[terminals], AT_NODE, NO_ROUTE)
    piece = [number.get(int(t), int(code)) for t, code in zip(terminals, unreached, strict=True)]
    return Tree(
        np.array(parents, dtype=np.int64),
        length.astype(np.float64),
        tuple(paths),
        np.array(piece, dtype=np.int64),
        np.array(root, dtype=np.int64),
    )
