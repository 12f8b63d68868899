"""What a stack tells whoever watches it."""

from typing import Protocol


class Reporter(Protocol):
    """Told of every step. A step is named after its part and ends with a word: ready, done, stopped."""

    def began(self, step: str) -> None: ...

    def ended(self, step: str, word: str, detail: str = "") -> None: ...

    def notice(self, sentence: str) -> None: ...


class Silent:
    """For a stack that runs inside another program."""

    def began(self, step: str) -> None: ...

    def ended(self, step: str, word: str, detail: str = "") -> None: ...

    def notice(self, sentence: str) -> None: ...
