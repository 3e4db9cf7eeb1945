"""The plain Python twin of the kernel: the specification, event for event, draw for draw.

Same seed, same events, same clock, bit for bit.  It keeps nothing incrementally that it can do without: only the
order of the sites in their groups, because that order decides which site a draw selects.
"""

from math import inf, log

import numpy as np

WORD = 1 << 64


class ReferenceKernel:
    """See `kmc._kernel.Kernel` for the parameters; slow, for at most some thousand sites."""

    def __init__(self, indptr, edge, code, rate, unary, path, n_path, quantum, bit_generator):
        self.rows = [
            [(int(e) & (1 << 27) - 1, int(e) >> 27) for e in edge[a:b]]
            for a, b in zip(indptr[:-1], indptr[1:], strict=True)
        ]
        self.code = [int(c) for c in code]
        self.rate, self.unary, self.path, self.quantum = rate.tolist(), unary.tolist(), path.tolist(), quantum
        self.word = bit_generator.random_raw
        self.hops = np.zeros((n_path, len(rate)), dtype=np.int64)
        self.exchanges = np.zeros(len(unary), dtype=np.int64)
        self.time, self.time_error, self.wait = 0.0, 0.0, None
        self.groups = [[] for _ in range(64)]
        self.kept = [0] * len(code)
        self.events = []  # (time, site, event): where the carrier went, or None for a unary event
        for site in range(len(code)):
            self._set(site, self.propensity(site))

    def propensity(self, site):
        """From scratch: the sum over everything that the carrier on `site` can do."""
        code = self.code[site]
        hops = sum(self.rate[step][code][self.code[k]] for k, step in self.rows[site]) if code & 1 else 0
        return self.unary[code] + hops

    def advance(self, until=inf, max_events=inf):
        """As `Kernel.advance`; returns the name of the reason for stopping."""
        done = 0
        while True:
            total = sum(self.kept)
            if self.wait is None:
                if total == 0:
                    if until < 1e300:
                        self.time, self.time_error = until, 0.0
                    return "NO_EVENT_POSSIBLE"
                self.wait = -log(1.0 - (self.word() >> 11) * 2.0**-53) / (float(total) * self.quantum)
            corrected = self.wait - self.time_error
            later = self.time + corrected
            if later > until:
                if until > self.time:
                    self.wait -= until - self.time
                    self.time, self.time_error = until, 0.0
                return "REACHED_TIME"
            if done == max_events:
                return "REACHED_EVENTS"
            self.time_error = (later - self.time) - corrected
            self.time, self.wait = later, None
            self._execute()
            done += 1

    def _below(self, n):
        """A uniform whole number in [0, n)."""
        while True:
            product = self.word() * n
            if product % WORD >= (WORD - n) % n:
                return product // WORD

    def _select(self):
        """A site, with probability propensity / total, and a whole number below its propensity."""
        while True:
            u = self._below(sum(len(group) << g for g, group in enumerate(self.groups)))
            for g in reversed(range(64)):
                if u < len(self.groups[g]) << g:
                    break
                u -= len(self.groups[g]) << g
            site, rest = self.groups[g][u >> g], u & ((1 << g) - 1)
            if rest < self.kept[site]:
                return site, rest

    def _execute(self):
        site, rest = self._select()
        code = self.code[site]
        if rest < self.unary[code]:
            self.events.append((self.time, site, None))
            self.exchanges[code] += 1
            self.code[site] ^= 1
            self._neighbours_of(site, self.code[site] & ~1, -1 if self.code[site] & 1 else +1)
            self._set(site, self.propensity(site))
            return
        rest -= self.unary[code]
        for target, step in self.rows[site]:
            if rest < self.rate[step][code][self.code[target]]:
                break
            rest -= self.rate[step][code][self.code[target]]
        self.events.append((self.time, site, target))
        self.hops[self.path[code][self.code[target]], step] += 1
        # In two stages, leaving first: a neighbour of both may change groups twice, and that order counts.
        self.code[site] -= 1
        self._neighbours_of(site, self.code[site], +1)
        self._neighbours_of(target, self.code[target], -1)
        self.code[target] += 1
        new_site, new_target = self.propensity(site), self.propensity(target)
        self._hand_over(site, new_site, target, new_target)

    def _neighbours_of(self, site, empty_code, sign):
        """Edge by edge, the carriers next to `site` gain (+1) or lose (-1) the way to it."""
        last = len(self.rate) - 1
        for k, step in self.rows[site]:
            if self.code[k] & 1:
                self._set(k, self.kept[k] + sign * self.rate[last - step][self.code[k]][empty_code])

    def _group_of(self, propensity):
        return (propensity - 1).bit_length()

    def _hand_over(self, site, new_site, target, new_target):
        """The carrier takes its place in the group along with it, when the group stays the same."""
        old = self.kept[site]
        if new_site == 0 and self.kept[target] == 0 and new_target and self._group_of(new_target) == self._group_of(old):
            group = self.groups[self._group_of(old)]
            group[group.index(site)] = target
            self.kept[site], self.kept[target] = 0, new_target
        else:
            self._set(site, new_site)
            self._set(target, new_target)

    def _set(self, site, propensity):
        """Keep a propensity; a site that changes groups is swapped out and appended."""
        old, self.kept[site] = self.kept[site], propensity
        if old and propensity and self._group_of(old) == self._group_of(propensity):
            return
        if old:
            group = self.groups[self._group_of(old)]
            last = group.pop()
            if last != site:
                group[group.index(site)] = last
        if propensity:
            self.groups[self._group_of(propensity)].append(site)
