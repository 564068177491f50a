"""Figures: what was measured, round for round, and what is computed of it."""

import collections
import random
import statistics
import time


class Figures:
    """Numbers by what was done, by which client, and which number it is, one for each round.

    Those of one piece of work were measured in the same rounds, so a ratio or a difference is taken within each round,
    where both had the same neighbours, and its median counts.
    """

    def __init__(self):
        self.numbers = collections.defaultdict(list)
        # Of works and clients, as they were given, and not as they were drawn.
        self.order = []

    def measure(self, rounds, turns, seconds=60):
        """Takes all turns in each round, in an order drawn anew. A turn is (work, client, function), and the function
        gives its numbers by name. When the seconds are over, there is no further round, but for three."""
        end = time.monotonic() + seconds
        for work, client, _ in turns:
            self.order.append((work, client))
        for done in range(rounds):
            if done >= 3 and time.monotonic() > end:
                return
            for work, client, turn in random.sample(turns, len(turns)):
                for name, number in turn().items():
                    self.numbers[work, client, name].append(number)

    def of(self, work, client, name="p50"):
        return self.numbers[work, client, name]

    def medians(self):
        """As a tree: work, client, name."""
        tree = {work: {} for work, _ in self.order}
        for work, client in self.order:
            tree[work][client] = {}
        for (work, client, name), numbers in self.numbers.items():
            tree[work][client][name] = statistics.median(numbers)
        return tree
