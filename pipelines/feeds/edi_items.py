"""Which item a line of an EDI message names, where it states several numbers, each with a qualifier."""

from dataclasses import dataclass

from pipelines.identifiers import GTIN_LENGTHS


@dataclass(frozen=True)
class ItemCodes:
    """The qualifiers of a standard.

    Attributes:
        gtins: of trade item numbers with a check digit, in order of preference; they are padded to 14 digits.
        others: of other numbers of items, in order of preference, after those.
        no_items: of what is no item: lots, serial numbers, orders.
    """

    gtins: tuple[str, ...]
    others: tuple[str, ...]
    no_items: frozenset[str]

    def item_of(self, identified: dict[str, str]) -> str | None:
        """The item by the order of preference, else the first number that a qualifier not known to be none bears.

        Args:
            identified: qualifier -> number.
        """
        for qualifier in (*self.gtins, *self.others):
            found = identified.get(qualifier)
            if found:
                is_gtin = qualifier in self.gtins and found.isdigit() and len(found) in GTIN_LENGTHS
                return found.zfill(14) if is_gtin else found
        return next((found for qualifier, found in identified.items() if qualifier not in self.no_items), None)
