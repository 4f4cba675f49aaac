"""The receiver of docs/api.md verifies what is sent."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_receiver_of_the_document_takes_a_delivery_once_and_refuses_a_forged_one(desk, receiver, texts, capsys):
    (example,) = re.findall(
        r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8").partition("## Hear of reports")[2], re.DOTALL
    )
    webhook = desk.subscribe(receiver.url)
    stored = desk.client.post("/v1/feedback", {"text": texts["lamp"]}).json()
    desk.work_off()
    ((_, headers, body),) = receiver.requests
    scope = {"SECRET": webhook["secret"]}
    exec(example, scope)  # noqa: S102  # our own document
    assert scope["receive"](headers, body.encode()) == 204
    assert scope["receive"](headers, body.encode()) == 204
    assert scope["receive"](headers, body.replace("baru", "selesai").encode()) == 401
    assert capsys.readouterr().out == f"feedback.routed {stored['id']} baru\n"
