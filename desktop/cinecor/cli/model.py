"""`cinecor model`: install, check and change the model that studies are segmented with."""

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor.console import about_what, say
from cinecor.errors import ModelRefused, UsageError
from cinecor.home import home
from cinecor.inference.package.model_file import open_model_file
from cinecor.inference.package.model_package import ModelPackage, open_package, read_package
from cinecor.inference.package.signature import Trust, read_public_key
from cinecor.inference.store.model_store import ModelStore, StoredModel
from cinecor.inference.store.store_records import BUNDLED
from cinecor.message import Message, sentences

if TYPE_CHECKING:
    from cinecor.review.store.study_store import StudyStore

_DIGITS = 12  # of a digest: enough to name a model by


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the commands below `cinecor model` to its parser; `common` are options that each of them takes."""
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = actions.add_parser("list", parents=[common], help="show the models there are")
    listing.set_defaults(run=_list)
    verify = actions.add_parser("verify", parents=[common], help="check every part of the models there are, or a file")
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="model package (default: all installed)")
    verify.set_defaults(run=_verify)
    install = actions.add_parser("install", parents=[common], help="check a model package, keep it and make it active")
    install.add_argument("file", type=Path, metavar="FILE", help="model package, as export-onnx writes it")
    install.add_argument("--keep-active", action="store_true", help="do not make it active yet")
    install.set_defaults(run=_install)
    activate = actions.add_parser("activate", parents=[common], help="make an installed model active")
    activate.add_argument("model", metavar="MODEL", help=f"first digits of its digest, or “{BUNDLED}”")
    activate.set_defaults(run=_activate)
    rollback = actions.add_parser("rollback", parents=[common], help="go back to the model that was active before")
    rollback.set_defaults(run=_rollback)
    trust = actions.add_parser("trust", parents=[common], help="trust models signed with a key")
    trust.add_argument("key", metavar="KEY", help="Ed25519 public key: 64 hexadecimal digits or a file with a PEM")
    trust.add_argument(
        "--required",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether this workstation takes no other models (default: as it is)",
    )
    trust.set_defaults(run=_trust)
    drifting = actions.add_parser(
        "drift", parents=[common], help="how much readers correct the model, and whether to train anew is worth it"
    )
    drifting.set_defaults(run=_drift)


def _list(_options: argparse.Namespace) -> int:
    store = ModelStore()
    trust = store.trust()
    for stored in store.models():
        mark = "*" if stored.active else "-" if stored.previous else " "
        say(f"{mark} {_short(stored.name):{_DIGITS}}  {_description(stored, trust)}\n")
    say("* active, - previous\n")
    store.active()  # raises when it is not known
    return 0


def _verify(options: argparse.Namespace) -> int:
    store = ModelStore()
    trust = store.trust()
    if options.file is not None:
        package = read_package(options.file, trust=trust)
        say(f"{options.file}: whole; {_of_package(package, trust)}\n")
        return 0
    faults: list[Message] = []
    for stored in store.models():
        try:
            read_package(stored.path, trust=None if stored.name == BUNDLED else trust)
        except ModelRefused as error:
            faults.append(about_what(_short(stored.name), error.message))
            continue
        say(f"{_short(stored.name)}: whole; {_description(stored, trust)}\n")
    try:
        store.active()
    except ModelRefused as error:
        faults.append(error.message)
    if faults:
        raise ModelRefused(Message("models_refused", "{faults}", faults=sentences(faults)))
    return 0


def _install(options: argparse.Namespace) -> int:
    store = ModelStore()
    package = store.install(options.file, activate=not options.keep_active)
    state = "installed, not active" if options.keep_active else "installed and active"
    say(f"{_short(package.sha256)}: {state}; {_of_package(package, store.trust())}\n")
    if not options.keep_active:
        _offer_outlining(package.sha256)
    return 0


def _offer_outlining(model_sha256: str) -> None:
    """Say how many studies of this user's store another model has outlined."""
    with _kept_studies() as store:
        waiting = 0 if store is None else len(store.outlined_by_others(model_sha256))
    if waiting:
        offer = Message.counted(
            "outlined_by_others",
            "{n} study that nobody has signed was outlined by another model; the desktop offers to outline it anew.",
            "{n} studies that nobody has signed were outlined by other models; the desktop offers to outline them "
            "anew.",
            n=waiting,
        )
        say(f"{offer}\n")


