from sqlalchemy import true

from service.auditing.accuracy import list_drawn, list_suspects, measure_accuracy, measure_agreement_of_heads


def test_only_blind_labels_say_how_right_automatic_answers_are(town):
    for number in range(40):
        name = f"r{number}"
        town.add(name)
        town.draw(name)
        if number < 30:
            town.label(name, "dinas-pupr" if number < 24 else "dinas-pendidikan", blind=True)
        else:
            # Who saw the suggestion and agreed says nothing here.
            town.label(name, "dinas-pupr")
    (found,) = measure_accuracy(town.connection, true())
    assert (found.head, found.quarter, found.bundle, found.n_drawn, found.estimate.n) == (
        "agency",
        "2026-Q2",
        "b1",
        40,
        30,
    )
    assert found.estimate.value == 0.8


def test_the_first_blind_label_counts(town):
    for number in range(20):
        town.add(f"r{number}")
        town.draw(f"r{number}")
        town.label(f"r{number}", "dinas-pendidikan", blind=True)
        town.label(f"r{number}", "dinas-pupr", actor="account:b", blind=True, minute=5)
    (found,) = measure_accuracy(town.connection, true())
    assert (found.estimate.n, found.estimate.value) == (20, 0.0)


def test_who_has_seen_the_suggestion_is_not_asked_blind(town):
    for name in ("a", "b", "c"):
        town.add(name)
        town.draw(name)
    town.label("a", "dinas-pupr", actor="account:x")
    town.label("b", "dinas-pupr", actor="account:y", blind=True)
    assert [one.feedback_id for one in list_drawn(town.connection, true(), "account:x", 10)] == ["c"]
    assert [one.feedback_id for one in list_drawn(town.connection, true(), "account:z", 10)] == ["a", "c"]


def test_officers_agree_by_their_last_words_on_reports_that_several_labelled(town):
    for name in ("a", "b", "c"):
        town.add(name)
    town.label("a", "dinas-pendidikan", actor="account:x")
    town.label("a", "dinas-pupr", actor="account:x", minute=1)
    town.label("a", "dinas-pupr", actor="account:y", minute=2)
    town.label("b", "dinas-kesehatan", actor="account:x")
    town.label("b", "dinas-pupr", actor="account:y")
    town.label("c", "dinas-pupr", actor="account:x")
    found = measure_agreement_of_heads(town.connection, true())["agency"]
    assert (found.n, found.observed) == (2, 0.5)


def test_what_was_taken_back_is_no_opinion(town):
    for name in ("a", "b"):
        town.add(name)
        town.label(name, "dinas-kesehatan", actor="account:x")
        town.label(name, "dinas-pupr", actor="account:x", minute=1, basis="retraction")
        town.label(name, "dinas-pupr", actor="account:y", minute=2)
    town.label("b", "dinas-perhubungan", actor="account:x", minute=3)
    found = measure_agreement_of_heads(town.connection, true())["agency"]
    assert (found.n, found.observed) == (1, 0.0)


def test_reports_handed_to_and_fro_are_suspects(town):
    for name in ("calm", "pingpong"):
        town.add(name)
    town.move("calm", ("didisposisi", "dinas-pupr"), ("dikembalikan", "dinas-pupr"))
    moves = [("didisposisi", "dinas-pupr"), ("dikembalikan", "dinas-pupr"), ("didisposisi", "dinas-kesehatan")]
    town.move("pingpong", *moves)
    (found,) = list_suspects(town.connection, true())
    assert (found.feedback_id, found.n_moves, found.agencies) == ("pingpong", 3, ("dinas-pupr", "dinas-kesehatan"))
