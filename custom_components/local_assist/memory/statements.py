"""The SQL of a text index."""

# ruff: noqa: S608  only names of tables are put in, and the code makes them


class Statements:
    """The SQL of an index. Only its name is put in; all else is a parameter."""

    def __init__(self, name: str) -> None:
        items, words = f"{name}_items", f"{name}_words"
        vocabulary, vectors = f"{name}_vocabulary", f"{name}_vectors"
        seen = (
            "i.owner IN (SELECT value FROM json_each(?)) AND (i.expires IS NULL OR i.expires > ?)"
        )
        self.create = (
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
        )
        self.check = (
            f"SELECT * FROM {items}",
            f"SELECT * FROM {words}",
            f"SELECT * FROM {vocabulary}",
            f"SELECT * FROM {vectors}",
        )
        self.add_item = f"INSERT INTO {items} (id, owner, expires) VALUES (?, ?, ?) RETURNING row"
        self.add_tokens = f"INSERT INTO {words} (rowid, tokens) VALUES (?, ?)"
        self.move_item = f"UPDATE {items} SET owner = ?, expires = ? WHERE id = ?"
        self.item = f"SELECT row, owner FROM {items} WHERE id = ?"
        self.tokens = f"SELECT tokens FROM {words} WHERE rowid = ?"
        self.remove = (
            f"DELETE FROM {items} WHERE row = ?",
            f"DELETE FROM {words} WHERE rowid = ?",
            f"DELETE FROM {vectors} WHERE row = ?",
        )
        self.match = (
            f"SELECT w.rowid, w.tokens, i.owner FROM {words} w JOIN {items} i ON i.row = w.rowid "
            f"WHERE {words} MATCH ? AND {seen} ORDER BY bm25({words}) LIMIT ?"
        )
        self.seen_rows = (
            f"SELECT i.row, i.id FROM {items} i "
            f"WHERE i.row IN (SELECT value FROM json_each(?)) AND {seen}"
        )
        self.vectors = (
            f"SELECT v.row, v.vector FROM {vectors} v JOIN {items} i ON i.row = v.row "
            "WHERE v.model = ? AND i.owner = ? AND (i.expires IS NULL OR i.expires > ?)"
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
        self.vocabulary = f"SELECT term, doc FROM {vocabulary}"
        self.totals = (
            f"SELECT count(*), total(length(tokens) - length(replace(tokens, ' ', '')) + 1) "
            f"FROM {words}"
        )
