import io
import json
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from typer.testing import CliRunner

from pilah.app import app
from service.settings import Settings

RECEIVED = datetime(2026, 9, 1, 3, tzinfo=UTC)
TEXTS = ("lubang di jalan {}", "lampu jalan {} mati", "mohon sampah {} diangkut", "kebakaran di pasar {}")


@pytest.fixture(scope="module")
def home(champion, tmp_path_factory, run_service):
    """The home of a store with 20 reports in September and 24 in October, of which 6 are emergencies."""
    home = tmp_path_factory.mktemp("report") / "home"
    with run_service(Settings(home=home, bundle=next(champion.glob("5eed*")), rate_per_minute=0)) as client:
        for place in range(44):
            at = RECEIVED + timedelta(days=place if place < 20 else place + 10)
            sent = {"text": TEXTS[place % 4].format(place), "received_at": at.isoformat(), "district": "Talawi"}
            assert client.post("/v1/feedback", sent).status_code == 201
    return home


def report(home, path, *more, month="2026-10"):
    told = ["report", "--month", month, "--home", str(home), "--out", str(path), *more]
    return CliRunner().invoke(app, told)


def test_a_report_says_what_the_store_holds(home, tmp_path):
    done = report(home, tmp_path / "r.html", "--format", "html", "--appendix", str(tmp_path / "a.json"), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["month"] == "2026-10"
    read = json.loads((tmp_path / "a.json").read_text())
    figures = {
        figure["name"]: figure
        for sentence in read["sentences"]
        for figure in sentence["figures"]
        if sentence["page"] == "mayor"
    }
    assert figures["n"]["value"] == 24
    assert figures["before"]["value"] == 20
    assert figures["change"]["value"] == 4
    assert figures["emergencies"]["value"] == 6
    assert figures["n"]["query"].startswith("GET /v1/statistics/topics?start=2026-10-01&end=2026-10-31")
    places = next(table for table in read["tables"] if table["name"] == "places")
    assert places["rows"] == [["Talawi", 24, 20, 4, 44]]


@pytest.mark.parametrize("form", ["pdf", "xlsx", "html"])
def test_the_same_store_and_month_give_the_same_bytes(home, tmp_path, form):
    for name in ("one", "two"):
        done = report(home, tmp_path / f"{name}.{form}", "--format", form)
        assert done.exit_code == 0, done.output
    assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / f"two.{form}").read_bytes()


def test_a_public_report_withholds_small_cells_and_what_would_tell_them(home, tmp_path):
    done = report(home, tmp_path / "r.xlsx", "--format", "xlsx", "--public", "--appendix", str(tmp_path / "a.json"))
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "r.xlsx").read_bytes()))
    cells = [cell.value for row in book["Topik"].iter_rows(min_row=2, min_col=2) for cell in row]
    assert not [cell for cell in cells if isinstance(cell, int | float) and 0 < cell < 5]
    assert book["Topik"].max_column == 2
    read = json.loads((tmp_path / "a.json").read_text())
    assert read["public"] is True
    assert report(home, tmp_path / "r.html", "--format", "html", "--public").exit_code == 0
    told = (tmp_path / "r.html").read_text().replace("\u00a0", " ")
    assert "Angka 12 bulan: Januari 2025 sampai Desember 2025." in told
    figures = [figure for sentence in read["sentences"] for figure in sentence["figures"]]
    counts = [figure["value"] for figure in figures if figure["name"] in {"n", "urgent", "emergencies", "overdue"}]
    assert not [value for value in counts if value is not None and 0 < value < 5]


def test_a_month_without_reports_is_told_and_one_to_come_is_refused(home, tmp_path):
    done = report(home, tmp_path / "r.html", "--format", "html", month="2024-02")
    assert done.exit_code == 0, done.output
    assert "Tidak ada laporan (0) yang masuk pada Februari" in (tmp_path / "r.html").read_text()
    to_come = (date.today().replace(day=28) + timedelta(days=40)).strftime("%Y-%m")  # noqa: DTZ011  # the command's own
    for more, said in ((["--month", to_come], "future"), (["--agency", "dinas-sihir"], "no agency")):
        refused = CliRunner().invoke(app, ["report", "--month", "2026-10", "--home", str(home), *more])
        assert refused.exit_code != 0
        assert said in str(refused.exception)


def test_what_is_no_month_or_everybodys_is_refused(home, tmp_path):
    assert report(home, tmp_path / "r.pdf", month="Oktober").exit_code == 2
    refused = report(home, tmp_path / "r.pdf", "--public", "--oversight")
    assert "exclude each other" in str(refused.exception)
    assert not (tmp_path / "r.pdf").exists()


def test_of_a_month_long_past_nobody_says_what_was_overdue(home, tmp_path):
    for month in ("2026-09", "2026-10"):
        path = tmp_path / f"{month}.json"
        done = report(home, tmp_path / "r.html", "--format", "html", "--appendix", str(path), month=month)
        assert done.exit_code == 0, done.output
        sentences = json.loads(path.read_text())["sentences"]
        figures = {figure["name"] for sentence in sentences for figure in sentence["figures"]}
        assert "change" in figures
        assert "overdue" not in figures


def test_what_is_not_over_or_of_one_agency_is_no_public_report(home, tmp_path):
    this_month = datetime.now(UTC).strftime("%Y-%m")
    refused = report(home, tmp_path / "r.pdf", "--public", month=this_month)
    assert "is not over" in str(refused.exception)
    refused = report(home, tmp_path / "r.pdf", "--public", "--agency", "dinas-pupr")
    assert "exclude each other" in str(refused.exception)
