"""`python -m local up | voucher | env | demo | clean`: what the Makefile calls."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the sentence for whoever comes with an older one
    sys.exit("MoltNet needs Python 3.11 or newer.")

try:
    from local.commands import main
except ModuleNotFoundError as error:
    sys.exit(f"The package {error.name} is missing: `make up` installs it, in .venv.")

if __name__ == "__main__":
    sys.exit(main())
