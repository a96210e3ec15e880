"""Matching again, in plain Python over single rows: it shares no code and no SQL with the models."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

DIRECTION = {
    "receipt_confirmed": "in",
    "shipment_confirmed": "out",
    "pick_confirmed": "none",
    "receipt_created": "none",
}
EXPECTED = {"receipt_confirmed", "shipment_confirmed", "pick_confirmed"}


class Event(NamedTuple):
    event_id: str
    event_type: str
    event_time: datetime
    facility_id: str
    document_id: str | None
    document_line: str | None
    item_id: str | None
    quantity: int | None

    @property
    def size(self) -> int | None:
        return None if self.quantity is None else abs(self.quantity)

    @property
    def place(self) -> tuple[datetime, str]:
        return self.event_time, self.event_id


class Posting(NamedTuple):
    posting_id: str
    posted_at: datetime
    facility_id: str
    event_id: str | None
    document_id: str | None
    document_line: str | None
    item_id: str | None
    posting_type: str | None
    quantity: int | None
    reverses_posting_id: str | None
    taken_from: "Posting | None" = None  # of what a standing reversal of a part takes something back

    @property
    def place(self) -> tuple[datetime, str]:
        return self.posted_at, self.posting_id

    @property
    def kind(self) -> str:
        return self.posting_type if self.posting_type in DIRECTION else ""

    @property
    def direction(self) -> str | None:
        if self.kind:
            return DIRECTION[self.kind]
        quantity = self.taken_from.quantity if self.taken_from else self.quantity
        return ("in" if quantity > 0 else "out") if quantity else None


@dataclass
class Result:
    """What came out: event -> (posting, method, posted quantity, differs), leftovers and partial events."""

    posted: dict[str, tuple[str, str, int | None, bool]] = field(default_factory=dict)
    leftover: dict[str, str] = field(default_factory=dict)
    partial: dict[str, tuple[str, int, int]] = field(default_factory=dict)


def total(postings: Iterable[Posting]) -> int:
    return abs(sum(p.quantity or 0 for p in postings))


def of_one_sign(postings: list[Posting]) -> bool:
    return len({(p.quantity or 0) > 0 for p in postings}) == 1 and all(p.quantity for p in postings)


class Matcher:
    """Walks through the steps one by one; `result` holds the outcome."""

    def __init__(self, events: list[Event], postings: list[Posting]) -> None:
        self.events = {e.event_id: e for e in sorted(events, key=lambda e: e.place)}
        self.postings = {p.posting_id: p for p in sorted(postings, key=lambda p: p.place)}
        self.result = Result()
        self.used: set[str] = set()
        self.out_of_play: set[str] = set()
        self.summed: set[tuple] = set()
        self.roles = part_roles(list(self.postings.values()))
        self._stated_reversals()
        self._parts_of_reversals()
        self._opposites()
        self.standing = [p for p in self.postings.values() if p.posting_id not in self.out_of_play]
        self._references()
        self.keyed = [p for p in self.standing if p.event_id is None and p.document_id is not None]
        self._one_to_one(differing=False)
        self._batches()
        self.keyed = [p for p in self.keyed if not p.taken_from or p.taken_from.posting_id not in self.used]
        self._splits()
        self._parts()
        self._one_to_one(differing=True)
        self._rest()

    def _stated_reversals(self) -> None:
        whole = {
            i: p
            for i, p in self.postings.items()
            if p.reverses_posting_id and self.roles.get(i) in (None, "completing")
        }
        reversals = defaultdict(list)
        for p in whole.values():
            reversals[str(p.reverses_posting_id)].append(p)

        def is_in_circle(p: Posting) -> bool:
            seen, at = {p.posting_id}, p.reverses_posting_id
            while at and at in whole:
                if at == p.posting_id:
                    return True
                if at in seen:
                    return False
                seen.add(at)
                at = whole[at].reverses_posting_id
            return False

        def stands(p: Posting) -> bool:
            return not any(stands(r) for r in reversals[p.posting_id])

        circle = {p.posting_id for p in whole.values() if is_in_circle(p)}
        for p in self.postings.values():
            takers = [] if p.posting_id in circle else [r for r in reversals[p.posting_id] if stands(r)]
            if takers:
                self.out_of_play |= {p.posting_id, takers[0].posting_id}
        for p in whole.values():
            if p.posting_id not in self.out_of_play:
                self.out_of_play.add(p.posting_id)
                self.result.leftover[p.posting_id] = "without_event"

    def _parts_of_reversals(self) -> None:
        """Those that complete a reversal share its fate; those that leave something speak of what their target speaks."""
        decided, vain = set(self.out_of_play), set(self.result.leftover)
        for name, role in self.roles.items():
            p, target = self.postings[name], self.postings[str(self.postings[name].reverses_posting_id)]
            if name in decided:
                continue
            if role == "part" and target.posting_id not in decided and target.posting_id not in self.roles:
                spoken = {k: getattr(target, k) for k in ("event_id", "document_id", "document_line", "item_id")}
                spoken |= {"facility_id": target.facility_id, "posting_type": target.posting_type}
                self.postings[name] = p._replace(**spoken, taken_from=target)
                continue
            self.out_of_play.add(name)
            last = [
                n
                for n, r in self.roles.items()
                if r == "completing" and self.postings[n].reverses_posting_id == target.posting_id
            ]
            if role != "sharing" or last[0] in vain:
                self.result.leftover[name] = "without_event"

    def _opposites(self) -> None:
        stacks: dict[tuple, list[str]] = defaultdict(list)
        for p in self.postings.values():
            if p.posting_id in self.out_of_play or p.taken_from or not p.quantity:
                continue
            if p.event_id is not None:
                kind = self.events[p.event_id].event_type if p.event_id in self.events else ""
                key: tuple = ("event", p.event_id)
            else:
                kind, key = p.kind, ("key", p.document_id, p.document_line, kind_of(p))
                if p.document_id is None:
                    continue
            direction = DIRECTION.get(kind)
            if direction not in ("in", "out"):
                continue
            stack = stacks[(*key, p.facility_id, p.item_id, abs(p.quantity))]
            if (p.quantity > 0) == (direction == "in"):
                stack.append(p.posting_id)
            elif stack:
                self.out_of_play |= {p.posting_id, stack.pop()}

    def _references(self) -> None:
        naming = defaultdict(list)
        for p in self.standing:
            if p.event_id is not None:
                naming[p.event_id].append(p)
        for event_id, named in naming.items():
            self.used |= {p.posting_id for p in named}
            if event_id not in self.events:
                self.result.leftover |= {p.posting_id: "without_event" for p in named}
                continue
            self._of_one_event(self.events[event_id], named)

    def _of_one_event(self, event: Event, named: list[Posting]) -> None:
        counted = [p for p in named if not p.taken_from][:1]
        if len(named) > 1 and event.size is not None and all(p.quantity is not None for p in named):
            for place, p in enumerate(named, 1):
                if abs(p.quantity or 0) == event.size and not p.taken_from:
                    counted = [p]
                    break
                if event.size and place > 1 and total(named[:place]) == event.size:
                    counted = named[:place]
                    break
            else:
                if of_one_sign(named) and total(named) < event.size:
                    self._partial(event, named)
                    return
        if counted:
            self._match(event, counted, "split" if len(counted) > 1 else "event_id")
        self.result.leftover |= {p.posting_id: "double" for p in named if p not in counted}

    def _match(self, event: Event, postings: list[Posting], method: str) -> None:
        stated = all(p.quantity is not None for p in postings)
        quantity = total(postings) if stated else None
        differs = stated and event.size is not None and quantity != event.size
        self.result.posted[event.event_id] = (postings[-1].posting_id, method, quantity, differs)
        self.used |= {p.posting_id for p in postings}

    def _partial(self, event: Event, postings: list[Posting]) -> None:
        self.result.partial[event.event_id] = (
            postings[-1].posting_id,
            total(postings),
            (event.size or 0) - total(postings),
        )
        self.result.leftover |= {p.posting_id: "partial" for p in postings}
        self.used |= {p.posting_id for p in postings}

    def _open_events(self) -> list[Event]:
        closed = {*self.result.posted, *self.result.partial}
        return [e for e in self.events.values() if e.event_id not in closed and e.document_id is not None]

    def _open_postings(self) -> list[Posting]:
        return [p for p in self.keyed if p.posting_id not in self.used]

    def _pairs(self) -> list[tuple[int, Event, Posting]]:
        found = [(tier(e, p), e, p) for e in self._open_events() for p in self._open_postings() if same_key(e, p)]
        return [(t, e, p) for t, e, p in found if t is not None]

    def _loose_pairs(self) -> list[tuple[int, int, Event, Posting]]:
        pairs = [(e, p) for e in self._open_events() for p in self._open_postings() if is_loose(e, p)]
        return [(unstated(e, p), batch_tier(e, p, is_either=True) or 0, e, p) for e, p in pairs]

    def _one_to_one(self, differing: bool) -> None:
        pairs = [
            (0, t, e, p)
            for t, e, p in self._pairs()
            if not p.taken_from
            if differing or None in (e.size, p.quantity) or e.size == abs(p.quantity or 0)
        ]
        if not differing:
            pairs += self._loose_pairs()
        for _, _, e, p in sorted(
            pairs, key=lambda pair: (*pair[:2], distance_s(*pair[2:]), pair[2].place, pair[3].place)
        ):
            if e.event_id not in self.result.posted and p.posting_id not in self.used:
                self._match(e, [p], "business_key")

    def _batches(self) -> None:
        fitting: dict[tuple, list[Event]] = {}
        for p in self._open_postings():
            if p.quantity and not p.taken_from and pattern(p) not in fitting:
                tiers = {e.event_id: batch_tier(e, p) for e in self._open_events() if e.size}
                best = min((t for t in tiers.values() if t is not None), default=None)
                fitting[pattern(p)] = [self.events[i] for i, t in tiers.items() if t is not None and t == best]
        while claims := list(self._batch_claims(fitting)):
            for rank, p, events in claims:
                if all(rank <= other for other, _, rivals in claims if set(rivals) & set(events)):
                    for e in events:
                        self.result.posted[e.event_id] = (p.posting_id, "batch_summary", e.size, False)
                    self.used.add(p.posting_id)
                    self.summed.add((pattern(p), abs(p.quantity or 0)))

    def _batch_claims(self, fitting: dict[tuple, list[Event]]) -> Iterable[tuple[tuple, Posting, list[Event]]]:
        for kind, events in fitting.items():
            left = [e for e in events if e.event_id not in self.result.posted]
            reached = {sum(e.size or 0 for e in left[:n]): n for n in range(2, len(left) + 1)}
            waiting = [p for p in self._open_postings() if pattern(p) == kind and p.quantity and not p.taken_from]
            claim = next((p for p in waiting if abs(p.quantity or 0) in reached), None)
            if claim:
                unstated = (claim.document_line is None) + (claim.item_id is None)
                yield (unstated, claim.place), claim, left[: reached[abs(claim.quantity or 0)]]

    def _splits(self) -> None:
        while claims := list(self._split_claims()):
            for e, parts in claims:
                if all(e.place <= rival.place for rival, theirs in claims if set(theirs) & set(parts)):
                    self._match(e, parts, "split")

    def _split_claims(self) -> Iterable[tuple[Event, list[Posting]]]:
        pairs = self._pairs()
        for e in self._open_events():
            own = [p for _, x, p in pairs if x == e and p.quantity]
            places = [n for n in range(2, len(own) + 1) if e.size and total(own[:n]) == e.size]
            if places:
                yield e, own[: places[0]]

    def _parts(self) -> None:
        pairs = self._pairs()
        for e in self._open_events():
            own = [p for _, x, p in pairs if x == e]
            has_rivals = any(p in own and x != e for _, x, p in pairs)
            if len(own) > 1 and not has_rivals and of_one_sign(own) and total(own) < (e.size or 0):
                self._partial(e, own)

    def _rest(self) -> None:
        for p in self.standing:
            if p.posting_id in self.used:
                continue
            shares = p.document_id is not None and any(
                (same_key(e, p) and tier(e, p) is not None) or is_loose(e, p) for e in self.events.values()
            )
            repeats = (
                p.document_id is not None and not p.taken_from and (pattern(p), abs(p.quantity or 0)) in self.summed
            )
            self.result.leftover[p.posting_id] = "double" if shares or repeats else "without_event"


def is_less_against(part: int, whole: int) -> bool:
    return 0 < -part < whole or 0 < part < -whole


def part_roles(postings: list[Posting]) -> dict[str, str]:
    """What becomes of each reversal that has less than the posting that it names; postings in their order."""
    named, whole = {p.reverses_posting_id for p in postings}, {p.posting_id: p.quantity or 0 for p in postings}
    roles: dict[str, str] = {}
    for target, size in whole.items():
        parts = [p for p in postings if p.reverses_posting_id == target and is_less_against(p.quantity or 0, size)]
        roles |= {p.posting_id: "part" for p in parts}
        counted = [p for p in parts if p.posting_id not in named]
        reached = [total(counted[: n + 1]) for n in range(len(counted))]
        for p, so_far in zip(counted, reached, strict=True):
            if so_far > abs(size):
                roles[p.posting_id] = "excess"
            elif so_far == abs(size):
                roles[p.posting_id] = "completing"
            elif abs(size) in reached:
                roles[p.posting_id] = "sharing"
    return roles


def kind_of(p: Posting) -> str:
    return p.kind


def pattern(p: Posting) -> tuple:
    return p.document_id, p.document_line, p.item_id, p.facility_id, p.kind, p.direction


def same_key(e: Event, p: Posting) -> bool:
    own = (e.document_id, e.document_line, e.item_id, e.facility_id)
    return e.document_id is not None and own == (p.document_id, p.document_line, p.item_id, p.facility_id)


def tier(e: Event, p: Posting) -> int | None:
    if p.posting_type == e.event_type:
        return 0
    if e.event_type not in EXPECTED:
        return None
    if p.direction == DIRECTION[e.event_type]:
        return 1
    is_open = p.direction is None or (DIRECTION[e.event_type] == "none" and not p.kind)
    return 2 if is_open else None


def distance_s(e: Event, p: Posting) -> float:
    return abs((p.posted_at - e.event_time).total_seconds())


def unstated(e: Event, p: Posting) -> int:
    return (e.document_line != p.document_line) + (e.item_id != p.item_id)


def is_loose(e: Event, p: Posting) -> bool:
    """Whether one of both says the same as the other and more, of one quantity that is there."""
    if p.taken_from:
        return False
    theirs, own = {e.document_line, e.item_id} - {None}, {p.document_line, p.item_id} - {None}
    is_less = own < theirs or theirs < own
    return is_less and bool(e.size) and e.size == abs(p.quantity or 0) and batch_tier(e, p, is_either=True) is not None


def batch_tier(e: Event, p: Posting, *, is_either: bool = False) -> int | None:
    stated = [(p.document_line, e.document_line), (p.item_id, e.item_id)]
    fits = e.document_id is not None and e.document_id == p.document_id and e.facility_id == p.facility_id
    is_open = lambda own, theirs: own is None or (is_either and theirs is None)  # noqa: E731
    if not fits or any(not is_open(own, theirs) and own != theirs for own, theirs in stated):
        return None
    if p.kind:
        return 0 if p.kind == e.event_type else None
    if e.event_type not in EXPECTED:
        return None
    if p.direction == DIRECTION[e.event_type]:
        return 1
    return 2 if DIRECTION[e.event_type] == "none" else None
