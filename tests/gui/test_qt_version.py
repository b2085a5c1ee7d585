"""Guards against a Qt binding that cannot be used."""

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication


class _Teller(QObject):
    told = Signal(bool)


def test_that_emitting_a_signal_keeps_the_references_of_its_values(qapp: QApplication) -> None:
    """PySide6 6.12.0 loses one reference to `True` an emit on Python 3.11, and the program dies after a while."""
    if sys.version_info >= (3, 12):
        return  # `True` is immortal there
    teller = _Teller()
    before = sys.getrefcount(True)
    for _ in range(200):
        teller.told.emit(True)
    assert abs(sys.getrefcount(True) - before) < 50
