"""Fills a database with Tryton: two warehouses, and one working day on which each kind of stock movement happens.

Started by a test as a program of its own, since Tryton and proteus keep state and give warnings:
`python tests/tryton_site.py <address of the server> <database>`. The database exists and is empty.

    2 March 2026   received   10 BOLT and 2.5 kg SALT at WH-A (input zone, then storage)
    3 March 2026   shipped    4 BOLT and 250 g SALT from WH-A to a customer (storage, output zone, customer)
    4 March 2026   moved      3 BOLT from WH-A to WH-B (over transit; they arrive on 5 March)
    6 March 2026   counted    WH-A: BOLT 2 where the books say 3, SALT 2.5 kg where they say 2.25 kg
                   returned   1 BOLT from a customer to WH-A, on 9 March 2026
                   planned    7 BOLT more from the supplier, never received
"""

import datetime as dt
import os
import sys
from decimal import Decimal
from typing import Any


def make_database(server: str, name: str) -> None:
    """Makes the tables and data of Tryton's module stock and what that needs."""
    os.environ["TRYTOND_DATABASE_URI"] = server
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    with Transaction().start(name, 0) as transaction:
        transaction.database.init()
        transaction.commit()
    pool = Pool(name)
    pool.init(update=["stock"], lang=["en"], activatedeps=True, indexes=False)
    with Transaction().start(name, 0) as transaction:
        [english] = pool.get("ir.lang").search([("code", "=", "en")])
        english.translatable = True
        english.save()
        pool.get("res.user")(login="admin", name="Administrator", administrator=True, language=english).save()
        transaction.commit()


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


def one(model: Any, *condition: Any) -> Any:
    [found] = model.find([condition])
    return found


def product(get: Any, code: str, unit: Any) -> Any:
    template = get("product.template")(name=code, code=code, default_uom=unit, type="goods", list_price=Decimal(5))
    template.save()
    return template.products[0]


class Site:
    """The company's warehouses, products and partners."""

    def __init__(self, get: Any) -> None:
        self.get = get
        location, unit = get("stock.location"), get("product.uom")
        self.a = one(location, "code", "=", "WH")
        self.a.code = "WH-A"
        self.a.save()
        [self.b] = self.a.duplicate()
        self.b.code = "WH-B"
        self.b.save()
        self.supplier_place = one(location, "code", "=", "SUP")
        self.customer_place = one(location, "code", "=", "CUS")
        self.gram = one(unit, "symbol", "=", "g")
        self.bolt = product(get, "BOLT", one(unit, "symbol", "=", "u"))
        self.salt = product(get, "SALT", one(unit, "symbol", "=", "kg"))
        self.partner = get("party.party")(name="Partner")
        self.partner.save()
        self.currency = get("company.company").find()[0].currency

    def add(self, moves: Any, item: Any, quantity: float, start: Any, end: Any, unit: Any = None) -> None:
        move = moves.new()
        move.product, move.quantity = item, quantity
        if unit:
            move.unit = unit
        move.from_location, move.to_location = start, end
        if "supplier" in (start.type, end.type) or "customer" in (start.type, end.type):
            move.unit_price, move.currency = Decimal(5), self.currency

    def receive(self) -> None:
        shipment = self.get("stock.shipment.in")(supplier=self.partner, warehouse=self.a, effective_date=day(2))
        self.add(shipment.incoming_moves, self.bolt, 10, self.supplier_place, self.a.input_location)
        self.add(shipment.incoming_moves, self.salt, 2.5, self.supplier_place, self.a.input_location)
        shipment.save()
        for button in ("receive", "do"):
            shipment.click(button)

    def ship(self) -> None:
        shipment = self.get("stock.shipment.out")(customer=self.partner, warehouse=self.a, effective_date=day(3))
        self.add(shipment.outgoing_moves, self.bolt, 4, self.a.output_location, self.customer_place)
        self.add(shipment.outgoing_moves, self.salt, 250, self.a.output_location, self.customer_place, self.gram)
        shipment.save()
        for button in ("wait", "assign_force", "pick", "pack", "do"):
            shipment.click(button)

    def move(self) -> None:
        self.get("stock.location.lead_time")(
            warehouse_from=self.a, warehouse_to=self.b, lead_time=dt.timedelta(1)
        ).save()
        start, end = self.a.storage_location, self.b.storage_location
        shipment = self.get("stock.shipment.internal")(from_location=start, to_location=end, planned_date=day(5))
        self.add(shipment.moves, self.bolt, 3, start, end)
        shipment.save()
        shipment.click("wait")
        shipment.click("assign_force")
        shipment.effective_start_date, shipment.effective_date = day(4), day(5)
        for button in ("pack", "ship", "do"):
            shipment.click(button)

    def count(self) -> None:
        inventory = self.get("stock.inventory")(location=self.a.storage_location, date=day(6), empty_quantity="keep")
        inventory.save()
        inventory.click("complete_lines")
        for line in inventory.lines:
            line.quantity = {"BOLT": 2, "SALT": 2.5}[line.product.code]
        inventory.save()
        inventory.click("confirm")

    def take_back(self) -> None:
        shipment = self.get("stock.shipment.out.return")(customer=self.partner, warehouse=self.a, effective_date=day(9))
        self.add(shipment.incoming_moves, self.bolt, 1, self.customer_place, self.a.input_location)
        shipment.save()
        for button in ("receive", "do"):
            shipment.click(button)

    def plan(self) -> None:
        shipment = self.get("stock.shipment.in")(supplier=self.partner, warehouse=self.a, planned_date=day(30))
        self.add(shipment.incoming_moves, self.bolt, 7, self.supplier_place, self.a.input_location)
        shipment.save()


def main(server: str, name: str) -> None:
    """Makes the database and lets the working day happen."""
    make_database(server, name)
    from proteus import Model
    from proteus import config as proteus_config
    from trytond.modules.company.tests.tools import create_company

    proteus_config.set_trytond(f"{server}/{name}")
    create_company()
    site = Site(Model.get)
    for step in (site.receive, site.ship, site.move, site.count, site.take_back, site.plan):
        step()


if __name__ == "__main__":
    main(*sys.argv[1:])
