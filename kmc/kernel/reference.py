"""The plain Python twins of the kernels: the specification, event for event, draw for draw.

Same seed, same events, same clock, bit for bit.  They keep nothing incrementally that they can do without: mainly
the order of the sites in bins or groups, because that order decides which site a draw selects.
"""

from math import inf, log

import numpy as np

from coble.kmc.kernel.states import BLOCK, n_block_of
from coble.lattices import SITE_BITS

WORD = 1 << 64


class _Reference:
    """What both twins share; see `coble.kmc.kernel._kernel` for the parameters.

    Slow: for at most some thousand sites.
    """

    def __init__(self, neighbours, code, tables, bit_generator):
        self.uniform = hasattr(neighbours, "offset")
        self.rows = rows_of(neighbours, len(code))
        self.second_rows = second_rows_of(neighbours, len(code))
        self.counted, self.gain = tables.counted.tolist(), tables.gain.tolist()
        self.code = [int(c) for c in code]
        self.unary, self.n_path, self.wide = tables.unary.tolist(), tables.n_path, tables.wide
        self.rate, self.path = rate_of(tables).tolist(), path_of(tables).tolist()
        self.reverse = neighbours.reverse(tables.n_step).tolist()
        self.quantum = tables.quantum
        self.word = bit_generator.random_raw
        self.hops = np.zeros((1 if self.wide else self.n_path, len(self.rate)), dtype=np.int64)
        self.exchanges = np.zeros(len(self.unary), dtype=np.int64)
        self.time, self.time_error, self.wait = 0.0, 0.0, None
        self.events = []  # (time, site, where its carrier went, or None for a unary event)
        self._start()

    def propensity(self, site):
        """From scratch: the sum over everything that the carrier on `site` can do."""
        code = self.code[site]
        hops = sum(self.rate[step][code][self.code[k]] for k, step in self.rows[site]) if code & 1 else 0
        return self.unary[code] + hops

    def hop_rates(self):
        """As `Kernel.hop_rates`."""
        found = np.zeros(self.hops.shape, dtype=np.uint64)
        for row, code in zip(self.rows, self.code, strict=True):
            for k, step in row if code & 1 else ():
                path = 0 if self.wide else self.path[step][code][self.code[k]]
                found[path, step] += np.uint64(self.rate[step][code][self.code[k]])
        return found

    def advance(self, until=inf, max_events=inf):
        """As `Kernel.advance`; returns the name of the reason for stopping."""
        done = 0
        while True:
            total = self._total()
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

    def _move(self, site, target, step):
        """Record a hop; the codes still stand as before it."""
        self.events.append((self.time, site, target))
        self.hops[0 if self.wide else self.path[step][self.code[site]][self.code[target]], step] += 1


def rate_of(tables):
    """Rates by class of edge and two codes, uint64 array (n_class, n_code, n_code)."""
    n_code = len(tables.unary)
    if not tables.wide:
        return np.broadcast_to(tables.rate, (tables.n_step, n_code, n_code))
    found = np.zeros((tables.n_step, n_code, n_code), dtype=np.uint64)
    found[:, 1::2, 0::2] = tables.rate[:, None, None]
    return found


def path_of(tables):
    """Path classes by class of edge and two codes, uint8 array (n_class, n_code, n_code)."""
    n_code = len(tables.unary)
    return np.broadcast_to(tables.path[:, None, None] if tables.wide else tables.path, (tables.n_step, n_code, n_code))


def rows_of(neighbours, n_site):
    """For every site its edges, (neighbour, class), in order."""
    mask = (1 << SITE_BITS) - 1
    if hasattr(neighbours, "offset"):
        basis = list(zip(neighbours.offset.tolist(), neighbours.step_class.tolist(), strict=True))
        return [[((i + o) % n_site, s) for o, s in zip(*basis[i % len(basis)], strict=True)] for i in range(n_site)]
    ends = zip(neighbours.indptr[:-1], neighbours.indptr[1:], strict=True)
    bond = neighbours.bond_class if neighbours.wide else neighbours.edge >> SITE_BITS
    target = neighbours.edge & mask
    return [list(zip(target[a:b].tolist(), bond[a:b].tolist(), strict=True)) for a, b in ends]


def second_rows_of(neighbours, n_site):
    """For every site its second neighbours, in order."""
    if getattr(neighbours, "second", None) is None:
        return [[]] * n_site
    ends = zip(neighbours.second_indptr[:-1], neighbours.second_indptr[1:], strict=True)
    return [neighbours.second[a:b].tolist() for a, b in ends]


