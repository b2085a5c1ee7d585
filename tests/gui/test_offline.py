"""The desktop's main flow opens no socket, in no process of it, and writes no patient data to any log."""

import subprocess
import sys
import textwrap
from pathlib import Path

from offline import offline

SCRIPT = """
import logging, sys, time
from pathlib import Path
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from cinecor.app.settings import Settings
from cinecor.ui.window.application import make_application
from cinecor.ui.window.desktop import Desktop
application = make_application(["cinecor"])
# A store of its own: a study that another test has left in the shared one would be shown without the model.
home = Path(sys.argv[2])
desktop = Desktop(application, Settings(home / "settings.json"), store_folder=home / "store")
desktop.window.show()
desktop.open(Path(sys.argv[1]))
page = desktop.window.page
def until(ready):
    end = time.monotonic() + 240
    while not ready():
        assert time.monotonic() < end, "nothing happened"
        application.processEvents()
        time.sleep(0.002)
until(lambda: page.desk.review.result is not None)
desktop.window.saving.ask_folder = lambda _: home / "out"
desktop.window.actions_by_name["save_results"].trigger()
until(page.messages.isVisible)
for name in ("play", "layout_3", "layout_1", "go_es"):
    desktop.window.actions_by_name[name].trigger()
    application.processEvents()
print(page.desk.reading.study.card.name)
assert desktop.close()
"""


def test_that_the_main_flow_opens_no_socket_and_logs_no_patient(phantom_study: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(phantom_study), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=offline(tmp_path),
    )
    told = tmp_path / "told"
    assert run.returncode == 0, run.stderr
    assert len(list(told.glob("watched-*"))) >= 2, "the model's process was not watched"
    assert not list(told.glob("socket-*"))
    name = run.stdout.strip()
    assert name
    assert name not in run.stderr
    assert "étude" not in run.stderr
    assert (tmp_path / "out").is_dir()
