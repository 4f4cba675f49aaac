from model.shipped import datasets_folder, reference_corpus, taxonomy_in_force


def test_the_shipped_data_are_where_the_code_looks() -> None:
    assert (datasets_folder() / "lexicons" / "places.csv").is_file()
    assert reference_corpus().is_file()
    assert taxonomy_in_force().version
