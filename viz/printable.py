"""What names look like in pictures: printable, whatever is in them."""

__all__ = ["visible"]

JOINERS = "\u200c\u200d"  # parts of words and of emoji


def visible(name: str) -> str:
    r"""Make a name printable: what has no glyph, or no place in XML, is written as Python writes it.

    Parameters
    ----------
    name : str
        Any string.

    Returns
    -------
    str

    Examples
    --------
    >>> print(visible("x\n\x00"), visible('a"] b [<x>'))
    x\n\x00 a"] b [<x>
    """
    # As nearly all names are: of a large graph there are a hundred thousand.
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in name)
