"""Texts found by words and by meaning: what facts and knowledge are both built on."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .analysis import FINGERPRINT
from .database import Database
from .facts import Person, Scope
from .recall import CANDIDATES, Corpus, Hit, by_meaning, by_words, fused
from .statements import Statements
from .text import Query, Term, document_tokens, read_query
from .vectors import Vector, Vectors, packed
from .vocabulary import Vocabulary

_NEVER = -1
"""No epoch of a database."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to be found.

    Attributes:
        id: of its own.
        text: what it is found by.
        owner: who may see it; None is everybody.
        expires: from when on it is not found any more, on any scale `search` is told the present
            on; None is never.
    """

    id: str
    text: str
    owner: Person = None
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A document near to a query.

    Attributes:
        id: of the document.
        score: higher is nearer; compares documents of one query only.
        strong: surely about what was asked: may be told unasked.
    """

    id: str
    score: float
    strong: bool


class TextIndex:
    """Documents in a database of their users', found by full text and, if there are any, vectors.

    The texts themselves are their user's to keep: only what they are found by is here. Whose
    documents may be seen is settled in SQL and by keeping each owner's vectors apart, before
    anything is compared.

    Args:
        database: opened by the user, who calls `create` when it is new.
        name: of the index, the beginning of its tables' names: letters and "_", from the code.

    Every method raises StoreError by its kind.
    """

    def __init__(self, database: Database, name: str) -> None:
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot begin the name of a table")
        self._database = database
        self._sql = Statements(name)
        self._epoch = _NEVER
        self._vocabulary = Vocabulary({})
        self._texts = 0
        self._tokens = 0
        self._vectors: dict[tuple[str, Person], Vectors | None] = {}

    @staticmethod
    def create(sql: sqlite3.Connection, name: str) -> None:
        """Make the tables of an index in a new database."""
        statements = Statements(name)
        for statement in statements.create:
            sql.execute(statement)
        sql.execute(statements.keep_fingerprint, (FINGERPRINT,))

    @staticmethod
    def check(sql: sqlite3.Connection, name: str) -> None:
        """Read all tables of an index; raise what reading them raises."""
        for statement in Statements(name).check:
            for _ in sql.execute(statement):
                pass

    def renew(self, texts: Callable[[], Iterable[tuple[str, str]]]) -> bool:
        """Read all texts anew if another release filed them: its tokens may fit no query.

        To be called after opening. Vectors stay: they are of the texts.

        Args:
            texts: returns all documents there are, as their ids and texts.

        Returns:
            Whether they were read anew.
        """
        with self._database.reading() as sql:
            if sql.execute(self._sql.fingerprint).fetchall() == [(FINGERPRINT,)]:
                return False
        with self._database.writing() as sql:
            sql.execute(self._sql.forget_all_tokens)
            for document_id, text in texts():
                row = sql.execute(self._sql.item, (document_id,)).fetchone()
                if row is not None:
                    sql.execute(self._sql.add_tokens, (row[0], " ".join(document_tokens(text))))
            sql.execute(self._sql.forget_fingerprint)
            sql.execute(self._sql.keep_fingerprint, (FINGERPRINT,))
            self._epoch = _NEVER
        return True

    def load(self, *, now: int) -> None:
        """Read what a search needs, so that the first one need not.

        Args:
            now: the present, on the scale of `Document.expires`.
        """
        with self._database.reading() as sql:
            self._refresh(sql)
            for model, owner in sql.execute(self._sql.vector_sets).fetchall():
                self._loaded(sql, model, _person(owner), now)

    def put(self, documents: Iterable[Document]) -> None:
        """Take documents in, each in place of the one with its id; its vectors are forgotten."""
        with self._database.writing() as sql:
            self._refresh(sql)
            for document in documents:
                self._remove(sql, [document.id])
                tokens = document_tokens(document.text)
                (row,) = sql.execute(
                    self._sql.add_item,
                    (document.id, _owner(document.owner), document.expires),
                ).fetchone()
                sql.execute(self._sql.add_tokens, (row, " ".join(tokens)))
                self._count(tokens, 1)

    def move(self, document_id: str, *, owner: Person, expires: int | None) -> None:
        """Change who may see a document and until when; its text and vectors stay."""
        with self._database.writing() as sql:
            self._refresh(sql)
            sql.execute(self._sql.move_item, (_owner(owner), expires, document_id))
            self._vectors.clear()

    def remove(self, ids: Iterable[str]) -> int:
        """Forget documents and their vectors; return how many there were."""
        with self._database.writing() as sql:
            self._refresh(sql)
            return self._remove(sql, ids)

    def search(
        self,
        query: str,
        scope: Scope,
        *,
        now: int,
        language: str | None = None,
        vector: Vector | None = None,
        model: str | None = None,
        limit: int = 5,
    ) -> list[Match]:
        """Return the documents nearest to a query, the nearest first.

        Args:
            query: any text; none of it is understood as syntax.
            scope: whose documents may be seen.
            now: the present, on the scale of `Document.expires`.
            language: of the query, as BCP 47.
            vector: of the query, of length one.
            model: that computed it, and whose vectors it is compared with.
            limit: how many at most.
        """
        with self._database.reading() as sql:
            self._refresh(sql)
            seen = json.dumps([_owner(owner) for owner in scope])
            asked = read_query(query, language)
            hits = self._by_words(sql, asked, seen, now)
            if vector is not None and model is not None:
                also = {hit.row for hit in hits}
                keys, cosines, owned = self._cosines(sql, model, vector, scope, now)
                if keys:
                    hits = fused(hits, by_meaning(keys, cosines, owned & asked.own, also))
            rows = json.dumps([hit.row for hit in hits])
            ids = dict(sql.execute(self._sql.seen_rows, (rows, seen, now)))
        matches = (Match(ids[h.row], h.score, h.strong) for h in hits if h.row in ids)
        return list(islice(matches, limit))

    def put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of documents, of length one; ids that are not there are passed over.

        All have one dimension. If it is another than the model had before, its old vectors are
        forgotten: they are another release's.
        """
        with self._database.writing() as sql:
            self._refresh(sql)
            for number, (document_id, vector) in enumerate(vectors.items()):
                kept = packed(vector)
                if number == 0:
                    self._keep_size(sql, model, len(kept))
                row = sql.execute(self._sql.item, (document_id,)).fetchone()
                if row is None:
                    continue
                sql.execute(self._sql.add_vector, (row[0], model, kept))
                key = (model, _person(row[1]))
                if key in self._vectors:
                    loaded = self._vectors[key] or Vectors(vector.size)
                    loaded.put(row[0], kept)
                    self._vectors[key] = loaded

    def missing_vectors(self, model: str, *, limit: int = 1000) -> list[str]:
        """Return ids of documents without a vector of a model."""
        with self._database.reading() as sql:
            return [found for (found,) in sql.execute(self._sql.missing, (model, limit))]

    def drop_vectors(self, *, but: Collection[str]) -> None:
        """Forget the vectors of all models but those in use."""
        with self._database.writing() as sql:
            sql.execute(self._sql.drop_models, (json.dumps(list(but)),))
            self._vectors = {key: kept for key, kept in self._vectors.items() if key[0] in but}

    def _by_words(self, sql: sqlite3.Connection, query: Query, seen: str, now: int) -> list[Hit]:
        holding = self._vocabulary.holding
        query = replace(query, terms=tuple(map(self._widened, query.terms)))
        forms = {
            form for term in query.terms if term.words for form in term.forms if form in holding
        }
        if not forms:
            return []
        match = " OR ".join(f'"{form}"' for form in sorted(forms))
        rows = sql.execute(self._sql.match, (match, seen, now, CANDIDATES))
        texts = {row: (tokens.split(), bool(owner)) for row, tokens, owner in rows}
        corpus = Corpus(self._texts, holding, self._tokens / max(1, self._texts))
        return by_words(query, texts, corpus)

    def _widened(self, term: Term) -> Term:
        """Return a term with the words there are that it may have meant."""
        near: dict[str, float] = {}
        for word, stem in term.words:
            near |= self._vocabulary.near(word, stem)
        return replace(term, forms=near | term.forms)

    def _cosines(
        self, sql: sqlite3.Connection, model: str, vector: Vector, scope: Scope, now: int
    ) -> tuple[list[int], Vector, NDArray[np.bool_]]:
        """Return how near each document is in meaning: its row, the cosine, if it is a person's."""
        rows: list[int] = []
        cosines = [np.empty(0, np.float32)]
        owned = [np.empty(0, np.bool_)]
        for owner in scope:
            vectors = self._loaded(sql, model, owner, now)
            if vectors is not None and vector.shape == (vectors.dimension,):
                keys, found = vectors.cosines(vector)
                rows += keys
                cosines.append(found)
                owned.append(np.full(len(found), owner is not None))
        return rows, np.concatenate(cosines), np.concatenate(owned)

    def _loaded(
        self, sql: sqlite3.Connection, model: str, owner: Person, now: int
    ) -> Vectors | None:
        """Return the vectors of an owner's documents, read once; None if there are none."""
        key = (model, owner)
        if key not in self._vectors:
            vectors: Vectors | None = None
            for row, kept in sql.execute(self._sql.vectors, (model, _owner(owner), now)):
                vectors = vectors or Vectors(len(kept) - len(packed(np.empty(0, np.float32))))
                vectors.put(row, kept)
            self._vectors[key] = vectors
        return self._vectors[key]

    def _keep_size(self, sql: sqlite3.Connection, model: str, size: int) -> None:
        """Forget a model's vectors if they have another size, in bytes."""
        known = sql.execute(self._sql.vector_size, (model,)).fetchone()
        if known is not None and known != (size,):
            sql.execute(self._sql.drop_model, (model,))
            self._vectors = {key: kept for key, kept in self._vectors.items() if key[0] != model}

    def _remove(self, sql: sqlite3.Connection, ids: Iterable[str]) -> int:
        removed = 0
        for document_id in ids:
            row = sql.execute(self._sql.item, (document_id,)).fetchone()
            if row is None:
                continue
            removed += 1
            (tokens,) = sql.execute(self._sql.tokens, row[:1]).fetchone()
            self._count(tokens.split(), -1)
            for statement in self._sql.remove:
                sql.execute(statement, row[:1])
            for (_, owner), vectors in self._vectors.items():
                if vectors is not None and owner == _person(row[1]):
                    vectors.drop(row[0])
        return removed

    def _refresh(self, sql: sqlite3.Connection) -> None:
        """Read anew what is kept in memory, if it may be wrong."""
        if self._epoch == self._database.epoch:
            return
        self._vectors.clear()
        self._vocabulary = Vocabulary(dict(sql.execute(self._sql.vocabulary)))
        self._texts, self._tokens = sql.execute(self._sql.totals).fetchone()
        self._epoch = self._database.epoch

    def _count(self, tokens: list[str], times: int) -> None:
        self._texts += times
        self._tokens += times * len(tokens)
        self._vocabulary.count(tokens, times)


def _owner(person: Person) -> str:
    """Return a person as the tables have them: "" is everybody, "@" begins an id."""
    return "" if person is None else f"@{person}"


def _person(owner: str) -> Person:
    return owner[1:] if owner else None
