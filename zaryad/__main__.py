"""`python -m zaryad` is `zaryad`."""

from zaryad.app.cli import main

main()
