import pytest
from sqlalchemy import delete, select, update

from service import tables
from service.engine import reading, writing
from service.ledger.verifying import verify_ledger

LEDGER = tables.ledger.c


def verify(engine):
    with reading(engine) as connection:
        return list(verify_ledger(connection))


@pytest.fixture
def chains(write):
    write("a", 1, 2)
    write("b", 3)
    write("a", 4)


@pytest.mark.usefixtures("chains")
def test_a_ledger_that_nobody_touched_is_whole(engine):
    assert verify(engine) == []


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize("column", ["content", "actor", "type", "bundle", "feedback_id", "text_digest"])
def test_an_entry_changed_afterwards_is_named(engine, column):
    with writing(engine) as connection:
        connection.execute(update(tables.ledger).where(LEDGER.chain == "a", LEDGER.number == 3).values({column: "x"}))
    assert [(found.chain, found.number) for found in verify(engine)] == [("a", 3)]


@pytest.mark.usefixtures("chains")
def test_a_beginning_that_names_nothing_any_more_is_named(engine):
    with writing(engine) as connection:
        connection.execute(update(tables.ledger).where(LEDGER.chain == "b", LEDGER.number == 1).values(content="x"))
    assert [(found.chain, found.number) for found in verify(engine)] == [("b", 1)]


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_entry_taken_out_is_named(engine, number):
    with writing(engine) as connection:
        connection.execute(delete(tables.ledger).where(LEDGER.chain == "a", LEDGER.number == number))
    assert [(found.chain, found.number) for found in verify(engine)] == [("a", number)]


@pytest.mark.usefixtures("chains")
def test_entries_of_a_chain_that_is_not_listed_are_named(engine):
    with writing(engine) as connection:
        connection.execute(delete(tables.chain).where(tables.chain.c.id == "b"))
    assert [found.chain for found in verify(engine)] == ["b"]


@pytest.mark.usefixtures("chains")
def test_a_chain_names_the_heads_of_those_before_it(engine):
    with reading(engine) as connection:
        heads = dict(connection.execute(select(LEDGER.number, LEDGER.hash).where(LEDGER.chain == "a")).all())
        opening = connection.execute(select(LEDGER.content).where(LEDGER.chain == "b", LEDGER.number == 1)).scalar()
    assert opening == f'{{"heads":{{"a":"{heads[3]}"}}}}'


@pytest.mark.usefixtures("chains")
def test_a_chain_taken_away_whole_is_missed_by_one_that_began_later(engine, write):
    write("c", 5)
    with writing(engine) as connection:
        for column in (LEDGER.chain, tables.chain.c.id):
            connection.execute(delete(column.table).where(column == "b"))
    assert [(found.chain, found.number) for found in verify(engine)] == [("b", 1)]
    assert "c named it" in verify(engine)[0].fault


@pytest.mark.usefixtures("chains")
def test_a_chain_that_was_cut_is_missed_by_one_that_began_later(engine, write):
    write("c", 5)
    with writing(engine) as connection:
        connection.execute(delete(tables.ledger).where(LEDGER.chain == "a", LEDGER.number == 4))
        last = connection.execute(select(LEDGER.hash).where(LEDGER.chain == "a", LEDGER.number == 3)).scalar_one()
        cut = update(tables.chain).where(tables.chain.c.id == "a")
        connection.execute(cut.values(number=3, hash=last))
    assert [(found.chain, found.number) for found in verify(engine)] == [("a", 3)]
    write("a", 6)
    assert [found.chain for found in verify(engine)] == ["a"]
