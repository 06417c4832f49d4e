"""Which target belongs to which track: pairs inside the gate, at the least total distance.

Pairs that nothing else competes for are taken at once. What is left falls into groups that share no
track and no target; each is solved exactly by search while all of it is small, and greedily, nearest
pair first, beyond that. Leaving a track without target costs as much as the gate, so a distant pair
never displaces two near ones.
"""

from collections import Counter

Pair = tuple[float, int, int]  # distance, track index, target index
Options = list[tuple[int, list[tuple[float, int]]]]  # track index and its (distance, target index), nearest first

EXACT_SEARCH_MAX = 512  # combinations; beyond this crowd the greedy answer is taken


def matched(pairs: list[Pair], gate: float) -> dict[int, int]:
    """Target index by track index. Ties go to the lower indices."""
    if not pairs:
        return {}
    pairs.sort()
    rivals = Counter([pair[2] for pair in pairs])
    if len({pair[1] for pair in pairs}) == len(pairs) == len(rivals):
        return {track: target for _, track, target in pairs}
    options: dict[int, list[tuple[float, int]]] = {}
    for distance, track, target in pairs:
        options.setdefault(track, []).append((distance, target))
    found: dict[int, int] = {}
    contested: Options = []
    combinations = 1
    for track, choices in options.items():
        if len(choices) == 1 and rivals[choices[0][1]] == 1:
            found[track] = choices[0][1]
        else:
            contested.append((track, choices))
            combinations *= len(choices) + 1
    if combinations > EXACT_SEARCH_MAX:
        return _greedy(pairs)
    for group in _groups(contested):
        found.update(_searched(group, gate))
    return found


def _groups(options: Options) -> list[Options]:
    """The options in groups that share no target, each in the order given."""
    groups: list[tuple[set[int], Options]] = []
    for option in options:
        wanted = {target for _, target in option[1]}
        members: Options = []
        apart = []
        for group in groups:
            if group[0].isdisjoint(wanted):
                apart.append(group)
            else:
                wanted |= group[0]
                members += group[1]
        members.append(option)
        groups = [*apart, (wanted, members)]
    order = {option[0]: rank for rank, option in enumerate(options)}
    return [sorted(members, key=lambda option: order[option[0]]) for _, members in groups]


def _greedy(pairs: list[Pair]) -> dict[int, int]:
    """Nearest pair first."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, track, target in pairs:
        if track not in found and target not in taken:
            found[track] = target
            taken.add(target)
    return found


def _searched(options: Options, gate: float) -> dict[int, int]:
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
