"""A stored run, made again with somebody looking on: its video, and whether it came out as it was stored."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scenarios.archive import Stored
from scenarios.assembly import PreparedRun, prepare
from scenarios.commands import request_from
from scenarios.viewing.heard import Heard
from scenarios.viewing.video import part_for_videos
from scenarios.viewing.watching import Watching, filmed
from stack.vocabulary import Finding, InputError

ENDING = ".webm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A finished video: where it lies, how long it is, and in what the run is not the stored one (empty: it is)."""

    path: Path
    frames: int
    run_id: str
    remark: str


def watch(
    stored: Stored, path: Path, how: Watching, tell: Callable[[int, int], None] = lambda done, of: None
) -> Watched:
    """Make a stored run again, with somebody looking, and write what they see."""
    how.checked()
    if path.suffix != ENDING:
        problem = f"the video is WebM: name a file that ends in {ENDING}"
        raise InputError((Finding(where="--out", field=str(path), problem=problem),))
    part_for_videos()
    prepared = prepare(request_from(stored.document["request"], tuple(stored.document["costs_ns"])))
    heard = Heard()
    record = prepared.play(observe=lambda playing: heard).record
    count = filmed(prepared, record, heard, path, how, tell)
    remark = _remark(stored, prepared, record.record_hash)
    return Watched(path=path, frames=count, run_id=record.run_id, remark=remark)


def _remark(stored: Stored, prepared: PreparedRun, record_hash: str) -> str:
    """In what the run that was filmed is not the stored one, in words; empty if it is the same."""
    now, before = prepared.key.document(), stored.document["key"]
    parts = ", ".join(sorted(part for part in now if before.get(part) != now[part]))
    key = f"its key differs in {parts}" if parts else "its key is the same, so the platform differs"
    if record_hash != stored.row["record_hash"]:
        return f"the run came out otherwise than stored: {key}"
    return f"stored under another key ({parts} differ), yet the run came out the same" if parts else ""
