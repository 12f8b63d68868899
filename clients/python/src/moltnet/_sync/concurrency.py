"""What differs between the two clients. Written by hand on both sides."""

from collections.abc import Callable
from threading import Lock
from time import sleep
from typing import TypeVar, TypeVarTuple

__all__ = ["Lock", "off_loop", "sleep"]

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


def off_loop(function: Callable[[*Ts], T], *arguments: *Ts) -> T:
    """There is no loop to keep free."""
    return function(*arguments)
