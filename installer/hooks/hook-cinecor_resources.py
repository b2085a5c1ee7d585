"""The bundled model, fonts, texts and the self-test's images."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("cinecor_resources")
