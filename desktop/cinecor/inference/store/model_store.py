"""`ModelStore`: the models installed for this user, which of them is active, and whose models are taken.

Layout of the folder: `<digest of its manifest>.cinecor` for each model, never changed once it has that name;
`active.json`, which names the active and the previous one; `trust.json`; `lock`. Every change ends in one atomic
replacement of one small file, so that a kill at any moment leaves the earlier state or the new one; the unfinished file
it may leave is removed by the next change. The bundled model belongs to the program and is always there.
"""

import contextlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cinecor.durable_file import UNFINISHED, flush_folder, write_new
from cinecor.errors import ModelRefused, OutputError, UsageError, system_reason
from cinecor.home import home
from cinecor.inference.package.model_bytes import model_bytes
from cinecor.inference.package.model_package import SUFFIX, ModelPackage, open_package, read_package
from cinecor.inference.package.signature import Trust
from cinecor.inference.store.store_lock import locked
from cinecor.inference.store.store_records import BUNDLED, Active, StoreRecords, below_a_file
from cinecor.message import Message
from cinecor_resources import bundled_model

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHORTEST = 6  # digits of a digest by which a model may be named


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One model of the store."""

    name: str  # digest of its manifest, or "bundled"
    path: Path
    active: bool
    previous: bool


class ModelStore:
    """The models of one user; `folder` need not exist."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = home() / "models" if folder is None else folder
        self._records = StoreRecords(self.folder)

    def models(self) -> list[StoredModel]:
        """Return every model, the bundled one first; whether a package is whole is not looked at.

        None is marked active when the record of the active one cannot be read.
        """
        try:
            pointer = self._records.active()
        except ModelRefused:
            pointer = None
        names = [BUNDLED]
        with contextlib.suppress(OSError):
            names += sorted(path.stem for path in self.folder.iterdir() if self._is_model(path))
        return [self._stored(name, pointer) for name in names]

    def active(self) -> StoredModel:
        """Return the active model. Raises `ModelRefused` when the record of it cannot be read."""
        pointer = self._records.active()
        return self._stored(pointer.active, pointer)

    def install(self, source: Path, *, activate: bool = True) -> ModelPackage:
        """Copy a package into the store, check the copy, and make it active unless told otherwise.

        Raises `ModelRefused` when the package is damaged, breaks the contract, is not signed as demanded or does not
        run here, and `OutputError` when the store cannot be written; the store is as it was then.
        """
        content = model_bytes(source)
        with self._changing():
            new = write_new(self.folder, content, suffix=SUFFIX)
            try:
                package = self._accepted(new, name=source.name)
                new.replace(self._path(package.sha256))
            finally:
                new.unlink(missing_ok=True)
            flush_folder(self.folder)
            if activate:
                self._point_to(package.sha256)
        return open_package(self._path(package.sha256))

    def activate(self, name: str) -> StoredModel:
        """Make a model active, named by its digest, the first digits of it, or "bundled".

        Raises `UsageError` when there is no such model or more than one, `ModelRefused` when it may not be used.
        """
        digest = self._found(name)
        with self._changing():
            self._require_usable(digest)
            self._point_to(digest)
        return self.active()

    def rollback(self) -> StoredModel:
        """Make the previous model active again; once more, and the later one is back.

        Raises `UsageError` when there is none, `ModelRefused` when it may not be used.
        """
        with self._changing():
            previous = self._records.active().previous
            if previous is None:
                raise UsageError(
                    Message(
                        "no_model_before",
                        "No other model was active before; “cinecor model list” shows those installed.",
                    )
                )
            try:
                self._require_usable(previous)
            except ModelRefused as error:
                raise ModelRefused(
                    Message(
                        "model_before_unusable",
                        "The model before cannot be used; “cinecor model activate DIGITS” takes another, "
                        "“cinecor model activate {bundled}” the one that ships with Cinecor. {why}",
                        bundled=BUNDLED,
                        why=error.message,
                    )
                ) from error
            self._point_to(previous)
        return self.active()

    def trust(self) -> Trust:
        """Return whose models are taken. Raises `ModelRefused` when the record cannot be read: that is no consent."""
        return self._records.trust()

    def add_trust(self, key: str, *, required: bool | None = None) -> Trust:
        """Trust a public key (hexadecimal) from now on; `required` sets whether models must be signed.

        Raises `OutputError` when the store cannot be written.
        """
        with self._changing():
            try:
                known = self.trust()
            except ModelRefused:
                known = Trust(required=True)  # unreadable: the stricter of the two is kept
            trust = Trust(known.keys | {key}, known.required if required is None else required)
            self._records.write_trust(trust)
        return trust

    def _accepted(self, new: Path, *, name: str) -> ModelPackage:
        from cinecor.inference.device.proof import require_runnable  # of no use to who only opens a model

        package = read_package(new, trust=self.trust(), name=name)
        require_runnable(package)
        return package

    def _require_usable(self, name: str) -> None:
        if name != BUNDLED:
            read_package(self._path(name), trust=self.trust())

    def _found(self, name: str) -> str:
        names = [stored.name for stored in self.models()]
        if name not in names and len(name) < _SHORTEST:
            raise UsageError(
                Message(
                    "model_name_too_short",
                    "{name} is too short to name a model: give {bundled} or at least {digits} of the digits that "
                    "“cinecor model list” shows.",
                    name=repr(name),
                    bundled=repr(BUNDLED),
                    digits=_SHORTEST,
                )
            )
        matching = [known for known in names if known == name or (len(name) >= _SHORTEST and known.startswith(name))]
        if len(matching) > 1:
            raise UsageError(
                Message(
                    "several_models_named",
                    "{name} names more than one model here; give more of the digits that “cinecor model list” shows.",
                    name=repr(name),
                )
            )
        if not matching:
            raise UsageError(
                Message(
                    "no_model_named",
                    "{name} names no model here; give {bundled} or the first digits that “cinecor model list” shows.",
                    name=repr(name),
                    bundled=repr(BUNDLED),
                )
            )
        return matching[0]

    def _stored(self, name: str, pointer: Active | None) -> StoredModel:
        path = bundled_model() if name == BUNDLED else self._path(name)
        if pointer is None:
            return StoredModel(name, path, False, False)
        return StoredModel(name, path, name == pointer.active, name == pointer.previous)

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest}{SUFFIX}"

    @staticmethod
    def _is_model(path: Path) -> bool:
        return path.suffix == SUFFIX and _DIGEST.fullmatch(path.stem) is not None

    def _point_to(self, name: str) -> None:
        try:
            before = self._records.active()
        except ModelRefused:
            before = Active(active=name)
        record = before if before.active == name else Active(active=name, previous=before.active)
        self._records.write_active(record)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the store alone, without what a killed change left behind."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "lock"):
                self._records.require_known()
                for path in self.folder.glob(f"{UNFINISHED}*"):
                    path.unlink(missing_ok=True)
                yield
        except NotADirectoryError as error:
            raise OutputError(below_a_file(self.folder)) from error
        except OSError as error:
            raise OutputError(
                Message(
                    "store_not_changed",
                    "The models in {folder} cannot be changed ({reason}); "
                    "free space, ask for the permission or set CINECOR_HOME.",
                    folder=self.folder,
                    reason=system_reason(error),
                )
            ) from error


@contextmanager
def blamed_on_store() -> Iterator[None]:
    """Add the way back to what is wrong with an installed model."""
    try:
        yield
    except ModelRefused as error:
        raise ModelRefused(
            Message(
                "installed_model_unusable",
                "The installed model cannot be used; “cinecor model rollback” brings the one before it back. {why}",
                why=error.message,
            )
        ) from error