class ReferenceBinKernel(_Reference):
    """The twin of `BinKernel`."""

    def _start(self):
        region = [c >> 1 for c in self.code]
        own = [0] * len(region)  # edges to the own region, which come first; a uniform lattice's rows stay as they are
        if not self.uniform:
            rows = list(zip(region, self.rows, strict=True))
            self.rows = [sorted(row, key=lambda edge, here=r: region[edge[0]] != here) for r, row in rows]
            own = [sum(region[k] == r for k, _ in row) for r, row in rows]
        self.kind = [(r, n, n < len(row)) for r, n, row in zip(region, own, self.rows, strict=True)]
        kinds, bins = sorted(set(self.kind)), []
        for kind in kinds:
            sites = [i for i, k in enumerate(self.kind) if k == kind]
            ways = {region[k] for i in sites for k, _ in self.rows[i][kind[1] :]}
            others = max(len(self.rows[i]) for i in sites) - kind[1]
            if self.uniform:
                ways = set(region)
            parts = [(self._most(kind[0], [kind[0]]), kind[1]), (self._most(kind[0], ways), others)]
            bins.append((kind, [i for i in sites if self.code[i] & 1], parts))
        bins.sort(key=lambda bin: -len(bin[1]) * weight_of(bin[2]))
        self.bins = [members for _, members, _ in bins]
        self.parts = [parts for _, _, parts in bins]
        self.bin_of = {kind: b for b, (kind, _, _) in enumerate(bins)}

    def _most(self, region, ways):
        """Largest rate from a region to some others."""
        return max((table[2 * region + 1][2 * k] for table in self.rate for k in ways), default=0)

    def _total(self):
        return sum(map(self.propensity, range(len(self.code))))

    def _execute(self):
        while True:
            weights = [len(members) * weight_of(parts) for members, parts in zip(self.bins, self.parts, strict=True)]
            u, b = self._below(sum(weights)), 0
            while u >= weights[b]:
                u -= weights[b]
                b += 1
            (most, own), after = self.parts[b]
            place, u = divmod(u, weight_of(self.parts[b]))
            site = self.bins[b][place]
            if u >= most * own:
                e, rest = divmod(u - most * own, after[0])
                e += own
            else:
                e, rest = divmod(u, most)
            if e >= len(self.rows[site]):
                continue
            target, step = self.rows[site][e]
            if rest < self.rate[step][self.code[site]][self.code[target]]:
                break
        self._move(site, target, step)
        self.code[site] -= 1
        self.code[target] += 1
        if self.bin_of[self.kind[target]] == b:
            self.bins[b][place] = target
        else:
            last = self.bins[b].pop()
            if place < len(self.bins[b]):
                self.bins[b][place] = last
            self.bins[self.bin_of[self.kind[target]]].append(target)


def weight_of(parts):
    """Of one member of a bin: largest rate × number of edges, over its parts."""
    return sum(most * number for most, number in parts)


