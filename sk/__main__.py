"""`python -m sk` is the command `sk`."""

from sk.cli import main

main()
