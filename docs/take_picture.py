"""Takes docs/images/page.png: the page of a running service with a made-up report on it. ``make screenshots``.

Needs chromium and a bundle in the home folder; starts its own service on a free port and stops it again.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent / "images" / "page.png"
REPORT = "Lampu jalan dakek pasar Talawi lah saminggu mati, kalam bana malam. Tolong dipelokan, WA ambo 0812 3456 7890"


def take_picture(address: str) -> None:
    """Type the report into the page at ``address`` and keep what a person then sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(address)
        page.fill("textarea", REPORT)
        page.click("button[type=submit]")
        page.wait_for_selector("mark")
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE, full_page=True)
        browser.close()


def main() -> None:
    """Serve, take the picture, stop."""
    command = [str(Path(sys.executable).with_name("pilah")), "serve", "--train-if-missing", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  # our own command
        try:
            take_picture(_read_address(server))
        finally:
            server.terminate()


def _read_address(server: "subprocess.Popen[str]") -> str:
    """The last word of the line that says where the service is ready."""
    return next(line.split()[-1] for line in server.stdout or () if "http" in line)


if __name__ == "__main__":
    main()
