"""The command line. See the package's docstring."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from operations.preflight import agreement, answers, forms, requirements
from operations.preflight.findings import Finding, UnreadableError
from operations.preflight.installation import Installation, read, text_of

UNREADABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        installation = read({path: text_of(path, sys.stdin) for path in chosen.files})
    except UnreadableError as failure:
        sys.stderr.write(f"{failure}\n")
        return UNREADABLE
    wrong = 0
    for finding in _findings(installation, offline=chosen.offline):
        sys.stdout.write(f"{finding}\n")
        wrong += finding.wrong
    sys.stdout.write(f"{wrong} things are wrong\n" if wrong else "all is well\n")
    return 1 if wrong else 0


def _findings(installation: Installation, *, offline: bool) -> Iterator[Finding]:
    yield from installation.findings
    yield from requirements.check(installation)
    yield from forms.check(installation)
    yield from agreement.check(installation)
    if not offline:
        yield from answers.check(installation)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations.preflight")
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON; - is standard input")
    parser.add_argument("--offline", action="store_true", help="only read; ask nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
