"""Marks a text for translation without translating it, for modules that stand below the catalogues."""


def N_(text: str) -> str:
    """Return `text` unchanged; the extractor collects it."""
    return text
