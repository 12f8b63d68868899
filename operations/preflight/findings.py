"""What a check has to say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line. `about` names a service or a server, `text` what is right or wrong with it: never a secret."""

    about: str
    text: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"{'wrong' if self.wrong else 'ok':<6} {self.about}: {self.text}"


class UnreadableError(Exception):
    """A file is not what the tool can read. The text says which and why."""
