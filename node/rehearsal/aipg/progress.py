"""What the coordinator makes of a worker's frames while a job is under way. Ids are not looked at, as in life."""

from __future__ import annotations

from collections.abc import Mapping

from node.rehearsal.aipg.queue import Ask


class Broken(Exception):
    """The coordinator trips over this frame and loses the socket."""


class Progress:
    """One attempt at a job.

    Attributes:
        frames: token frames so far.
        failed: it ended as a failure; ``client_error`` if the caller is to blame.
    """

    def __init__(self, ask: Ask) -> None:
        self.frames = 0
        self.text = ""
        self.reasoning = ""
        self.tool_calls: dict[int, dict[str, object]] = {}
        self.finish_reason = ""
        self.said: object = None
        self.cancelled = False
        self.failed = False
        self.client_error = False
        self.message = ""
        self._ask = ask

    def hear(self, frame: Mapping[str, object]) -> bool:
        """Take in a frame; whether the job has ended.

        Raises:
            Broken: ``delta`` is no object.
        """
        kind = frame.get("type")
        if kind == "token":
            self._token(frame)
        elif kind == "raw":
            self.frames += 1
            self._ask.streamed.append(frame)
        elif kind == "done":
            self._done(frame)
            return True
        elif kind == "error":
            self.failed = True
            self.client_error = bool(frame.get("client_error"))
            self.message = str(frame.get("message", ""))
            return True
        return False

    def _token(self, frame: Mapping[str, object]) -> None:
        delta = frame.get("delta", {"reasoning_content" if frame.get("reasoning") else "content": frame.get("text")})
        if not isinstance(delta, dict):
            raise Broken
        self.frames += 1
        self.text += str(delta.get("content") or "")
        self.reasoning += str(delta.get("reasoning_content") or "")
        for call in delta.get("tool_calls") or ():
            known = self.tool_calls.setdefault(call["index"], {"name": "", "arguments": ""})
            function = call.get("function", {})
            known["name"] = f"{known['name']}{function.get('name', '')}"
            known["arguments"] = f"{known['arguments']}{function.get('arguments', '')}"
        self.finish_reason = str(frame.get("finish_reason") or self.finish_reason)
        self._ask.streamed.append(delta)

    def _done(self, frame: Mapping[str, object]) -> None:
        usage = frame.get("usage")
        self.said = usage.get("completion_tokens") if isinstance(usage, dict) else None
        self.text = str(frame.get("full_text") or self.text)
        self.reasoning = str(frame.get("full_reasoning") or self.reasoning)
        self.cancelled = bool(frame.get("cancelled"))
        calls = "tool_calls" if self.tool_calls else "stop"
        self.finish_reason = str(frame.get("finish_reason") or self.finish_reason or calls)
        spoken = self.text.strip() or self.reasoning.strip() or self.tool_calls
        if not spoken and not self.cancelled and self._ask.api_format == "openai-chat":
            self.failed = True
            self.message = "empty answer"
