"""`python -m moltnet`: the command line."""

from moltnet.cli.main import main

main()
