"""Counts how often written rules hold: on ordinary real reports, on the emergencies and accusations of the corpus.

    python bench/rules.py ../shared/data

Patterns were narrowed on the first 6,000 real reports and never on later ones. Nobody has labelled the urgency of real
reports, so their hits hold true emergencies too, most of them in the rainy season at the end of the year. Corpus rows
were partly read while patterns were written; a new city's emergencies will be found less often. Prints no sentence.
"""

import argparse
import csv
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from model.cleaning import clean
from model.masking import mask
from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI
from model.rulebook import RULEBOOK_FILES, Rulebook, parse_rulebook
from model.shipped import datasets_folder, reference_corpus
from model.tokens import tokenize

N_READ = 6_000
N_TIMED = 500
EFFECTS = (EFFECT_DARURAT, EFFECT_TINGGI, EFFECT_ACCUSATION)
Row = dict[str, str]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the real reports")
    parser.add_argument("--names", action="store_true", help="print the hits of every rule on real reports")
    arguments = parser.parse_args()
    contents = {name: (datasets_folder() / name).read_text(encoding="utf-8") for name in RULEBOOK_FILES}
    rulebook = parse_rulebook(contents)
    real = [row["text"].replace("\\n", "\n") for row in read_csv(arguments.data / "surabaya-2022.csv")]
    for title, texts in (("first", real[:N_READ]), ("later", real[N_READ:])):
        print(f"{title} {len(texts):,} real reports")
        print_hits(rulebook, texts, with_names=arguments.names)
    print_corpus(rulebook, read_csv(reference_corpus()))
    print_times(rulebook, real[:N_TIMED])


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def find_effects(rulebook: Rulebook, text: str) -> dict[str, str]:
    """The effects that hold for a text, by the name of the rule."""
    masked = mask(clean(text)).text
    return {hit.name: hit.effect for hit in rulebook.find(masked, tokenize(masked))}


def print_hits(rulebook: Rulebook, texts: Sequence[str], *, with_names: bool) -> None:
    """Hits per 1,000 reports by effect, and by rule."""
    found = [find_effects(rulebook, text) for text in texts]
    for effect in EFFECTS:
        n_hit = sum(effect in effects.values() for effects in found)
        print(f"  {effect:30} {n_hit:4}  {1_000 * n_hit / len(texts):5.1f} per 1,000")
    if with_names:
        counts = Counter(f"{effect}: {name}" for effects in found for name, effect in effects.items())
        for name, n_hit in sorted(counts.items()):
            print(f"    {n_hit:4}  {name}")


def print_corpus(rulebook: Rulebook, rows: Sequence[Row]) -> None:
    """How many rows that a rule is for it finds, and how many others it mistakes."""
    found = [(row, set(find_effects(rulebook, row["text"]).values())) for row in rows]

    def share(title: str, effect: str, is_meant: Callable[[Row], bool]) -> None:
        hits = [effect in effects for row, effects in found if is_meant(row)]
        print(f"  {title:52} {sum(hits):4} of {len(hits):5,}  {sum(hits) / len(hits):.3f}")

    print(f"corpus, {len(rows):,} rows")
    share("darurat found", EFFECT_DARURAT, lambda row: row["urgency"] == "darurat")
    for register in ("chat", "formal", "minang", "mixed", "sms"):
        share(f"  {register}", EFFECT_DARURAT, partial(is_emergency, register))
    share("tinggi taken for darurat", EFFECT_DARURAT, lambda row: row["urgency"] == "tinggi")
    share("sedang, rendah taken for darurat", EFFECT_DARURAT, lambda row: row["urgency"] in {"sedang", "rendah"})
    share("decoys taken for darurat", EFFECT_DARURAT, is_decoy)
    share("sedang, rendah taken for tinggi", EFFECT_TINGGI, lambda row: row["urgency"] in {"sedang", "rendah"})
    share("accusations found", EFFECT_ACCUSATION, is_accusation)
    share("others taken for accusations", EFFECT_ACCUSATION, lambda row: not is_accusation(row))


def is_decoy(row: Row) -> bool:
    """Whether a row uses alarming words in a harmless sense."""
    return "decoy" in row["author_note"] and row["urgency"] != "darurat"


def is_accusation(row: Row) -> bool:
    """Whether a row accuses an official."""
    return row["kind"] == "pengaduan-pengawasan"


def is_emergency(register: str, row: Row) -> bool:
    """Whether a row tells of an emergency in a register."""
    return (row["urgency"], row["register"]) == ("darurat", register)


def print_times(rulebook: Rulebook, texts: Sequence[str]) -> None:
    """Microseconds to try all rules on one text that is already cut into tokens."""
    times = []
    for text in texts:
        tokens = tokenize(text)
        begin = time.perf_counter()
        rulebook.find(text, tokens)
        times.append(time.perf_counter() - begin)
    print(f"{len(rulebook.rules.rules)} rules on one text: median {1e6 * statistics.median(times):.0f} µs")


if __name__ == "__main__":
    main()
