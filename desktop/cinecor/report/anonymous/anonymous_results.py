"""`anonymous_results`: results.json without identity: no paths, no names, no free text of people."""

from collections.abc import Mapping
from typing import Any, Final

from cinecor.message import Message, Where
from cinecor.report.anonymous.pseudonym import Pseudonym
from cinecor.report.binding import bound_anew
from cinecor.report.results import AuditFacts, Fact, LeftOutFile, QualityFacts, QualityFinding, Results, StatusFacts
from cinecor.review.standing import unnamed_message
from cinecor.review.store.message_code import message_json, message_of

_BLANK: Final = "…"
_REMOVED: Final = Message("sentence_removed", "(A sentence that might name somebody was removed.)")


def anonymous_results(
    results: Results, pseudonym: Pseudonym, *, files: Mapping[str, str], keep_characteristics: bool = False
) -> Results:
    """Return the results under a pseudonym; `files` are the new names of the images that go along, by the old.

    Sentences keep their numbers, slices and phases; every name and text in them is blanked, because it may be a series
    description or a path. Who signed, and every word that a reader wrote, goes; that it was signed stays. What is left
    is bound anew, so that a change of it is still noticed.
    """
    stack = results.stack.model_copy(
        update={
            "files": [[None if name is None else files.get(name) for name in row] for row in results.stack.files],
            "series_uids": [pseudonym.uid(uid) for uid in results.stack.series_uids],
        }
    )
    anonymous = results.model_copy(
        update={
            "input": pseudonym.name,
            "input_id": None,
            "stack": stack,
            "quality": _quality(results.quality),
            "status": _status(results.status),
            "runtime": results.runtime.model_copy(
                update={"reason": "", "reason_fact": None, "fallback": None, "fallback_fact": None}
            ),
            "audit": _audit(results.audit),
            # Height, weight, sex and age are the patient's.
            "body": results.body if keep_characteristics else None,
            "reference": results.reference if keep_characteristics else None,
            "regional": None
            if results.regional is None
            else results.regional.model_copy(
                update={"reasons": [], "reason_facts": [_fact(fact) for fact in results.regional.reason_facts]}
            ),
            "valve_planes": None
            if results.valve_planes is None
            else results.valve_planes.model_copy(
                update={
                    "lines": [
                        line.model_copy(update={"series_uid": pseudonym.uid(line.series_uid)})
                        for line in results.valve_planes.lines
                    ]
                }
            ),
        }
    )
    return bound_anew(anonymous)


def _quality(quality: QualityFacts) -> QualityFacts:
    choice = [blanked(said) for said in quality.phase_choice_said]
    return quality.model_copy(
        update={
            "findings": [_finding(finding) for finding in quality.findings],
            "phase_choice": " ".join(str(message) for message in choice if message is not None),
            "phase_choice_facts": [_fact(fact) for fact in quality.phase_choice_facts],
            "phase_choice_said": [message_json(message) for message in choice if message is not None],
        }
    )


def _finding(finding: QualityFinding) -> QualityFinding:
    message = None if finding.said is None else blanked(finding.said)
    return finding.model_copy(
        update={
            "message": str(_REMOVED if message is None else message),
            "values": plain_blanked(finding.values),
            "said": message_json(_REMOVED if message is None else message),
        }
    )


def _status(status: StatusFacts | None) -> StatusFacts | None:
    if status is None:
        return None
    text = status.text
    if status.signature is not None:
        text = str(unnamed_message(version=status.version))
    return status.model_copy(update={"text": text, "signature": None, "ledger": None, "anew": []})


def _audit(audit: AuditFacts) -> AuditFacts:
    return audit.model_copy(
        update={
            "left_out": [
                LeftOutFile(
                    path=f"file {number}", reason=str(_REMOVED), code=one.code, values=plain_blanked(one.values)
                )
                for number, one in enumerate(audit.left_out, start=1)
            ],
            "warnings": [str(_REMOVED) for _ in audit.warnings],
            "warning_facts": [_fact(fact) for fact in audit.warning_facts],
            "warnings_said": [message_json(blanked(said) or _REMOVED) for said in audit.warnings_said],
        }
    )


def _fact(fact: Fact) -> Fact:
    return Fact(code=fact.code, values=plain_blanked(fact.values))


def blanked(said: Mapping[str, Any]) -> Message | None:
    """Return a kept message with every text in its places blanked; None for one that cannot be read."""
    try:
        return _without_texts(message_of(dict(said)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _without_texts(message: Message) -> Message:
    values = {name: _blank(value) for name, value in message.values.items()}
    return Message.restored(message.code, message.template, message.many, values)


def _blank(value: Any) -> Any:
    if isinstance(value, Message):
        return _without_texts(value)
    if isinstance(value, tuple | list):
        return tuple(_blank(one) for one in value)
    return value if isinstance(value, bool | int | float | Where) or value is None else _BLANK


def plain_blanked(values: Any) -> Any:
    """Return values of a fact with every text blanked, but for the codes of facts within."""
    if isinstance(values, dict):
        return {
            name: value if name == "code" and "values" in values else plain_blanked(value)
            for name, value in values.items()
        }
    if isinstance(values, list):
        return [plain_blanked(one) for one in values]
    return _BLANK if isinstance(values, str) else values
