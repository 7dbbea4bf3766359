"""The SQL of a text index."""

# ruff: noqa: S608  only names of tables are put in, and the code makes them

_SEEN = "i.owner IN (SELECT value FROM json_each(?)) AND (i.expires IS NULL OR i.expires > ?)"


class Statements:
    """The SQL of an index. Only its name is put in; all else is a parameter."""

    def __init__(self, name: str) -> None:
        items, words = f"{name}_items", f"{name}_words"
        vocabulary, vectors = f"{name}_vocabulary", f"{name}_vectors"
        analysis = f"{name}_analysis"
        self.create = _create(items, words, vocabulary, vectors, analysis)
        self.check = tuple(
            f"SELECT * FROM {table}" for table in (items, words, vocabulary, vectors, analysis)
        )
        self.fingerprint = f"SELECT fingerprint FROM {analysis}"
        self.forget_fingerprint = f"DELETE FROM {analysis}"
        self.keep_fingerprint = f"INSERT INTO {analysis} VALUES (?)"
        self._of_documents(items, words)
        self._of_vectors(items, vectors)
        self.match = (
            f"SELECT w.rowid, w.tokens, i.owner FROM {words} w JOIN {items} i ON i.row = w.rowid "
            f"WHERE {words} MATCH ? AND {_SEEN} ORDER BY bm25({words}) LIMIT ?"
        )
        self.remove = (
            f"DELETE FROM {items} WHERE row = ?",
            f"DELETE FROM {words} WHERE rowid = ?",
            f"DELETE FROM {vectors} WHERE row = ?",
        )
        self.vocabulary = f"SELECT term, doc FROM {vocabulary}"
        self.totals = (
            f"SELECT count(*), total(length(tokens) - length(replace(tokens, ' ', '')) + 1) "
            f"FROM {words}"
        )

    def _of_documents(self, items: str, words: str) -> None:
        self.add_item = f"INSERT INTO {items} (id, owner, expires) VALUES (?, ?, ?) RETURNING row"
        self.add_tokens = f"INSERT INTO {words} (rowid, tokens) VALUES (?, ?)"
        self.forget_all_tokens = f"DELETE FROM {words}"
        self.move_item = f"UPDATE {items} SET owner = ?, expires = ? WHERE id = ?"
        self.item = f"SELECT row, owner FROM {items} WHERE id = ?"
        self.tokens = f"SELECT tokens FROM {words} WHERE rowid = ?"
        self.seen_rows = (
            f"SELECT i.row, i.id FROM {items} i "
            f"WHERE i.row IN (SELECT value FROM json_each(?)) AND {_SEEN}"
        )

    def _of_vectors(self, items: str, vectors: str) -> None:
        self.vectors = (
            f"SELECT v.row, v.vector FROM {vectors} v JOIN {items} i ON i.row = v.row "
            "WHERE v.model = ? AND i.owner = ? AND (i.expires IS NULL OR i.expires > ?)"
        )
        self.vector_sets = (
            f"SELECT DISTINCT v.model, i.owner FROM {vectors} v JOIN {items} i ON i.row = v.row"
        )
        self.add_vector = f"INSERT OR REPLACE INTO {vectors} VALUES (?, ?, ?)"
        self.vector_size = f"SELECT length(vector) FROM {vectors} WHERE model = ? LIMIT 1"
        self.drop_model = f"DELETE FROM {vectors} WHERE model = ?"
        self.drop_models = (
            f"DELETE FROM {vectors} WHERE model NOT IN (SELECT value FROM json_each(?))"
        )
        self.missing = (
            f"SELECT id FROM {items} i WHERE NOT EXISTS "
            f"(SELECT 1 FROM {vectors} v WHERE v.row = i.row AND v.model = ?) "
            "ORDER BY row LIMIT ?"
        )


def _create(
    items: str, words: str, vocabulary: str, vectors: str, analysis: str
) -> tuple[str, ...]:
    """Return what makes the tables."""
    return (
        (
            f"CREATE TABLE {items} (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
            "owner TEXT NOT NULL, expires INTEGER)"
        ),
        # The tokens are ours, parted by spaces; nothing is left to the tokenizer.
        f"CREATE VIRTUAL TABLE {words} USING fts5(tokens, tokenize = 'ascii')",
        f"CREATE VIRTUAL TABLE {vocabulary} USING fts5vocab({words}, 'row')",
        (
            f"CREATE TABLE {vectors} (row INTEGER NOT NULL, model TEXT NOT NULL, "
            "vector BLOB NOT NULL, PRIMARY KEY (row, model)) WITHOUT ROWID"
        ),
        # What the tokens were made by; no row if that is not known.
        f"CREATE TABLE {analysis} (fingerprint TEXT NOT NULL)",
    )
