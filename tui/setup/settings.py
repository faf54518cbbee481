"""Asking for a setting until the node takes the answer."""

from __future__ import annotations

from node.control.client import ControlClient, Refused
from node.control.wire import SettingView
from tui.setup.words import Choose, Enter, Talk, asked, wronged


def settled(client: ControlClient, question: Enter | Choose) -> Talk[SettingView]:
    """Ask for the setting that is the question's key, and have it written; what does not fit is asked again.

    Nothing typed, or the question's own word for that, puts the setting's default back.
    """
    while True:
        answer = (yield from asked(question)).strip()
        nothing = isinstance(question, Enter) and question.nothing and answer.lower() in ("", question.nothing)
        try:
            return client.change_setting(question.key, None if nothing else answer)
        except Refused as error:
            question = wronged(question, error.message)
