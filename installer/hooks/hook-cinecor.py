"""What the program finds by name and not by import: its version, its parts that are loaded late."""

from PyInstaller.utils.hooks import collect_submodules, copy_metadata

datas = copy_metadata("cinecor")
hiddenimports = collect_submodules("cinecor")
