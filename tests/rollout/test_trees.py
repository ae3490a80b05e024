"""Fibre routes share their trunk: made trees against a brute-force answer, and what must always hold."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from coverage.rollout.trees import AT_NODE, NO_PARENT, NO_ROUTE, Tree, shared_tree

Array = np.ndarray


def network(points: int, edges: dict[tuple[int, int], float]) -> csr_array:
    matrix = np.zeros((points, points))
    for (a, b), length in edges.items():
        matrix[a, b] = length
    return csr_array(matrix)


def tree(points: int, edges: dict[tuple[int, int], float], roots: list[int], terminals: list[int]) -> Tree:
    return shared_tree(network(points, edges), np.array(roots), np.array(terminals, dtype=np.int64))


def test_two_villages_behind_one_junction_share_their_trunk() -> None:
    """Node 0 - 3 km - junction 1; villages 2 and 3 each 1 km further: 5 km of fibre, not 8."""
    shared = tree(4, {(0, 1): 3000, (1, 2): 1000, (1, 3): 1000}, [0], [2, 3])
    assert shared.length_m.tolist() == [3000, 1000, 1000]
    assert shared.parent.tolist() == [NO_PARENT, 0, 0]
    assert shared.terminal_piece.tolist() == [1, 2]
    assert shared.route_m().tolist() == [3000, 4000, 4000]
    assert [path.tolist() for path in shared.paths] == [[0, 1], [1, 2], [1, 3]]
    assert shared.root.tolist() == [0, 0, 0]


def test_a_village_on_the_way_is_the_parent_of_the_one_behind_it() -> None:
    shared = tree(3, {(0, 1): 2000, (1, 2): 1500}, [0], [2, 1])
    assert shared.terminal_piece.tolist() == [1, 0]
    assert shared.parent.tolist() == [NO_PARENT, 0]


def test_points_between_are_no_pieces_and_dead_ends_are_left_out() -> None:
    shared = tree(6, {(0, 1): 100, (1, 2): 200, (2, 3): 300, (1, 4): 50, (4, 5): 50}, [0], [3])
    assert shared.length_m.tolist() == [600]
    assert shared.paths[0].tolist() == [0, 1, 2, 3]


def test_each_village_hangs_on_the_node_that_is_near_and_nodes_are_not_joined() -> None:
    shared = tree(5, {(0, 2): 100, (1, 3): 100, (2, 3): 5000, (0, 1): 1000, (3, 4): 70}, [0, 1], [2, 4])
    assert shared.length_m.sum() == 270
    assert shared.root[shared.terminal_piece].tolist() == [0, 1]


def test_a_village_at_a_node_needs_no_route_and_one_without_a_road_has_none() -> None:
    shared = tree(4, {(0, 1): 100}, [0], [0, 1, 3])
    assert shared.terminal_piece.tolist() == [AT_NODE, 0, NO_ROUTE]


def test_no_village_or_no_route_at_all_gives_an_empty_tree() -> None:
    assert len(tree(3, {(0, 1): 1}, [0], []).parent) == 0
    assert len(tree(3, {(1, 2): 1}, [0], [2]).parent) == 0


def made(seed: int, points: int = 9, villages: int = 4, nodes: int = 2) -> tuple[Array, Array, Array]:
    """A connected network of random points: a ring and as many chords."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 1000, (points, 2))
    matrix = np.zeros((points, points))
    ring = random.permutation(points)
    chords = random.integers(0, points, (points, 2))
    for a, b in [*zip(ring, np.roll(ring, 1), strict=True), *chords]:
        if a != b:
            matrix[min(a, b), max(a, b)] = np.hypot(*(xy[a] - xy[b]))
    order = random.permutation(points)
    return matrix, order[:nodes], order[nodes : nodes + villages]


def shortest(matrix: Array, roots: Array, villages: Array) -> float:
    """The Steiner tree by brute force: the shortest spanning tree over every choice of further points."""
    length = np.where(matrix > 0, matrix, np.inf)
    length = np.minimum(length, length.T)
    first = roots[0]
    for root in roots[1:]:  # nodes are joined already: one point
        length[first] = np.minimum(length[first], length[root])
        length[:, first] = length[first]
    free = [point for point in range(len(matrix)) if point not in {*roots, *villages}]
    best = np.inf
    for count in range(len(free) + 1):
        for extra in itertools.combinations(free, count):
            inside, outside, total = [first], {*villages, *extra}, 0.0
            while outside and total < best:
                step, point = min((length[inside][:, p].min(), p) for p in outside)
                total += step
                inside.append(point)
                outside.remove(point)
            best = min(best, total)
    return float(best)


def test_made_networks_against_the_brute_force_answer() -> None:
    """Mehlhorn's bound is 2 (1 - 1 / leaves); on small road-like networks it is far better than that."""
    ratios = []
    for seed in range(150):
        matrix, roots, villages = made(seed)
        built = shared_tree(csr_array(matrix), roots, villages).length_m.sum()
        ratios.append(built / shortest(matrix, roots, villages))
    assert min(ratios) > 1 - 1e-9
    assert max(ratios) < 2 * (1 - 1 / 5)
    assert np.mean(ratios) < 1.02
    assert np.mean(np.array(ratios) < 1 + 1e-9) > 0.8


@pytest.mark.parametrize("seed", range(30))
def test_where_the_network_is_itself_a_tree_the_answer_is_exact(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = 10
    matrix = np.zeros((points, points))
    for point in range(1, points):
        matrix[random.integers(0, point), point] = random.integers(10, 1000)
    order = random.permutation(points)
    built = shared_tree(csr_array(matrix), order[:1], order[1:6])
    assert built.length_m.sum() == pytest.approx(shortest(matrix, order[:1], order[1:6]))


@pytest.mark.parametrize("seed", range(30))
def test_what_must_always_hold_of_a_tree(seed: int) -> None:
    matrix, roots, villages = made(seed, points=40, villages=12, nodes=3)
    built = shared_tree(csr_array(matrix), roots, villages)
    assert (built.terminal_piece >= 0).all()
    assert (built.parent < np.arange(len(built.parent))).all()
    both = np.maximum(matrix, matrix.T)
    for piece, path in enumerate(built.paths):
        assert built.length_m[piece] == pytest.approx(sum(both[a, b] for a, b in itertools.pairwise(path)))
        above = built.parent[piece]
        assert path[0] == (built.root[piece] if above == NO_PARENT else built.paths[above][-1])
    assert [built.paths[piece][-1] for piece in built.terminal_piece] == villages.tolist()
    # every piece is there for some village
    leaves = set(range(len(built.parent))) - set(built.parent.tolist())
    assert leaves <= set(built.terminal_piece.tolist())
    # an edge in either direction is the same edge
    turned = shared_tree(csr_array(matrix.T.copy()), roots, villages)
    assert turned.length_m.sum() == pytest.approx(built.length_m.sum())
