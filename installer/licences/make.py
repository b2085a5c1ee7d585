"""Write the notices and the bill of materials of a payload, or say what may not be in it.

`python installer/licences/make.py --payload build/installer/cinecor`, with the extra “installer”. `--site` names the
site-packages of the environment that the payload was built in, where that is another one: tools that lie beside a
library may be collected with it. Exit code 1 when a file belongs to no component, a licence is not allowed or a licence
text is missing: nothing is written then.
"""

import argparse
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contents import read_payload
from inventory import take_inventory
from notices import notices
from policy import obstacle
from sbom import sbom
from table import read_tables


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--payload", type=Path, required=True, help="folder with the program and `_internal`")
    parser.add_argument("--site", type=Path, help="site-packages it was built from (default: those of this Python)")
    options = parser.parse_args()
    tables, payload = read_tables(), read_payload(options.payload)
    installed = distributions(path=[str(options.site)]) if options.site else distributions()
    inventory = take_inventory(payload, tables, installed)
    text, missing = notices(inventory)
    refused = [obstacle(one.name, one.licence, tables) for one in inventory.components.values()]
    faults = [*inventory.faults, *(why for why in refused if why is not None), *missing]
    if faults:
        sys.stderr.write("".join(f"{fault}\n" for fault in faults))
        sys.stderr.write(f"{len(faults)} faults: the licences of {options.payload} are not in order\n")
        return 1
    version = inventory.components["Cinecor"].version
    document = sbom(inventory, payload, version=version, epoch=_time_of_source())
    (options.payload / "THIRD-PARTY-NOTICES.txt").write_text(text, encoding="utf-8", newline="\n")
    (options.payload / "sbom.cdx.json").write_text(document, encoding="utf-8", newline="\n")
    sys.stdout.write(
        f"{len(payload.places)} files and {len(payload.modules)} modules belong to {len(inventory.components)} "
        f"components with allowed licences\n"
    )
    return 0


def _time_of_source() -> int:
    """Give SOURCE_DATE_EPOCH, else the time of the commit, else 0: never now."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        show = ["git", "log", "-1", "--format=%ct"]
        given = subprocess.run(show, cwd=Path(__file__).parent, capture_output=True, text=True, check=False).stdout
    return int(given.strip() or 0)


if __name__ == "__main__":
    sys.exit(main())
