# ruff: noqa: S608 (what is put into the SQL here are constants of this package, never values)
"""The ledger's tables and the triggers that keep it append-only, as steps from one version of the file to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import apsw

__all__ = ["MIGRATIONS", "WAITING", "Migration"]

Migration = Callable[[apsw.Connection], object]


def _books(connection: apsw.Connection) -> None:
    """Version 1.

    ``entries`` and ``checkpoints`` are the books. ``jobs``, ``settlements`` and ``hours`` only repeat them in a form
    that answers quickly; they are written in the same transaction, and a verification compares them.

    Amounts are two columns, ``units = hi * 2^40 + lo`` with ``0 <= lo < 2^40`` before adding up, because one asset unit
    at 18 decimals is close to the limit of a 64-bit integer and SQL has no wider one.
    """
    connection.execute(
        """
        CREATE TABLE entries(
            seq INTEGER PRIMARY KEY CHECK (seq > 0),
            at_ns INTEGER NOT NULL CHECK (at_ns >= 0),
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            prev BLOB NOT NULL CHECK (length(prev) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;

        CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
            OR NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), zeroblob(32))
        BEGIN SELECT RAISE(ABORT, 'an entry follows the last one: seq is the next, prev is its hash'); END;

        CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;

        CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

        CREATE TABLE checkpoints(
            size INTEGER PRIMARY KEY CHECK (size > 0),
            note TEXT NOT NULL,
            frontier BLOB NOT NULL
        ) STRICT;

        CREATE TRIGGER checkpoints_follow BEFORE INSERT ON checkpoints
        WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)
            OR NEW.size IS NOT (SELECT max(seq) FROM entries)
        BEGIN SELECT RAISE(ABORT, 'a checkpoint is of the whole ledger, and larger than the last one'); END;

        CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;

        CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;

        CREATE TABLE jobs(
            number INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            client TEXT NOT NULL,
            accepted_ns INTEGER NOT NULL,
            accepted_seq INTEGER NOT NULL,
            ended_ns INTEGER,
            ended_seq INTEGER,
            state TEXT,
            reason TEXT,
            prompt_tokens INTEGER,
            completion_tokens INTEGER,
            queued_us INTEGER,
            first_token_us INTEGER,
            compute_us INTEGER,
            energy_mj INTEGER,
            asset TEXT NOT NULL DEFAULT '',
            decimals INTEGER NOT NULL DEFAULT 0,
            units_hi INTEGER NOT NULL DEFAULT 0,
            units_lo INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE INDEX jobs_ended ON jobs(ended_ns);

        CREATE TABLE settlements(
            seq INTEGER PRIMARY KEY,
            at_ns INTEGER NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            claim TEXT NOT NULL,
            refers INTEGER,
            reference TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            units_hi INTEGER NOT NULL,
            units_lo INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX settlements_at ON settlements(at_ns);
        CREATE INDEX settlements_refers ON settlements(refers) WHERE refers IS NOT NULL;

        CREATE TABLE hours(
            hour INTEGER NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            done INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            compute_us INTEGER NOT NULL,
            energy_mj INTEGER NOT NULL,
            measured INTEGER NOT NULL,
            claimed_hi INTEGER NOT NULL,
            claimed_lo INTEGER NOT NULL,
            credited_hi INTEGER NOT NULL,
            credited_lo INTEGER NOT NULL,
            paid_hi INTEGER NOT NULL,
            paid_lo INTEGER NOT NULL,
            PRIMARY KEY (hour, network, model, asset, decimals)
        ) STRICT, WITHOUT ROWID;

        -- Every ended job and every settlement as one row of what the hours add up.
        CREATE VIEW events AS
        SELECT ended_ns AS at_ns, network, model, asset, decimals,
            state = 'done' AS done, state = 'failed' AS failed, state = 'cancelled' AS cancelled,
            state = 'expired' AS expired, state = 'returned' AS returned,
            coalesce(prompt_tokens, 0) AS prompt_tokens, coalesce(completion_tokens, 0) AS completion_tokens,
            compute_us, coalesce(energy_mj, 0) AS energy_mj, energy_mj IS NOT NULL AS measured,
            units_hi AS claimed_hi, units_lo AS claimed_lo,
            0 AS credited_hi, 0 AS credited_lo, 0 AS paid_hi, 0 AS paid_lo
        FROM jobs WHERE ended_ns IS NOT NULL
        UNION ALL
        SELECT at_ns, network, model, asset, decimals, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            iif(claim = 'credited', units_hi, 0), iif(claim = 'credited', units_lo, 0),
            iif(claim = 'paid', units_hi, 0), iif(claim = 'paid', units_lo, 0)
        FROM settlements;
        """
    )


def _costs(connection: apsw.Connection) -> None:
    """Version 2: what a job's energy cost, and a way to the energy entries of a day."""
    connection.execute(
        """
        ALTER TABLE jobs ADD COLUMN cost_micro INTEGER;
        ALTER TABLE jobs ADD COLUMN currency TEXT NOT NULL DEFAULT '';
        CREATE INDEX entries_energy ON entries(at_ns) WHERE kind = 'energy_used';
        """
    )


WAITING = "asset <> '' AND credited = 0 AND units_hi >= 0 AND (units_hi > 0 OR units_lo > 0)"
"""Which jobs have a claim that the network's books do not show yet. The same words wherever it is asked: only then does
SQLite use the index over just these jobs."""


def _earnings(connection: apsw.Connection) -> None:
    """Version 3: costs and worths in the hourly sums, what became of each claim, and ways to single rewards.

    ``hours`` has a row for each currency; energy and amounts in a row without one had no price. Its key ends with the
    hour, so that any time of one series is added up in one go, without sorting. ``accounts`` repeats, for each network
    and asset, what was claimed, credited and paid since the books began.
    """
    connection.execute(
        f"""
        ALTER TABLE jobs ADD COLUMN credited INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE settlements ADD COLUMN worth_micro INTEGER;
        ALTER TABLE settlements ADD COLUMN currency TEXT NOT NULL DEFAULT '';
        ALTER TABLE settlements ADD COLUMN price_source TEXT NOT NULL DEFAULT '';
        ALTER TABLE settlements ADD COLUMN received_ns INTEGER;
        UPDATE jobs SET credited = 1 WHERE number IN
            (SELECT refers FROM settlements WHERE claim = 'credited' AND refers IS NOT NULL);

        CREATE INDEX jobs_waiting ON jobs(network, asset, decimals, ended_ns, units_hi, units_lo) WHERE {WAITING};
        CREATE INDEX jobs_rewards ON jobs(network, asset, ended_seq) WHERE asset <> '';
        CREATE INDEX jobs_gifts ON jobs(network, ended_seq) WHERE asset = '' AND credited = 1;
        CREATE INDEX settlements_loose ON settlements(network, asset, seq) WHERE refers IS NULL;
        CREATE INDEX settlements_reference ON settlements(network, reference);
        CREATE INDEX settlements_received ON settlements(coalesce(received_ns, at_ns), seq);

        DROP VIEW events;
        CREATE VIEW events AS
        SELECT ended_ns AS at_ns, network, model, asset, decimals,
            iif(cost_micro IS NULL, '', currency) AS currency,
            state = 'done' AS done, state = 'failed' AS failed, state = 'cancelled' AS cancelled,
            state = 'expired' AS expired, state = 'returned' AS returned,
            coalesce(prompt_tokens, 0) AS prompt_tokens, coalesce(completion_tokens, 0) AS completion_tokens,
            compute_us, coalesce(energy_mj, 0) AS energy_mj, energy_mj IS NOT NULL AS measured,
            units_hi AS claimed_hi, units_lo AS claimed_lo,
            0 AS credited_hi, 0 AS credited_lo, 0 AS paid_hi, 0 AS paid_lo,
            coalesce(cost_micro, 0) AS cost_micro, 0 AS credited_micro, 0 AS paid_micro
        FROM jobs WHERE ended_ns IS NOT NULL
        UNION ALL
        SELECT at_ns, network, model, asset, decimals, currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            iif(claim = 'credited', units_hi, 0), iif(claim = 'credited', units_lo, 0),
            iif(claim = 'paid', units_hi, 0), iif(claim = 'paid', units_lo, 0), 0,
            iif(claim = 'credited', coalesce(worth_micro, 0), 0), iif(claim = 'paid', coalesce(worth_micro, 0), 0)
        FROM settlements;

        DROP TABLE hours;
        CREATE TABLE hours(
            hour INTEGER NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            currency TEXT NOT NULL,
            done INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            compute_us INTEGER NOT NULL,
            energy_mj INTEGER NOT NULL,
            measured INTEGER NOT NULL,
            claimed_hi INTEGER NOT NULL,
            claimed_lo INTEGER NOT NULL,
            credited_hi INTEGER NOT NULL,
            credited_lo INTEGER NOT NULL,
            paid_hi INTEGER NOT NULL,
            paid_lo INTEGER NOT NULL,
            cost_micro INTEGER NOT NULL,
            credited_micro INTEGER NOT NULL,
            paid_micro INTEGER NOT NULL,
            PRIMARY KEY (network, model, asset, decimals, currency, hour)
        ) STRICT, WITHOUT ROWID;

        INSERT INTO hours
        SELECT at_ns / 3600000000000 AS hour, network, model, asset, decimals, currency,
            sum(done), sum(failed), sum(cancelled), sum(expired), sum(returned),
            sum(prompt_tokens), sum(completion_tokens), sum(compute_us), sum(energy_mj), sum(measured),
            sum(claimed_hi), sum(claimed_lo), sum(credited_hi), sum(credited_lo), sum(paid_hi), sum(paid_lo),
            sum(cost_micro), sum(credited_micro), sum(paid_micro)
        FROM events GROUP BY hour, network, model, asset, decimals, currency;

        CREATE TABLE accounts(
            network TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            claim TEXT NOT NULL,
            amounts INTEGER NOT NULL,
            first_ns INTEGER NOT NULL,
            last_ns INTEGER NOT NULL,
            units_hi INTEGER NOT NULL,
            units_lo INTEGER NOT NULL,
            PRIMARY KEY (network, asset, decimals, claim)
        ) STRICT, WITHOUT ROWID;

        -- Every amount that was claimed, credited or paid, as one row of what the accounts add up.
        CREATE VIEW amounts AS
        SELECT network, asset, decimals, 'claimed' AS claim, ended_ns AS at_ns, units_hi, units_lo
        FROM jobs WHERE asset <> '' AND (units_hi <> 0 OR units_lo <> 0)
        UNION ALL
        SELECT network, asset, decimals, claim, at_ns, units_hi, units_lo
        FROM settlements WHERE units_hi <> 0 OR units_lo <> 0;

        INSERT INTO accounts
        SELECT network, asset, decimals, claim, count(*), min(at_ns), max(at_ns), sum(units_hi), sum(units_lo)
        FROM amounts GROUP BY network, asset, decimals, claim;
        """
    )


MIGRATIONS: Sequence[Migration] = (_books, _costs, _earnings)
"""Each takes the file from one version to the next, and never changes entries or checkpoints."""
