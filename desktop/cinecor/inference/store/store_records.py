"""`StoreRecords`: the small files of the model store: which model is active, and whose models are taken."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cinecor.durable_file import replace_file
from cinecor.errors import ModelRefused
from cinecor.file_format import newer_writer, this_version
from cinecor.inference.package.signature import Trust
from cinecor.message import Message

BUNDLED: Final = "bundled"
"""What the model that ships with Cinecor is called among those installed."""

_FORMAT: Final = 1  # of the records; grows when an older Cinecor must not read or write them
_ACTIVE: Final = "active.json"
_TRUST: Final = "trust.json"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = _FORMAT
    written_by: str = ""  # for people

    def content(self) -> bytes:
        """Return what its file holds when this version writes it."""
        record = self.model_copy(update={"format": _FORMAT, "written_by": this_version()})
        return (record.model_dump_json(indent=2) + "\n").encode()


class Active(_Record):
    """Which model is active, and which was before: a digest each, or `BUNDLED`."""

    active: str = Field(BUNDLED, pattern=f"^({BUNDLED}|[0-9a-f]{{64}})$")
    previous: str | None = Field(None, pattern=f"^({BUNDLED}|[0-9a-f]{{64}})$")


class _TrustRecord(_Record):
    keys: tuple[str, ...] = ()
    required: bool = False


class StoreRecords:
    """The records in the folder of a store, which need not exist.

    Everything that reads raises `ModelRefused` where a record cannot be read: that is no consent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def active(self) -> Active:
        """Return which model is active and which was before."""
        path = self._folder / _ACTIVE
        self._require_known(path)
        try:
            return Active.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return Active()
        except (OSError, ValidationError) as error:
            raise ModelRefused(
                Message(
                    "active_unreadable",
                    "{path} is unreadable, so it is not known which model is active; "
                    "run “cinecor model activate {bundled}” or name another that “cinecor model list” shows.",
                    path=path,
                    bundled=BUNDLED,
                )
            ) from error

    def trust(self) -> Trust:
        """Return whose models are taken."""
        path = self._folder / _TRUST
        self._require_known(path)
        try:
            record = _TrustRecord.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Trust()
        except NotADirectoryError as error:
            raise ModelRefused(below_a_file(self._folder)) from error
        except (OSError, ValidationError) as error:
            raise ModelRefused(
                Message(
                    "trust_unreadable",
                    "{path} is unreadable, so it is not known whose models may be used; "
                    "run “cinecor model trust KEY” again.",
                    path=path,
                )
            ) from error
        return Trust(frozenset(record.keys), record.required)

    def write_active(self, record: Active) -> None:
        """Make a record of the active model the one that is read from now on."""
        replace_file(self._folder / _ACTIVE, record.content())

    def write_trust(self, trust: Trust) -> None:
        """Make a record of whose models are taken the one that is read from now on."""
        record = _TrustRecord(keys=tuple(sorted(trust.keys)), required=trust.required)
        replace_file(self._folder / _TRUST, record.content())

    def require_known(self) -> None:
        """Raise `ModelRefused` when a newer Cinecor wrote a record in a way that this one does not know."""
        for name in (_ACTIVE, _TRUST):
            self._require_known(self._folder / name)

    def _require_known(self, path: Path) -> None:
        version = newer_writer(path, known=_FORMAT)
        if version is not None:
            raise ModelRefused(
                Message(
                    "store_of_newer",
                    "The models in {folder} belong to a newer Cinecor ({version}), and this one leaves them as they "
                    "are; install that version again, or set CINECOR_HOME to another folder.",
                    folder=self._folder,
                    version=version,
                )
            )


def below_a_file(folder: Path) -> Message:
    """Return why there can be no store in a folder that lies below a file."""
    return Message(
        "store_below_file",
        "{folder} lies below a file, where no models can be kept; set CINECOR_HOME to another folder.",
        folder=folder,
    )
