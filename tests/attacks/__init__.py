"""Every attack by SQL, in the order of the walls they try."""

from tests.attacks import books, door, tenancy

ATTACKS = (*books.ATTACKS, *door.ATTACKS, *tenancy.ATTACKS)
