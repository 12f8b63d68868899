"""What an Ory server says no to. Apart from the clients, whose package is slow to import."""


class OryRefused(Exception):  # noqa: N818 - the server refused; nothing failed
    """A 4xx answer: permanent, so never worth repeating. `body` may hold what was sent: do not log it."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.body = body
