"""What handlers are given beside the message."""

from typing import Any

from fast_depends.library import CustomField


class Part(CustomField):
    """A parameter of a handler: what FastStream's context holds under this name.

    FastStream's own `Context` does the same, but each of its look-ups is a trip to a thread.
    """

    def __init__(self, name: str) -> None:
        super().__init__(cast=False)
        self._name = name

    async def use(self, /, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        return {**kwargs, str(self.param_name): kwargs["context__"].resolve(self._name)}
