"""`SignSheet`: who signs, what they say, why with each doubt that is still open, and how many warnings are."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from cinecor.app.doubts import Doubt
from cinecor.review.ledger import Person
from cinecor.ui.look.labels import heading, quiet_label
from cinecor.ui.look.texts import said, tr, tr_counted, with_colon
from cinecor.ui.sheets.sheet import Sheet

Sign = Callable[[Person, str, dict[str, str]], None]
"""Called with who signs, the comment, and the reasons by the keys of the doubts."""


class SignSheet(Sheet):
    """Nothing can be signed before a name is given and every open doubt has its reason."""

    def __init__(
        self,
        person: Person,
        doubts: Sequence[Doubt],
        *,
        open_warnings: int,
        ejection_fractions: Sequence[str],
        difference: str,
        sign: Sign,
        parent: QWidget,
    ) -> None:
        super().__init__(tr("Sign…"), parent)
        self._sign = sign
        self._user = person.user
        content = QWidget()
        form = QFormLayout(content)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setVerticalSpacing(8)
        form.addRow(
            quiet_label(
                tr(
                    "Masks, numbers, choices and the ledger are bound by your signature, and the study is locked. "
                    "A later change begins a new version."
                )
            )
        )
        for told in ejection_fractions:
            form.addRow(QLabel(told))
        against = QLabel(difference)
        against.setWordWrap(True)
        form.addRow(against)
        self.name = QLineEdit(person.name)
        self.organisation = QLineEdit(person.organisation)
        self.comment = QPlainTextEdit()
        self.comment.setFixedHeight(64)
        self.comment.setTabChangesFocus(True)
        for text, field in (
            (tr("Name"), self.name),
            (tr("Organisation"), self.organisation),
            (tr("Comment"), self.comment),
        ):
            label = QLabel(text)
            label.setBuddy(field)
            field.setAccessibleName(text)
            form.addRow(label, field)
        self.reasons: dict[str, QLineEdit] = {}
        self.for_all = QLineEdit(content)  # who has one reason writes it once
        self.for_all.setPlaceholderText(tr("One reason for all that follow without one of their own"))
        self.for_all.setAccessibleName(self.for_all.placeholderText())
        if doubts:
            form.addRow(heading(tr("Still open: why do you sign all the same?")))
        self.for_all.setVisible(len(doubts) > 1)
        if len(doubts) > 1:
            form.addRow(self.for_all)
        for doubt in doubts:
            words = QLabel(said(doubt.message))
            words.setWordWrap(True)
            reason = QLineEdit()
            reason.setPlaceholderText(tr("Reason"))
            reason.setAccessibleName(with_colon(tr("Reason"), words.text()))
            form.addRow(words)
            form.addRow(reason)
            self.reasons[doubt.key] = reason
        if open_warnings:
            form.addRow(
                quiet_label(
                    tr_counted(
                        "{n} warning is still open; it puts no number in doubt.",
                        "{n} warnings are still open; none puts a number in doubt.",
                        n=open_warnings,
                    )
                )
            )
        self.lay(content)
        buttons = self.add_close()
        self.sign = buttons.addButton(tr("Sign"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._signed)
        for field in (self.name, self.for_all, *self.reasons.values()):
            field.textChanged.connect(self._look)
        self._look()
        self.resize(640, 400 + min(300, 64 * len(doubts)))
        (self.name if not person.name else self.comment).setFocus()

    def _reasons(self) -> dict[str, str]:
        for_all = self.for_all.text().strip()
        return {key: field.text().strip() or for_all for key, field in self.reasons.items()}

    def _look(self) -> None:
        missing = not self.name.text().strip() or not all(self._reasons().values())
        self.sign.setEnabled(not missing)
        self.sign.setToolTip(tr("Your name, and a reason for each open doubt, are needed.") if missing else "")

    def _signed(self) -> None:
        person = Person(self.name.text().strip(), self.organisation.text().strip(), self._user)
        self.accept()
        self._sign(person, self.comment.toPlainText().strip(), self._reasons())
