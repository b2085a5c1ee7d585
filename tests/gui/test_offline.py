"""The desktop's main flow opens no socket and writes no patient data to any log."""

import subprocess
import sys
import textwrap
from pathlib import Path

SCRIPT = """
import logging, socket, sys, time
from pathlib import Path
def refuse(*_, **__): raise RuntimeError("a socket was opened")
socket.socket.__init__ = refuse
socket.create_connection = refuse
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from cinecor.app.settings import Settings
from cinecor.ui.desktop import Desktop, make_application
application = make_application(["cinecor"])
desktop = Desktop(application, Settings(Path(sys.argv[2]) / "settings.json"))
desktop.window.show()
desktop.open(Path(sys.argv[1]))
page = desktop.window.page
def until(ready):
    end = time.monotonic() + 240
    while not ready():
        assert time.monotonic() < end, "nothing happened"
        application.processEvents()
        time.sleep(0.002)
until(lambda: page.desk.measures is not None)
desktop.window.saving.ask_folder = lambda _: Path(sys.argv[2]) / "out"
desktop.window.actions_by_name["save_results"].trigger()
until(page.messages.isVisible)
for name in ("play", "layout_3", "layout_1", "go_es"):
    desktop.window.actions_by_name[name].trigger()
    application.processEvents()
assert desktop.close()
print(page.desk.found.card.name)
"""


def test_that_the_main_flow_opens_no_socket_and_logs_no_patient(phantom_study: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(phantom_study), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    name = run.stdout.strip()
    assert name
    assert name not in run.stderr
    assert "étude" not in run.stderr
    assert (tmp_path / "out").is_dir()
