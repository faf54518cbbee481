"""Models from Hugging Face: ``<base>/<repository>/resolve/<revision>/<file>``.

The answer is a redirect to the storage; it carries ``x-linked-size`` and ``x-linked-etag`` (a large file's sha256).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from node.models.catalogue import HuggingFaceSource
from node.models.download import Downloads
from node.models.partial import Progress

INSTEAD = "take another model, or one from a file: `stoker model import FILE`"


class HuggingFace:
    """Fetches files of known size and hash.

    Args:
        base_url: another server that speaks the same way (a mirror).
        pauses, timeout: as of `Downloads`.
    """

    def __init__(
        self,
        base_url: str = "https://huggingface.co",
        *,
        pauses: Sequence[float] = (0.5, 1, 2, 4, 8),
        timeout: float = 30.0,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._downloads = Downloads(instead=INSTEAD, pauses=pauses, timeout=timeout)

    async def fetch(
        self, source: HuggingFaceSource, target: Path, *, size: int, sha256: str, progress: Progress
    ) -> None:
        """Bring the file to ``target``; see `Downloads.fetch`."""
        url = f"{self._base_url}/{source.repository}/resolve/{source.revision}/{source.file}"
        await self._downloads.fetch(url, target, size=size, sha256=sha256, progress=progress)
