"""The software bill of materials as CycloneDX 1.6: the same payload gives the same bytes."""

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from uuid import UUID, uuid5

from contents import Payload
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component as Entry
from cyclonedx.model.component import ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import LicenseExpression
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from inventory import Component, Inventory
from packageurl import PackageURL

_SUPPLIER = OrganizationalEntity(name="The Cinecor developers")
_UNTOLD = "neither the file nor whoever built it tells which version it is"
_SPACE = UUID("5f6f3b53-3a34-5a8c-9d7e-0b1de6f0c1ce")


def sbom(inventory: Inventory, payload: Payload, *, version: str, epoch: int) -> str:
    """Give the document; `epoch` (seconds) is the time of the source.

    Raises `ValueError` when the result breaks the schema.
    """
    program = Entry(
        name="cinecor", version=version, type=ComponentType.APPLICATION, bom_ref="cinecor", supplier=_SUPPLIER
    )
    entries = [_entry(one, payload) for one in sorted(inventory.components.values(), key=lambda one: one.name.lower())]
    content = "".join(f"{entry.bom_ref}{entry.version}{list(entry.hashes)}" for entry in entries)
    bom = Bom(
        components=entries,
        serial_number=uuid5(_SPACE, version + content),
        metadata=BomMetaData(
            component=program,
            supplier=_SUPPLIER,
            tools=ToolRepository(components=[_tool("cyclonedx-python-lib"), _tool("pyinstaller")]),
            timestamp=datetime.fromtimestamp(epoch, UTC),
        ),
    )
    bom.register_dependency(program, entries)
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(f"the bill of materials breaks the CycloneDX schema: {fault}")
    return text


def _tool(name: str) -> Entry:
    """A program that made this document or what it describes."""
    return Entry(name=name, version=version_of(name), type=ComponentType.APPLICATION)


def _entry(component: Component, payload: Payload) -> Entry:
    files = [_file(place, payload) for place in component.places]
    properties = [Property(name="cinecor:modules", value=str(len(component.modules)))] if component.modules else []
    if component.inside:
        properties.append(Property(name="cinecor:linked-into", value=component.inside))
    if not component.version:  # named, so that whoever scans knows that a match by version cannot be had
        properties.append(Property(name="cinecor:version-unknown", value=_UNTOLD))
    return Entry(
        name=component.name,
        version=component.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=component.purl or f"{component.name} {component.version}".strip(),
        licenses=[LicenseExpression(component.licence)],
        copyright=component.copyright or None,
        purl=PackageURL.from_string(component.purl) if component.purl else None,
        hashes=_hashes(component, files),
        components=files,
        properties=properties,
    )


def _file(place: str, payload: Payload) -> Entry:
    digest = HashType(alg=HashAlgorithm.SHA_256, content=payload.sha256(place))
    return Entry(name=place, type=ComponentType.FILE, bom_ref=f"file:{place}", hashes=[digest])


def _hashes(component: Component, files: list[Entry]) -> list[HashType]:
    """One hash over the component's files and, where its modules are in the archive, over the list of its files."""
    parts = sorted(f"{file.name} {next(iter(file.hashes)).content}" for file in files)
    if component.distribution is not None:
        recorded = component.distribution.files or ()
        parts += sorted(f"{file} {file.hash.value}" for file in recorded if file.hash and file.suffix == ".py")
    if not parts:
        return []
    return [HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256("\n".join(parts).encode()).hexdigest())]
