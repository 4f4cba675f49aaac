"""Writes service/static/vega.js anew: vega, vega-lite, vega-embed and vega's interpreter in one file of our own.

To be run when vl-convert or altair changes: ``.venv/bin/python requirements/build_vega.py``. The web process never does
this, it takes two seconds and 134 MB. The interpreter must be in the file: without it vega makes functions of texts,
which the policy of our pages forbids.
"""

from pathlib import Path

import vl_convert

TARGET = Path(__file__).parents[1] / "service" / "static" / "vega.js"


def main() -> None:
    """Build the file, and refuse one without the interpreter."""
    bundle = vl_convert.javascript_bundle()
    if "expressionInterpreter" not in bundle:
        raise SystemExit("This vl-convert bundles no vega-interpreter; charts would break the policy of the pages.")
    TARGET.write_text(bundle, encoding="utf-8")


if __name__ == "__main__":
    main()
