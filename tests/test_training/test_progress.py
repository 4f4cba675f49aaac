import io

from rich.console import Console

from training.progress import PlainLines, Silence, TerminalBar, choose_progress


def test_silence_passes_everything_on_and_says_nothing(capsys):
    progress = Silence()
    progress.step("reading")
    assert list(progress.track([1, 2, 3], "evaluate")) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")


def test_plain_lines_tell_each_stage_and_each_tenth():
    stream = io.StringIO()
    progress = PlainLines(stream)
    progress.step("reading")
    assert list(progress.track(range(2_000), "evaluate")) == list(range(2_000))
    lines = stream.getvalue().splitlines()
    assert (lines[0], lines[1], len(lines)) == ("reading", "evaluate: 200 of 2,000", 11)


def test_short_work_is_told_item_by_item():
    stream = io.StringIO()
    assert list(PlainLines(stream).track("abc", "evaluate")) == ["a", "b", "c"]
    assert stream.getvalue().splitlines()[-1] == "evaluate: 3 of 3"


def test_no_work_is_no_line():
    stream = io.StringIO()
    assert list(PlainLines(stream).track([], "evaluate")) == []
    assert stream.getvalue() == ""


def test_a_bar_passes_everything_on_and_names_the_stage():
    stream = io.StringIO()
    progress = TerminalBar(Console(file=stream, force_terminal=True, width=80))
    progress.step("fitting [agency] on all rows")
    assert list(progress.track([1, 2], "evaluate [1]")) == [1, 2]
    assert "fitting [agency] on all rows" in stream.getvalue()
    assert "evaluate [1]" in stream.getvalue()


def test_a_program_gets_silence_and_a_pipe_gets_lines():
    assert isinstance(choose_progress(is_quiet=True), Silence)
    assert isinstance(choose_progress(is_quiet=False), PlainLines)
