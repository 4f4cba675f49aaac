from datetime import date

from service.charts import words_in
from service.charts.sayings import SAYINGS


def test_numbers_shares_and_days_are_written_as_the_language_does():
    indonesian, english = words_in("id"), words_in("en")
    assert indonesian.number(1234.56, 1) == "1.234,6"
    assert english.number(1234.56, 1) == "1,234.6"
    assert indonesian.percent(0.125, 1) == "12,5\u00a0%"
    assert english.percent(0.125, 1) == "12.5%"
    assert indonesian.day(date(2026, 8, 17)) == "17\u00a0Agustus\u00a02026"
    assert english.short_day(date(2026, 8, 17)) == "17\u00a0Aug\u00a02026"


def test_labels_have_names_in_both_languages_and_units_keep_theirs():
    indonesian, english = words_in("id"), words_in("en")
    assert english.label("topic", "jalan-rusak") == "Damaged roads"
    assert english.label("about", "disdukcapil") == indonesian.label("agency", "disdukcapil")
    assert english.label("about", "13.73.04") == indonesian.label("district", "13.73.04") == "Talawi"
    assert indonesian.label("topic", "topik-baru") == "topik-baru"
    for head in ("topic", "kind", "urgency", "aspect"):
        assert all((head, slug) in english.english for slug in english.taxonomy.slugs(head))


def test_every_saying_takes_the_same_values_in_both_languages():
    for name, (indonesian, english) in SAYINGS.items():
        assert _values(indonesian) == _values(english), name


def _values(saying):
    return {part.split("}")[0] for part in saying.split("{")[1:]}
