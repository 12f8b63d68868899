"""What every message is: a frozen record, snake_case on NATS and camelCase on HTTP.

`Command[R]` and `Query[R]` know the type of their answer and their subject. The subject follows from the
module or package (its owner) and the class name: `shared.contracts.diary.CreateEntry` is `cmd.diary.create_entry`.
"""

import re
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """Base of all data in messages and HTTP bodies. Unknown members are ignored, never kept."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


R = TypeVar("R", bound=Record)
CONTRACTS = "shared.contracts."


class _Addressed(Record, Generic[R]):
    prefix: ClassVar[str]
    owner: ClassVar[str]
    name: ClassVar[str]
    subject: ClassVar[str]
    answer: ClassVar[type[Record]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "[" in cls.__name__ or cls.__module__ == __name__:
            return
        cls.owner, cls.name = _address(cls)
        cls.subject = f"{cls.prefix}.{cls.owner}.{cls.name}"
        cls.answer = _answer_of(cls)


def _address(message: type[BaseModel]) -> tuple[str, str]:
    """The module or package below `shared.contracts`, and the class name in snake case."""
    owner = message.__module__.removeprefix(CONTRACTS).partition(".")[0]
    return owner, re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()


def _answer_of(message: type[BaseModel]) -> type[Record]:
    for base in message.__mro__:
        arguments = getattr(base, "__pydantic_generic_metadata__", {}).get("args", ())
        if arguments:
            answer: type[Record] = arguments[0]
            return answer
    raise TypeError(f"{message.__name__} does not say what it is answered with")


class Command(_Addressed[R], Generic[R]):
    """A durable request to change something, answered with an `R`."""

    prefix = "cmd"


class Query(_Addressed[R], Generic[R]):
    """A request to read something, answered with an `R`."""

    prefix = "qry"


class Event(Record):
    """Something that has happened: `evt.<owner>.<name>`, with CloudEvents 1.0 headers."""

    owner: ClassVar[str]
    name: ClassVar[str]
    subject: ClassVar[str]
    _by_subject: ClassVar[dict[str, type["Event"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.owner, cls.name = _address(cls)
        cls.subject = f"evt.{cls.owner}.{cls.name}"
        cls._by_subject[cls.subject] = cls

    @classmethod
    def of_subject(cls, subject: str) -> "type[Event]":
        """The event class that is announced on `subject`. Raises KeyError for none."""
        return cls._by_subject[subject]


class Success(Record):
    """`{"success": true}`."""

    success: bool = True
