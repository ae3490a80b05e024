"""Where fibre may run: along roads, or in straight lines over land."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Polygon, box

from coverage.base.errors import InputError
from coverage.rollout.network import filled_land, road_network, straight_network
from coverage.rollout.trees import NO_ROUTE, shared_tree


def test_a_straight_route_is_the_line_times_the_factor() -> None:
    lines = straight_network(np.array([[3000.0, 4000.0]]), np.array([[0.0, 0.0]]), factor=1.3)
    assert shared_tree(lines.lengths, lines.node_points, lines.village_points).length_m.tolist() == [6500]


def test_villages_in_a_row_hang_on_each_other() -> None:
    villages = np.array([[1000.0, 0], [2000.0, 0], [3000.0, 0]])
    lines = straight_network(villages, np.array([[0.0, 0.0]]), factor=1.0)
    tree = shared_tree(lines.lengths, lines.node_points, lines.village_points)
    assert tree.length_m.tolist() == pytest.approx([1000, 1000, 1000])


@pytest.mark.parametrize("seed", range(10))
def test_straight_lines_hold_the_shortest_spanning_tree(seed: int) -> None:
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import cdist

    xy = np.random.default_rng(seed).uniform(0, 1000, (40, 2))
    lines = straight_network(xy[1:], xy[:1], factor=1.0)
    tree = shared_tree(lines.lengths, lines.node_points, lines.village_points)
    assert tree.length_m.sum() == pytest.approx(minimum_spanning_tree(cdist(xy, xy)).sum())


BAY = Polygon([(0, 0), (10_000, 0), (10_000, 10_000), (0, 10_000), (0, 8000), (8000, 8000), (8000, 2000), (0, 2000)])
"""A bay opens to the west between y = 2 and 8 km; its head is at x = 8 km."""


def test_no_route_across_the_sea_unless_allowed() -> None:
    village, node = np.array([[1000.0, 9000.0]]), np.array([[1000.0, 1000.0]])
    dry = straight_network(village, node, 1.0, land=BAY, water_m=500)
    tree = shared_tree(dry.lengths, dry.node_points, dry.village_points)
    assert tree.terminal_piece.tolist() == [NO_ROUTE]
    wet = straight_network(village, node, 1.0)
    assert shared_tree(wet.lengths, wet.node_points, wet.village_points).length_m.tolist() == [8000]


def test_round_the_bay_by_way_of_other_villages() -> None:
    villages = np.array([[1000.0, 9000.0], [9000.0, 1000.0], [9000.0, 9000.0]])
    dry = straight_network(villages, np.array([[1000.0, 1000.0]]), 1.0, land=BAY, water_m=500)
    tree = shared_tree(dry.lengths, dry.node_points, dry.village_points)
    assert tree.length_m.sum() == pytest.approx(24_000)


def test_a_river_is_no_sea_and_a_hole_in_the_land_is_not_water() -> None:
    banks = shapely.union_all([box(0, 0, 1000, 1000), box(1300, 0, 2000, 1000)])
    ends = np.array([[1500.0, 500.0]]), np.array([[500.0, 500.0]])
    across = straight_network(*ends, 1.0, land=banks, water_m=500)
    assert across.lengths.nnz == 1
    assert straight_network(*ends, 1.0, land=banks, water_m=200).lengths.nnz == 0
    ring = box(0, 0, 3000, 3000) - box(1000, 1000, 2000, 2000)
    assert filled_land(np.array([ring])).area == 9_000_000


def test_roads_are_followed_and_places_join_at_the_nearest_spot() -> None:
    """A road of 4 km; a node at its west end, a village 300 m north of its east end."""
    roads = np.array([LineString([(0, 0), (4000, 0)])])
    net = road_network(roads, np.array([[4000.0, 300.0]]), np.array([[0.0, 0.0]]), factor=2.0)
    tree = shared_tree(net.lengths, net.node_points, net.village_points)
    assert tree.length_m.tolist() == pytest.approx([4000 + 2 * 300], abs=0.01)


def test_roads_meet_where_they_share_a_point_and_not_at_a_bridge() -> None:
    crossing = [LineString([(0, 0), (2000, 0)]), LineString([(1000, -1000), (1000, 1000)])]
    villages, nodes = np.array([[1000.0, 1000.0]]), np.array([[0.0, 0.0]])
    bridge = road_network(np.array(crossing), villages, nodes, 1.0)
    tree = shared_tree(bridge.lengths, bridge.node_points, bridge.village_points)
    # the points every 100 m make the two roads share (1000, 0) by chance; 3 m further north they do not
    apart = road_network(np.array([LineString([(0, 3), (2003, 3)]), crossing[1]]), villages, nodes, 1.0)
    assert tree.terminal_piece.tolist() == [0]
    separate = shared_tree(apart.lengths, apart.node_points, apart.village_points)
    assert separate.terminal_piece.tolist() == [NO_ROUTE]


def test_multilines_and_heights_are_taken_and_nothing_at_all_is_refused() -> None:
    roads = np.array([MultiLineString([[(0, 0, 5), (1000, 0, 9)], [(1000, 0, 9), (2000, 0, 5)]])])
    net = road_network(roads, np.array([[2000.0, 0.0]]), np.array([[0.0, 0.0]]), 1.0)
    tree = shared_tree(net.lengths, net.node_points, net.village_points)
    assert tree.length_m.tolist() == pytest.approx([2000], abs=0.01)
    with pytest.raises(InputError, match="no_roads"):
        road_network(np.array([box(0, 0, 1, 1)]), np.zeros((0, 2)), np.zeros((0, 2)), 1.0)
