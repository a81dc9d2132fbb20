"""What a message calls itself."""

from app.outside.iso import xml


def definition(document: str) -> str:
    """The ISO 20022 definition of a message that was written or read here."""
    return xml.definition_of(document)
