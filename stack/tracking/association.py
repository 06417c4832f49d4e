"""Which target belongs to which track: pairs inside the gate, at the least total distance.

Pairs that nothing else competes for are taken at once. What is left is solved exactly by search
while it is small, and greedily, nearest pair first, beyond that. Leaving a track without target
costs as much as the gate, so a distant pair never displaces two near ones.
"""

Pair = tuple[float, int, int]  # distance, track index, target index

EXACT_SEARCH_MAX = 512  # combinations; beyond this crowd the greedy answer is taken


def matched(pairs: list[Pair], gate: float) -> dict[int, int]:
    """Target index by track index. Ties go to the lower indices."""
    if not pairs:
        return {}
    pairs.sort()
    if len({pair[1] for pair in pairs}) == len(pairs) == len({pair[2] for pair in pairs}):
        return {track: target for _, track, target in pairs}
    options: dict[int, list[tuple[float, int]]] = {}
    for distance, track, target in pairs:
        options.setdefault(track, []).append((distance, target))
    combinations = 1
    for choices in options.values():
        if len(choices) > 1 or sum(pair[2] == choices[0][1] for pair in pairs) > 1:
            combinations *= len(choices) + 1
    if combinations > EXACT_SEARCH_MAX:
        return _greedy(pairs)
    return _searched(list(options.items()), gate)


def _greedy(pairs: list[Pair]) -> dict[int, int]:
    """Nearest pair first."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, track, target in pairs:
        if track not in found and target not in taken:
            found[track] = target
            taken.add(target)
    return found


def _searched(options: list[tuple[int, list[tuple[float, int]]]], gate: float) -> dict[int, int]:
    """The cheapest matching, by depth-first search with the best total so far as bound."""
    best_total = gate * len(options) + 1.0
    best: dict[int, int] = {}
    chosen: dict[int, int] = {}
    taken: set[int] = set()

    def search(index: int, total: float) -> None:
        nonlocal best_total, best
        if total >= best_total:
            return
        if index == len(options):
            best_total, best = total, dict(chosen)
            return
        track, choices = options[index]
        for distance, target in choices:
            if target in taken:
                continue
            chosen[track] = target
            taken.add(target)
            search(index + 1, total + distance)
            taken.remove(target)
            del chosen[track]
        search(index + 1, total + gate)

    search(0, 0.0)
    return best