class ReferenceGroupKernel(_Reference):
    """The twin of `GroupKernel`: keeps propensities, and the order of the blocks in their groups, which decides."""

    def _start(self):
        self.groups = [[] for _ in range(64)]
        self.kept = [0] * len(self.code)
        self.group_of_block = [None] * n_block_of(len(self.code))
        self.changed = {}  # blocks of which a propensity has changed, in that order
        self.touched = {}  # site -> the code it had before the change that is under way
        for site in range(len(self.code)):
            self._set(site, self.propensity(site))
        self._sort_blocks()

    def _total(self):
        return sum(self.kept)

    def _select(self):
        """A site, with probability propensity / total, and a whole number below its propensity."""
        while True:
            u = self._below(sum(len(group) << g for g, group in enumerate(self.groups)))
            for g in reversed(range(64)):
                if u < len(self.groups[g]) << g:
                    break
                u -= len(self.groups[g]) << g
            sites, rest = self._sites_of(self.groups[g][u >> g]), u & ((1 << g) - 1)
            if rest < sum(self.kept[site] for site in sites):
                break
        for site in sites:
            if rest < self.kept[site]:
                return site, rest
            rest -= self.kept[site]

    def _sites_of(self, block):
        return range(BLOCK * block, min(BLOCK * (block + 1), len(self.code)))

    def _execute(self):
        site, rest = self._select()
        code = self.code[site]
        if rest < self.unary[code]:
            self.events.append((self.time, site, None))
            self.exchanges[code] += 1
            self._toggle(site)
            self._update_propensities()
            return
        rest -= self.unary[code]
        for target, step in self.rows[site]:
            if rest < self.rate[step][code][self.code[target]]:
                break
            rest -= self.rate[step][code][self.code[target]]
        self._move(site, target, step)
        if self.counted[code] or self.counted[self.code[target] + 1]:
            self._toggle(site)
            self._toggle(target)
            self._update_propensities()
        else:
            self._hop(site, target)

    def _toggle(self, site):
        """Add or remove the carrier, and tell the neighbours that count it; `_update_propensities` is to follow."""
        code = self.code[site]
        self._touch(site, code ^ 1)
        if self.counted[code | 1]:
            shells = [k for k, _ in self.rows[site]], self.second_rows[site]
            for shell, gain in zip(shells, self.gain, strict=True):
                for k in shell:
                    if gain[self.code[k]]:
                        self._touch(k, self.code[k] + (-1 if code & 1 else 1) * gain[self.code[k]])

    def _touch(self, site, code):
        """Give a site another code."""
        self.touched.setdefault(site, self.code[site])
        self.code[site] = code

    def _update_propensities(self):
        """Propensities of the touched sites, in the order in which they were touched, then of the carriers beside them:
        edge by edge, an untouched carrier gains or loses what the way to a touched site changes."""
        for site in self.touched:
            self._set(site, self.propensity(site))
        for site, old in self.touched.items():
            new = self.code[site]
            for k, step in self.rows[site]:
                if self.code[k] & 1 and k not in self.touched:
                    back = self.rate[self.reverse[step]][self.code[k]]
                    self._set(k, self.kept[k] + back[new] - back[old])
        self.touched = {}
        self._sort_blocks()

    def _hop(self, site, target):
        """Both toggles, leaving first."""
        self.code[site] -= 1
        self._way_to(site, +1)
        self._way_to(target, -1)
        self.code[target] += 1
        self._set(site, self.propensity(site))
        self._set(target, self.propensity(target))
        self._sort_blocks()

    def _way_to(self, site, sign):
        """Edge by edge, the carriers next to an empty site gain (+1) or lose (-1) the way to it."""
        for k, step in self.rows[site]:
            if self.code[k] & 1:
                back = self.rate[self.reverse[step]][self.code[k]][self.code[site]]
                self._set(k, self.kept[k] + sign * back)

    def _set(self, site, propensity):
        """Keep a propensity; `_sort_blocks` is to follow."""
        if propensity != self.kept[site]:
            self.kept[site] = propensity
            self.changed[site // BLOCK] = None

    def _sort_blocks(self):
        """Blocks that have changed, in that order: one that changes groups is swapped out and appended."""
        for block in self.changed:
            old, total = self.group_of_block[block], sum(self.kept[site] for site in self._sites_of(block))
            new = (total - 1).bit_length() if total else None
            if new == old:
                continue
            if old is not None:
                last = self.groups[old].pop()
                if last != block:
                    self.groups[old][self.groups[old].index(block)] = last
            if new is not None:
                self.groups[new].append(block)
            self.group_of_block[block] = new
        self.changed = {}


class ReferenceScoreKernel(ReferenceGroupKernel):
    """The twin of `ScoreKernel`: sums the propensities of every path class afresh before every event."""

    def _start(self):
        super()._start()
        self._exposure, self._since, self._since_error = [0.0] * self.n_path, 0.0, 0.0

    def path_propensities(self):
        """Total propensity of every path class, a list of whole numbers."""
        found = [0] * self.n_path
        for site, code in enumerate(self.code):
            for k, step in self.rows[site] if code & 1 else ():
                found[self.path[step][code][self.code[k]]] += self.rate[step][code][self.code[k]]
        return found

    @property
    def exposure(self):
        """∫ R_c dt so far, float array (n_path,)."""
        elapsed = (self.time - self._since) - (self.time_error - self._since_error)
        totals = map(float, self.path_propensities())
        return np.array([sum_ + t * self.quantum * elapsed for sum_, t in zip(self._exposure, totals, strict=True)])

    def _execute(self):
        self._exposure, self._since, self._since_error = self.exposure.tolist(), self.time, self.time_error
        super()._execute()
