"""An AI result as one file: labels, confidence, and which model made it; damage is noticed."""

import hashlib
import json
import struct
from typing import Any, Final

import numpy as np

from cinecor.errors import InputError
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.inference.package.reliability import Reliability
from cinecor.message import Message
from cinecor.review.log.frame_code import decoded, encoded
from cinecor.review.store.message_code import message_json, message_of

_MAGIC: Final = b"CINECOR RESULT 1\n"
_LENGTH = struct.Struct("<I")


def result_bytes(segmentation: Segmentation) -> bytes:
    """Return the content of the file: a line, the facts as JSON, each frame's code, and the digest of all that."""
    slices, phases = segmentation.labels.shape[:2]
    codes = [encoded(segmentation.labels[place]) for place in np.ndindex(slices, phases)]
    model, runtime, uncertain = segmentation.model, segmentation.runtime, segmentation.uncertain_px
    facts = {
        "slices": slices,
        "phases": phases,
        "confidence": [float(value) for value in segmentation.confidence.ravel()],
        "uncertain_px": None if uncertain is None else [float(value) for value in uncertain.ravel()],
        "reliability": None if segmentation.reliability is None else segmentation.reliability.model_dump(mode="json"),
        "model": {"id": model.id, "version": model.version, "sha256": model.sha256, "precision": model.precision},
        "runtime": {
            "provider_requested": runtime.provider_requested,
            "provider_used": runtime.provider_used,
            "seconds": runtime.seconds,
            "reason": _told_json(runtime.reason),
            "fallback": _told_json(runtime.fallback),
        },
        "notes": [_told_json(note) for note in segmentation.notes],
        "doubts": [_told_json(doubt) for doubt in segmentation.doubts],
        "lengths": [len(code) for code in codes],
    }
    head = json.dumps(facts).encode()
    body = b"".join((_MAGIC, _LENGTH.pack(len(head)), head, *codes))
    return body + hashlib.sha256(body).digest()


def result_of(content: bytes) -> Segmentation:
    """Return the result, arrays read-only. Raises `InputError` for a damaged file or a newer version's."""
    body, told = content[:-32], content[-32:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != told:
        raise InputError(_damaged())
    try:
        start = len(_MAGIC) + _LENGTH.size
        (length,) = _LENGTH.unpack_from(body, len(_MAGIC))
        facts: dict[str, Any] = json.loads(body[start : start + length])
        shape = (facts["slices"], facts["phases"])
        frames, at = [], start + length
        for size in facts["lengths"]:
            frames.append(decoded(body[at : at + size]))
            at += size
        labels = np.stack(frames).reshape(*shape, *frames[0].shape)
        confidence = np.array(facts["confidence"], dtype=np.float32).reshape(shape)
        uncertain = facts.get("uncertain_px")  # older results have none
        if uncertain is not None:
            uncertain = np.array(uncertain, dtype=np.float32).reshape(*shape, len(Label))
            uncertain.setflags(write=False)
        reliability = facts.get("reliability")
        runtime = facts["runtime"]
        result = Segmentation(
            labels,
            confidence,
            ModelIdentity(**facts["model"]),
            Runtime(**{**runtime, "reason": _told_of(runtime["reason"]), "fallback": _told_of(runtime["fallback"])}),
            notes=tuple(_told_of(note) for note in facts["notes"]),
            doubts=tuple(_told_of(doubt) for doubt in facts["doubts"]),
            uncertain_px=uncertain,
            reliability=None if reliability is None else Reliability.model_validate(reliability),
        )
    except (KeyError, TypeError, ValueError, IndexError, struct.error) as error:
        raise InputError(_damaged()) from error
    labels.setflags(write=False)
    confidence.setflags(write=False)
    return result


def _told_json(told: Any) -> Any:
    return message_json(told) if isinstance(told, Message) else told


def _told_of(kept: Any) -> Any:
    return message_of(kept) if isinstance(kept, dict) else kept


def _damaged() -> Message:
    return Message("damaged_result", "The kept outlines of this study are damaged; outline it again to look at it.")