def _drift(_options: argparse.Namespace) -> int:
    from cinecor.app.drift import drift

    with _kept_studies() as store:
        if store is None:
            raise UsageError(
                Message("no_kept_studies", "No study was kept on this machine yet; sign readings in the desktop first.")
            )
        active = ModelStore().active()
        found = drift(store, model_sha256=open_model_file(active.path).sha256, with_confidence=True)
    say(f"{'month':9}{'signed':>8}{'corrected':>11}{'|ΔEF| points':>14}{'known':>7}{'confidence':>12}\n")
    for month in found.months:
        points = "unknown" if month.ef_change_points is None else f"{month.ef_change_points:.1f}"
        confidence = "-" if month.confidence is None else f"{month.confidence:.2f}"
        corrected = f"{month.share_corrected:.0%} "
        say(f"{month.month:9}{month.signed:>8}{corrected:>11}{points:>14}{month.ef_known:>7}{confidence:>12}\n")
    say(f"{found.why}\n")
    return 0


@contextmanager
def _kept_studies() -> "Iterator[StudyStore | None]":
    """Open this user's store for a `with` block; None where nothing was ever kept."""
    from cinecor.review.store.database import FILE_NAME
    from cinecor.review.store.study_store import StudyStore

    if not (home() / "store" / FILE_NAME).is_file():
        yield None
        return
    with closing(StudyStore()) as store:
        yield store


def _activate(options: argparse.Namespace) -> int:
    store = ModelStore()
    trust = store.trust()  # raises before anything is changed
    return _now_active(store.activate(options.model), trust)


def _rollback(_options: argparse.Namespace) -> int:
    store = ModelStore()
    trust = store.trust()  # raises before anything is changed
    return _now_active(store.rollback(), trust)


def _now_active(stored: StoredModel, trust: Trust) -> int:
    say(f"{_short(stored.name)}: active; {_description(stored, trust)}\n")
    _offer_outlining(open_model_file(stored.path).sha256)
    return 0


def _trust(options: argparse.Namespace) -> int:
    key = read_public_key(options.key)
    trust = ModelStore().add_trust(key, required=options.required)
    rule = "only models signed with a trusted key are taken" if trust.required else "unsigned models are taken as well"
    say(f"{key}: trusted; {len(trust.keys)} trusted in all, {rule}.\n")
    return 0


def _short(name: str) -> str:
    return name if name == BUNDLED else name[:_DIGITS]


def _description(stored: StoredModel, trust: Trust) -> str:
    """Return one line on a model; on one that cannot be used, why."""
    try:
        if stored.path.suffix != ".onnx":
            return _of_package(open_package(stored.path), trust)
        model = open_model_file(stored.path)
        contract = model.checked(model.precisions[0]).contract
        return f"{contract.id} {contract.version}, {contract.precision}"
    except ModelRefused as error:
        return f"cannot be used: {error}"


def _of_package(package: ModelPackage, trust: Trust) -> str:
    manifest = package.manifest
    if package.signed_by is None:
        signed = "not signed"
    elif package.signed_by in trust.keys:
        signed = "signed with a trusted key"
    else:
        signed = f"signed with an unknown key ({package.signed_by[:_DIGITS]}…)"
    worse = ", known to be worse than the model before" if manifest.compared_with and manifest.allow_worse else ""
    precisions = ", ".join(manifest.precisions)
    return f"{manifest.id} {manifest.version} of {manifest.created}, {precisions}, {signed}{worse}"
