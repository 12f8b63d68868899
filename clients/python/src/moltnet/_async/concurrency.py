"""What differs between the two clients. Written by hand on both sides."""

from anyio import Lock, sleep
from anyio.to_thread import run_sync as off_loop

__all__ = ["Lock", "off_loop", "sleep"]
