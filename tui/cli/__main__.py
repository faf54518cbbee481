"""``python -m tui.cli`` is ``stoker``."""

from tui.cli import main

main()
