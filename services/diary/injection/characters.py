"""Characters as a reader sees them: one plain lower-case letter, however it was written."""

import unicodedata

_LOOKALIKES = {
    "a": "АаΑαɑᴀɐ",
    "b": "ВвΒβЬьʙ",
    "c": "СсϹϲᴄ",  # noqa: RUF001
    "d": "ԀԁᴅĐđ",
    "e": "ЕеΕεᴇєɛ",
    "f": "ϜϝꜰƑƒ",
    "g": "ԌԍɡɢցƓɠ",
    "h": "НнΗһհʜĦħ",
    "i": "ІіΙιӀıɩɪ",  # noqa: RUF001
    "j": "ЈјͿϳᴊ",
    "k": "КкΚκᴋ",
    "l": "ӏʟŁłւ",
    "m": "МмΜᴍ",
    "n": "ΝηпոɴŊŋ",
    "o": "ОоΟοσօᴏØø",
    "p": "РрΡρᴘ",
    "q": "Ԛԛ",
    "r": "гʀ",
    "s": "Ѕѕꜱʂ",
    "t": "ТтΤτᴛŦŧ",
    "u": "υսᴜʋ",  # noqa: RUF001
    "v": "Ѵѵνᴠ",  # noqa: RUF001
    "w": "Ԝԝѡωᴡ",
    "x": "ХхΧχ",
    "y": "УуΥүγʏ",  # noqa: RUF001
    "z": "Ζᴢƶ",
}
_EMBLEMS = (0x1F150, 0x1F170, 0x1F1E6)
"""Where the alphabets of circled, squared and flag letters begin, which have no decomposition."""
_TAGS = range(0xE0020, 0xE007F)
"""Invisible copies of ASCII."""
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u3164")
_UNSEEN_CATEGORIES = frozenset({"Mn", "Me", "Cf"})
_FORMS_KEPT = 65_536
_LONGEST_FORM = 6
"""Two ligatures stand for a whole sentence each; these separate words and are not spelled out."""


def _letters() -> dict[str, str]:
    letters = {chr(point): chr(point - 0xE0000).lower() for point in _TAGS}
    letters |= {other: letter for letter, others in _LOOKALIKES.items() for other in others}
    for start in _EMBLEMS:
        letters |= {chr(start + offset): chr(ord("a") + offset) for offset in range(26)}
    return letters


_LETTERS = _letters()


class _PlainForms(dict[int, str]):
    """The plain form of each character, found out when it is first met."""

    def __missing__(self, point: int) -> str:
        if len(self) >= _FORMS_KEPT:
            self.clear()
        character = chr(point)
        form = _LETTERS.get(character) or _simple(_simple(character).casefold())
        self[point] = form if len(form) <= _LONGEST_FORM else " "
        return self[point]


_PLAIN_FORMS = _PlainForms()


def plain(text: str) -> str:
    """Lower case, no accents, nothing invisible; full-width and look-alike letters are the Latin ones."""
    return text.lower() if text.isascii() else text.translate(_PLAIN_FORMS)


def _simple(text: str) -> str:
    return "".join(_LETTERS.get(part, part) for part in unicodedata.normalize("NFKD", text) if _seen(part))


def _seen(character: str) -> bool:
    if character in _LETTERS:
        return True
    return character not in _UNSEEN_LETTERS and unicodedata.category(character) not in _UNSEEN_CATEGORIES
