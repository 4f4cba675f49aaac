"""``python -m pilah`` is the command ``pilah``."""

from pilah.app import main

main()
