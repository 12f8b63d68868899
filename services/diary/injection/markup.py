"""HTML as a person sees it. What attributes and comments say is kept: models read it too."""

import re

from services.diary.injection.characters import plain

_TAG = re.compile(r"</?([a-z][a-z0-9]{0,15})([\s/][^<>]{0,400})?>|<!--([^<>]{0,400})-->")
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?")
_WITHIN_WORDS = re.compile(r"a|b|big|code|del|em|font|i|ins|mark|s|small|span|strong|sub|sup|u|wbr")
_UNSEEN_ENTITIES = frozenset({"shy", "zwj", "zwnj", "lrm", "rlm"})
_SURROGATES = range(0xD800, 0xE000)


def visible(text: str) -> str:
    """The plain text without its tags, its entities decoded, and what they hide as lines at the end."""
    if "<" not in text and "&" not in text:
        return text
    hidden: list[str] = []

    def strip(tag: re.Match[str]) -> str:
        name, attributes, comment = tag.groups("")
        hidden.append(attributes or comment)
        return "" if not name or _WITHIN_WORDS.fullmatch(name) else " "

    body = _TAG.sub(strip, text)
    return _ENTITY.sub(_decode, "\n\n".join([body, *filter(None, hidden)]))


def _decode(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    if name is not None:
        return "" if name in _UNSEEN_ENTITIES else " "
    point = int(decimal) if decimal else int(hexadecimal, 16)
    return " " if point > 0x10FFFF or point in _SURROGATES else plain(chr(point))
