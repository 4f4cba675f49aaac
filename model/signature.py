"""A short signature of a text from which the share of common wording with another text can be estimated.

MinHash (Broder 1997) over three words in a row, in their normalised form and without greetings. Signatures are kept in
stores: nothing here may change without making all of them anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from model.tokens import find_forms

N_HASHES = 64
N_BYTES = 4 * N_HASHES
N_WORDS = 3
_FEW_OF = 6
_GREETINGS = frozenset(
    "admin alaikum ass assalam assalamu assalamualaikum asslm aww bang bapak bpk bu da dengan hai hallo halo hormat "
    "ibu izin kak kakak kasih kepada maaf makasih malam min minta mintak mohon pagi pak permisi punten salam sekian "
    "selamat siang sore tarimo tarimokasih terima terimakasih thx tks tlg tolong trims uda uni waalaikum "
    "warahmatullahi wassalam wabarakatuh wb wr wrwb yth".split()
)
_NOTHING = b""


def sign(text: str) -> bytes:
    """The signature of a masked text: ``N_BYTES`` bytes, or none where it has no word that can be read.

    Case, signs, letters repeated, and greetings do not change it. A text of one or two words is like another only if
    they are the same words.
    """
    forms = find_forms(text)
    words = [form for form in forms if form not in _GREETINGS] or forms
    if not words:
        return _NOTHING
    hashes = np.array([_hash(piece) for piece in _cut(words)], dtype=np.uint64)
    return _permute(hashes).astype("<u4").tobytes()


def estimate_jaccard(first: bytes, second: bytes) -> float:
    """Estimate in [0, 1] of the share of word triples that two texts have in common, from their signatures.

    Its standard error is at most 1 / 16. Texts without a word are like none, not even like each other.

    Raises
    ------
    ValueError
        One of them is no signature.
    """
    if not first or not second:
        return 0.0
    if len(first) != N_BYTES or len(second) != N_BYTES:
        raise ValueError(f"signatures have {N_BYTES} bytes, these have {len(first)} and {len(second)}")
    return float(np.mean(np.frombuffer(first, dtype="<u4") == np.frombuffer(second, dtype="<u4")))


@dataclass(frozen=True, slots=True, eq=False)
class SignatureStack:
    """``n`` signatures side by side, so that one is compared with many at once.

    ``hashes`` is (N_HASHES, n), ``has_words`` (n,); a text without a word has zeros for hashes.
    """

    hashes: NDArray[np.uint32]
    has_words: NDArray[np.bool_]

    def estimate_jaccards(self, number: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
        """`estimate_jaccard` of one signature with each of ``others``, in their order and to the last bit."""
        own = self.hashes[:, number, None]
        if others.size * _FEW_OF < len(self.has_words):
            n_equal = np.count_nonzero(self.hashes[:, others] == own, axis=0)
        else:
            # To pick many out takes longer than to compare all.
            n_equal = (self.hashes == own).sum(axis=0, dtype=np.uint8)[others]
        return np.asarray(n_equal / N_HASHES * (self.has_words[others] & self.has_words[number]))


def stack(signatures: Sequence[bytes]) -> SignatureStack:
    """Signatures side by side, in their order.

    Raises
    ------
    ValueError
        One of them is no signature.
    """
    sizes = {len(signature) for signature in signatures} - {len(_NOTHING), N_BYTES}
    if sizes:
        raise ValueError(f"signatures have {N_BYTES} bytes, one of these has {min(sizes)}")
    filled = b"".join(signature or bytes(N_BYTES) for signature in signatures)
    rows = np.frombuffer(filled, dtype="<u4").reshape(-1, N_HASHES)
    return SignatureStack(np.ascontiguousarray(rows.T), np.array(list(map(bool, signatures)), dtype=np.bool_))


def _cut(words: list[str]) -> Iterator[str]:
    """Each three words in a row; all words where there are fewer."""
    for start in range(max(len(words) - N_WORDS + 1, 1)):
        yield " ".join(words[start : start + N_WORDS])


def _permute(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The least hash (64,) under each function ``(a h + b) mod 2^64 >> 32`` (Dietzfelbinger 1996)."""
    mixed = hashes[:, None] * _FACTORS[None, :] + _SUMMANDS[None, :]
    return np.asarray((mixed >> np.uint64(32)).min(axis=0))


def _hash(piece: str) -> int:
    return int.from_bytes(blake2b(piece.encode(), digest_size=8).digest(), "little")


# From a hash and not from a random generator, whose stream another version of numpy may change.
_FACTORS = np.array([_hash(f"factor {number}") | 1 for number in range(N_HASHES)], dtype=np.uint64)
_SUMMANDS = np.array([_hash(f"summand {number}") for number in range(N_HASHES)], dtype=np.uint64)
