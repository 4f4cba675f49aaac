"""The smallest FastAPI service that takes a report: what `bench/http_cost.py` compares with.

Reads and validates a body of three fields, and answers with them. No key, no tags, no store.
"""

import argparse

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Report(BaseModel):
    """A report as a complaint app sends it."""

    text: str
    external_id: str | None = None
    channel: str | None = None


@app.post("/v1/feedback")
async def add(report: Report) -> dict[str, str | None]:
    """Answer with what was sent."""
    return {"id": report.external_id, "text": report.text, "channel": report.channel}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, log_level="warning", access_log=False)
