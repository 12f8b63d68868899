"""What can go wrong on one machine, said to the person at the terminal."""


class StackError(Exception):
    """The stack cannot go on. Its text is the sentence shown: what is wrong, and what to do about it."""
