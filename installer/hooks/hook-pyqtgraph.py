"""pyqtgraph loads Qt's OpenGL by name, even where it draws without; of its own files it needs the icons of a plot."""

from PyInstaller.utils.hooks import collect_data_files

hiddenimports = ["PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"]
datas = collect_data_files("pyqtgraph", subdir="icons")
excludedimports = ["PyQt5", "PyQt6", "PySide2"]
