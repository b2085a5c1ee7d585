"""pydicom finds its decoders by name, and each of them asks for the version of the codec behind it."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

hiddenimports = [
    *collect_submodules("pydicom.pixels", filter=lambda name: ".tests" not in name),
    "gdcm", "_gdcm.gdcmswig", "pylibjpeg", "openjpeg", "_openjpeg", "jpeg_ls", "_CharLS",
]  # fmt: skip
datas = collect_data_files("pydicom.data", includes=["urls.json", "hashes.json"])
for codec in ("pylibjpeg", "pylibjpeg-openjpeg", "pyjpegls", "python-gdcm"):
    datas += copy_metadata(codec)
