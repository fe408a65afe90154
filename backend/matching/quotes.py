"""Which sentences of a need and of a listing carry what the two share, in the original languages, and which of their
words carry it. Where the languages differ, the two meet by the headwords of the lexicon.

The whole record is read, by plain looks for what both sides hold: splitting every sentence of every candidate into
words would cost more than finding the candidates did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from backend.language.embed import QUERY_WINDOW
from backend.language.phrases import concepts, folded, pattern, phrases
from backend.language.segment import sentences, visible
from backend.matching.profile import Profile

QUOTE = 280
READ = 8_000  # characters of a record that are searched for sentences to quote
NEAR = 4  # sentences of a side that are looked at closely
# A title stands over the quote anyway, so a sentence of the text is preferred where it says nearly as much.
TITLE_SHARE = 0.7
OWN_SHARE = 0.25  # what a sentence counts for words that the other record has elsewhere
# A headword whose rarity nobody counted may be as common as "place"; beside counted words it tells little. What weighs
# less than a quarter of the heaviest is no evidence, and a pair of sentences far weaker than the best is none either.
UNCOUNTED, TELLING, WORTH_QUOTING = 0.3, 0.25, 0.4

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one record, and which of them carry the reason: (start, end) in characters of `text`."""

    text: str = ""
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where in it each shared key stands: a word of both, or a headword both speak of."""

    text: str
    keys: Mapping[str, tuple[Span, ...]]
    share: float = 1.0
    opens: bool = False  # stands where the embedder reads


Pair = tuple[Quote, Quote]  # of the need, of the listing


def quoted_pairs(
    need: Profile, listing: Profile, shared: Sequence[str], weights: Mapping[str, float], most: int = 2,
    *, opening: bool = False,
) -> list[Pair]:
    """The pairs of sentences that share most, best first, no sentence twice; the first sentences where nothing is
    shared. `shared` are words that both hold; `weights` tell how telling a word is. `opening`: the first pair is the
    best that the embedder read, since the likeness of two vectors rests on nothing else."""
    weighed = _shared_keys(need, listing, shared, weights)
    asked, offered = _nearest(need, weighed), _nearest(listing, weighed)
    found: list[tuple[float, int, int]] = []
    for i, left in enumerate(asked):
        for j, right in enumerate(offered):
            both = left.keys.keys() & right.keys.keys()
            if len(both) > 1 or any(_counted(key, shared, weights) for key in both):
                own = sum(weighed[key] for key in left.keys.keys() | right.keys.keys())
                worth = (sum(weighed[key] for key in both) + OWN_SHARE * own) * left.share * right.share
                found.append((-worth, i, j))
    pairs: list[Pair] = []
    taken: set[tuple[str, int]] = set()
    found.sort()
    least = WORTH_QUOTING * found[0][0] if found else 0.0  # worths are negative here
    found = [pair for pair in found if pair[0] <= least]
    if opening:
        found.sort(key=lambda pair: not (asked[pair[1]].opens and offered[pair[2]].opens))
        found[1:] = sorted(found[1:])
    for _, i, j in found:
        if len(pairs) < most and not {("need", i), ("listing", j)} & taken:
            taken |= {("need", i), ("listing", j)}
            both = asked[i].keys.keys() & offered[j].keys.keys()
            telling = _telling(both, weighed)
            pairs.append((_quote(asked[i], telling), _quote(offered[j], telling)))
    return pairs or [(_lead(need), _lead(listing))]


def pieces(text: str, marks: Iterable[Sequence[int]]) -> list[tuple[str, bool]]:
    """A quote cut into what is marked and what is not, for a page. Marks that do not fit the text are left out."""
    cut: list[tuple[str, bool]] = []
    at = 0
    for start, end in marks:
        if not at <= start < end <= len(text):
            continue
        cut += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*cut, (text[at:], False)] if piece[0]]


def shortened(text: str) -> str:
    """A quote short enough for a card, cut at a space and marked as cut."""
    if len(text) <= QUOTE:
        return text
    head = text[:QUOTE]
    return head[: head.rfind(" ") if head.rfind(" ") > QUOTE // 2 else QUOTE].rstrip(" ,;") + " …"


@lru_cache(maxsize=4_096)
def sentences_of(text: str) -> tuple[str, ...]:
    return tuple(sentences(text[:READ], limit=120))


# ------------------------------------------------------------------------------------------------------------------


def _shared_keys(
    need: Profile, listing: Profile, shared: Sequence[str], weights: Mapping[str, float]
) -> dict[str, float]:
    """What of the two can meet, with how telling it is: words found in both, and across languages the headwords."""
    keys = set(shared)
    if need.language != listing.language:
        asked = concepts(f"{need.title}\n{need.text[:READ]}", need.language)
        offered = folded(listing.text[:READ])
        keys |= {key for key in asked if any(phrase in offered for phrase in phrases(key, listing.language))}
    usual = max(weights.values(), default=1.0) * UNCOUNTED
    return {key: max((weights.get(word, 0.0) for word in key.split()), default=0.0) or usual for key in keys}


def _counted(key: str, shared: Sequence[str], weights: Mapping[str, float]) -> bool:
    """Whether a key by itself is evidence: one common headword, such as "test", may stand in any two texts."""
    return key in shared or any(word in weights for word in key.split())


def _telling(keys: Iterable[str], weighed: Mapping[str, float]) -> list[str]:
    held = list(keys)
    least = TELLING * max(weighed[key] for key in held)
    return [key for key in held if weighed[key] >= least]


def _nearest(side: Profile, weighed: Mapping[str, float]) -> list[Sentence]:
    """The sentences of one side that hold most of the keys."""
    title = visible(side.title)
    texts = [title, *sentences_of(_body(side, title))]
    worth: list[tuple[float, int]] = []
    for at, text in enumerate(texts):
        plain = folded(text)
        forms = ((weight, _forms(key, side.language)) for key, weight in weighed.items())
        if held := sum(weight for weight, said in forms if any(form in plain for form in said)):
            worth.append((-held, at))
    opens = 0  # the title and the sentences that begin within the window
    while opens < len(texts) and sum(len(text) + 1 for text in texts[:opens]) < QUERY_WINDOW:
        opens += 1
    near = sorted({at for _, at in sorted(worth)[:NEAR]} | {at for _, at in worth if at < opens})
    read = [_close(texts[at], weighed, side.language) for at in near]
    return [
        replace(sentence, share=TITLE_SHARE if at == 0 else 1.0, opens=at < opens)
        for at, sentence in zip(near, read, strict=True)
        if sentence.keys
    ]


def _close(text: str, keys: Iterable[str], language: str) -> Sentence:
    """Where the keys stand in a sentence."""
    plain = folded(text)
    if len(plain) != len(text):  # a few letters take more room when folded: nothing could be marked
        plain = text.lower() if len(text.lower()) == len(text) else text
    found: dict[str, tuple[Span, ...]] = {}
    for key in keys:
        said = [form for form in _forms(key, language) if form in plain]
        spans = {hit.span() for form in said for hit in pattern(form).finditer(plain)}
        if spans:
            found[key] = tuple(sorted(spans))
    return Sentence(text, found)


@lru_cache(maxsize=32_768)
def _forms(key: str, language: str) -> tuple[str, ...]:
    """How a key may stand in a text of a language: as it is, or by the phrases of the lexicon."""
    stems = (key[:-1] + "ie",) if key.endswith("y") and language == "en" else ()
    return tuple(dict.fromkeys((key, *stems, *phrases(key, language))))


def _body(side: Profile, title: str) -> str:
    """The text without the title that a search document puts before it: a title is no part of the first sentence."""
    text = side.text
    return text[len(title) :].lstrip() if title and text.startswith(title) else text


def _quote(sentence: Sentence, keys: Iterable[str]) -> Quote:
    held = sorted({span for key in keys for span in sentence.keys[key]}, key=lambda span: (span[0], -span[1]))
    marks: list[Span] = []
    for start, end in held:
        if marks and start <= marks[-1][1] + 1 and not sentence.text[marks[-1][1] : start].strip():
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))  # words side by side are one mark
        elif not marks or start >= marks[-1][1]:
            marks.append((start, end))
    return _excerpt(sentence.text, marks)


def _excerpt(text: str, marks: Sequence[Span]) -> Quote:
    """At most QUOTE characters, where most marks stand, cut at spaces and marked as cut."""
    if len(text) <= QUOTE:
        return Quote(text, tuple(marks))
    starts = [0, *(max(0, start - 40) for start, _ in marks)]
    best = max(starts, key=lambda at: (sum(at <= start and end <= at + QUOTE for start, end in marks), -at))
    if best and (space := text.find(" ", best, best + 40)) > 0:
        best = space + 1
    cut = shortened(text[best:])
    head = "… " if best else ""
    shift, last = len(head) - best, best + len(cut.removesuffix(" …"))
    kept = tuple((start + shift, end + shift) for start, end in marks if start >= best and end <= last)
    return Quote(head + cut, kept)


def _lead(side: Profile) -> Quote:
    title = visible(side.title)
    return Quote(shortened(next(iter(sentences_of(_body(side, title))), "") or title))
