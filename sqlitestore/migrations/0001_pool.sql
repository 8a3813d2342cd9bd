-- Times are integer Unix milliseconds (UTC), money is integer nanodollars.

CREATE TABLE subscriptions (
    -- AUTOINCREMENT: an id is never given out again, so the ledger of a removed subscription stays its own.
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL CHECK (name <> ''),
    config_dir      TEXT    NOT NULL, -- '' is the CLI's default directory
    email           TEXT    NOT NULL, -- '' where not given
    tags            TEXT    NOT NULL, -- sorted, separated by spaces, which no tag can hold
    max_sessions    INTEGER NOT NULL CHECK (max_sessions >= 0),  -- 0: no cap
    weekly_budget   INTEGER NOT NULL CHECK (weekly_budget >= 0), -- 0: no budget
    tier            INTEGER NOT NULL CHECK (tier >= 0),
    priority        INTEGER NOT NULL,
    reserve         REAL    NOT NULL CHECK (reserve >= 0 AND reserve < 1), -- a share of every window
    allow_overage   INTEGER NOT NULL CHECK (allow_overage IN (0, 1)),
    api             INTEGER NOT NULL CHECK (api IN (0, 1)),     -- an API key, which has no windows
    ramp_up         INTEGER NOT NULL CHECK (ramp_up IN (0, 1)), -- the cap grows with its first days
    env_from        TEXT    NOT NULL, -- VAR=SOURCE, separated by spaces, which no variable's name can hold
    env_command     TEXT    NOT NULL, -- JSON; see pool.EnvCommand
    env             TEXT    NOT NULL, -- JSON; see pool.EnvValue: no secrets
    share_base      TEXT    NOT NULL, -- the directory that others of its entries are links to, '' for none
    shared          TEXT    NOT NULL, -- names of those entries, separated by spaces, which none can hold
    isolated        INTEGER NOT NULL CHECK (isolated IN (0, 1)), -- no conversation leaves it or comes to it
    origin          TEXT    NOT NULL, -- the project file that it is from, '' for none
    enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_at      INTEGER NOT NULL,
    -- The latest start of a session: kept here so that a launch does not search the sessions for it.
    last_started_at INTEGER,
    -- What is known beside the windows; see pool.Standing. Times are NULL where there is none.
    login           TEXT    NOT NULL DEFAULT '',
    heard_at        INTEGER,
    throttles       INTEGER NOT NULL DEFAULT 0 CHECK (throttles >= 0),
    backoff_until   INTEGER,
    cooldown_until  INTEGER,
    -- The share of the weekly budget that an event has told of; see pool.BudgetAlert.
    budget_told     REAL    NOT NULL DEFAULT 0,
    removed_at      INTEGER
) STRICT;

-- No name and no directory is used twice; both become free when a subscription is removed. The second
-- also holds that there is one default directory.
CREATE UNIQUE INDEX subscriptions_name ON subscriptions (name) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX subscriptions_config_dir ON subscriptions (config_dir) WHERE removed_at IS NULL;

CREATE TABLE sessions (
    number          INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    subscription_id INTEGER REFERENCES subscriptions (id), -- NULL where it could not be attributed
    conversation    TEXT    NOT NULL, -- '' until known
    host            TEXT    NOT NULL,
    boot_id         TEXT    NOT NULL,
    pid_namespace   TEXT    NOT NULL,
    pid             INTEGER NOT NULL,
    start_time      INTEGER NOT NULL,
    cwd             TEXT    NOT NULL,
    started_at      INTEGER NOT NULL,
    heartbeat_at    INTEGER NOT NULL,
    active_at       INTEGER NOT NULL, -- when something was last heard of it
    said            TEXT    NOT NULL DEFAULT '', -- what the CLI said of itself: '', 'running' or 'idle'
    ended_at        INTEGER,          -- NULL while the session runs
    follows         TEXT    NOT NULL, -- the session that met a limit and that this one goes on for; '' for none
    met             TEXT    NOT NULL, -- the window whose limit it met last; '' for none
    end_reason      TEXT    NOT NULL,
    exit_code       INTEGER,
    signal          TEXT    NOT NULL,
    -- A session has ended for a reason, or runs and has none.
    CHECK ((ended_at IS NULL) = (end_reason = ''))
) STRICT;

-- What runs, by subscription: all that a launch looks at, however long the history.
CREATE INDEX sessions_running ON sessions (subscription_id) WHERE ended_at IS NULL;
-- Whose heartbeat is the oldest of those that run: the dead are found there.
CREATE INDEX sessions_heartbeat ON sessions (heartbeat_at) WHERE ended_at IS NULL;
-- What ended of late: who was beside a session, and what is old enough to be pruned.
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
-- Where a conversation, or the latest of a directory, was last.
CREATE INDEX sessions_conversation ON sessions (conversation, started_at) WHERE conversation <> '';
CREATE INDEX sessions_cwd ON sessions (cwd, started_at);

-- The queue: runs that found no room and wait for it, the first come first.
CREATE TABLE queue (
    -- AUTOINCREMENT: a ticket is never given out again.
    ticket          INTEGER PRIMARY KEY AUTOINCREMENT,
    request         TEXT    NOT NULL, -- JSON; see pool.Waiting
    host            TEXT    NOT NULL,
    boot_id         TEXT    NOT NULL,
    pid_namespace   TEXT    NOT NULL,
    pid             INTEGER NOT NULL,
    start_time      INTEGER NOT NULL,
    heartbeat_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE windows (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id),
    kind            TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    utilization     REAL,             -- NULL where unknown
    resets_at       INTEGER,          -- NULL where unknown
    observed_at     INTEGER NOT NULL,
    source          TEXT    NOT NULL,
    -- Of the stretch up to the reset: when it was first observed, and the share that an event has told of.
    since           INTEGER NOT NULL,
    told            REAL    NOT NULL DEFAULT 0,
    -- One window of a kind: the latest observation.
    PRIMARY KEY (subscription_id, kind)
) STRICT, WITHOUT ROWID;

-- When the five-hour windows that were observed reset, to the minute: reports group by them.
CREATE TABLE resets (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id),
    resets_at       INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, resets_at)
) STRICT, WITHOUT ROWID;

-- Which conversations a session was on, and when: a message of a transcript is booked to whoever was there.
CREATE TABLE visits (
    conversation    TEXT    NOT NULL CHECK (conversation <> ''),
    session         INTEGER NOT NULL REFERENCES sessions (number),
    since           INTEGER NOT NULL,
    until           INTEGER,          -- NULL: until the session ends
    PRIMARY KEY (conversation, session)
) STRICT, WITHOUT ROWID;

CREATE INDEX visits_session ON visits (session);

CREATE TABLE entries (
    number            INTEGER PRIMARY KEY,
    -- UNIQUE: whatever is booked again is passed over. The id of a message is the API's own.
    id                TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    session           INTEGER NOT NULL REFERENCES sessions (number),
    source            TEXT    NOT NULL CHECK (source IN ('told', 'message')),
    at                INTEGER NOT NULL,
    conversation      TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    messages          INTEGER NOT NULL CHECK (messages >= 0),
    input             INTEGER NOT NULL CHECK (input >= 0),
    output            INTEGER NOT NULL CHECK (output >= 0),
    cache_creation    INTEGER NOT NULL CHECK (cache_creation >= 0),
    cache_creation_1h INTEGER NOT NULL CHECK (cache_creation_1h BETWEEN 0 AND cache_creation),
    cache_read        INTEGER NOT NULL CHECK (cache_read >= 0),
    -- NULL where unknown. What was told beside the messages makes the sum the CLI's own figure, so its
    -- cost is negative where the estimates of the messages came out too high.
    cost              INTEGER CHECK (cost >= 0 OR source = 'told'),
    -- The part of the cost that is a list price. What was told takes it back where the sum is the CLI's own.
    cost_estimated    INTEGER NOT NULL CHECK (cost_estimated >= 0 OR source = 'told')
) STRICT;

-- Which sessions an entry still refers to, when old ones are pruned.
CREATE INDEX entries_session ON entries (session);

-- What was told of a conversation, to be lessened as its messages are read.
CREATE INDEX entries_told ON entries (session, conversation) WHERE source = 'told';

-- The two sides of each session on a conversation with a model; see docs/ledger.md. printed: standard
-- output, stated: cost-state lines of the transcript, read: messages of the transcript.
CREATE TABLE tallies (
    session      INTEGER NOT NULL REFERENCES sessions (number),
    conversation TEXT    NOT NULL,
    model        TEXT    NOT NULL, -- without its date
    side         TEXT    NOT NULL CHECK (side IN ('printed', 'stated', 'read')),
    messages          INTEGER NOT NULL,
    input             INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    cache_creation    INTEGER NOT NULL,
    cache_creation_1h INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    -- The time of the latest entry or figure that changed it: what has been quiet for long is pruned.
    latest            INTEGER NOT NULL,
    PRIMARY KEY (session, conversation, model, side)
) STRICT, WITHOUT ROWID;

-- What a conversation has tallies of, when quiet ones are pruned.
CREATE INDEX tallies_conversation ON tallies (conversation);

-- The conversations whose transcripts hold messages that are booked on another one: the first figures that
-- the CLI wrote into such a transcript are those of both.
CREATE TABLE forks (
    conversation TEXT NOT NULL,
    path         TEXT NOT NULL, -- of the transcript, '' where not known
    PRIMARY KEY (conversation, path)
) STRICT, WITHOUT ROWID;

-- How far each transcript has been read.
CREATE TABLE checkpoints (
    path     TEXT    NOT NULL PRIMARY KEY,
    identity TEXT    NOT NULL, -- of the file, to tell it from another at the same path
    offset   INTEGER NOT NULL CHECK (offset >= 0),
    figures  TEXT    NOT NULL, -- what the reader needs to go on
    latest   INTEGER NOT NULL  -- the latest time that was read of it, 0 for none
) STRICT, WITHOUT ROWID;

-- The detail of the quarter hours that a query begins or ends in.
CREATE INDEX entries_at ON entries (at);

-- The entries summed up by quarter hour, written in the transaction that books them. Every time zone's
-- day begins on a quarter hour, so days of any zone are sums of these.
CREATE TABLE totals (
    quarter           INTEGER NOT NULL, -- quarter hours since 1970
    subscription_id   INTEGER NOT NULL, -- 0 where it could not be attributed
    model             TEXT    NOT NULL,
    project           TEXT    NOT NULL,
    messages          INTEGER NOT NULL,
    input             INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    cache_creation    INTEGER NOT NULL,
    cache_creation_1h INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    PRIMARY KEY (quarter, subscription_id, model, project)
) STRICT, WITHOUT ROWID;

-- The same of the whole pool, for reports over months that ask for times and models only.
CREATE TABLE quarters (
    quarter           INTEGER NOT NULL,
    model             TEXT    NOT NULL,
    messages          INTEGER NOT NULL,
    input             INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    cache_creation    INTEGER NOT NULL,
    cache_creation_1h INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    PRIMARY KEY (quarter, model)
) STRICT, WITHOUT ROWID;

-- The same by UTC day, for reports over months that ask for no times of another zone.
CREATE TABLE days (
    day               INTEGER NOT NULL, -- days since 1970
    subscription_id   INTEGER NOT NULL, -- 0 where it could not be attributed
    model             TEXT    NOT NULL,
    project           TEXT    NOT NULL,
    messages          INTEGER NOT NULL,
    input             INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    cache_creation    INTEGER NOT NULL,
    cache_creation_1h INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    PRIMARY KEY (day, subscription_id, model, project)
) STRICT, WITHOUT ROWID;

-- The quarter hour before which detail has been pruned. Nothing of before it is booked any more: whether
-- it was booked already, nobody knows then.
CREATE TABLE horizon (
    quarter INTEGER NOT NULL CHECK (quarter >= 0),
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1) -- one row
) STRICT;

INSERT INTO horizon (quarter, only) VALUES (0, 1);

-- What a subscription used in the seven UTC days that end with `day` (days since 1970), written with
-- the entries too: each counts in seven rows, so that a launch reads one row a subscription.
CREATE TABLE weeks (
    day               INTEGER NOT NULL,
    subscription_id   INTEGER NOT NULL REFERENCES subscriptions (id),
    messages          INTEGER NOT NULL,
    input             INTEGER NOT NULL,
    output            INTEGER NOT NULL,
    cache_creation    INTEGER NOT NULL,
    cache_creation_1h INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cost              INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    PRIMARY KEY (day, subscription_id)
) STRICT, WITHOUT ROWID;

-- Which subscription each conversation goes on with, and when it was last heard of.
CREATE TABLE conversations (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id),
    project         TEXT    NOT NULL,
    active_at       INTEGER NOT NULL,
    -- When it was given this subscription by a move, 0 where it was on it: only what is later takes it elsewhere.
    moved_at        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What may be moved from a subscription to another.
CREATE INDEX conversations_active ON conversations (subscription_id, active_at);

CREATE TABLE events (
    -- AUTOINCREMENT: a number is never given out again, for channels go by it.
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    -- UNIQUE: what is caused again is passed over.
    cause           TEXT    NOT NULL UNIQUE CHECK (cause <> ''),
    kind            TEXT    NOT NULL,
    subscription_id INTEGER REFERENCES subscriptions (id), -- NULL for the whole pool
    at              INTEGER NOT NULL,
    payload         TEXT    NOT NULL -- JSON; see pool.Event
) STRICT;

-- What is forgotten for its age.
CREATE INDEX events_at ON events (at);

-- How far each channel has been shown the events.
CREATE TABLE channels (
    name  TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
    shown INTEGER NOT NULL -- the number of the latest event that it was shown
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    channel         TEXT    NOT NULL,
    event           INTEGER NOT NULL REFERENCES events (number),
    subscription_id INTEGER NOT NULL, -- of the event, 0 for the whole pool: these are delivered in order
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'dropped')),
    tries           INTEGER NOT NULL CHECK (tries >= 0),
    next_at         INTEGER NOT NULL,
    tried_at        INTEGER,          -- NULL where it was never tried
    trouble         TEXT    NOT NULL, -- why the last try failed
    PRIMARY KEY (channel, event)
) STRICT, WITHOUT ROWID;

-- What waits, in the order of delivery.
CREATE INDEX deliveries_waiting ON deliveries (channel, subscription_id, event) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (channel, event) WHERE state = 'dead';
CREATE INDEX deliveries_event ON deliveries (event);

-- What the pool is exhausted for.
CREATE TABLE shortages (
    scope   TEXT    NOT NULL PRIMARY KEY,
    since   INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    waiting TEXT    NOT NULL -- JSON; see pool.Waiting
) STRICT, WITHOUT ROWID;

-- When which maintenance ran last, and who runs it now.
CREATE TABLE tasks (
    name         TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
    last_run     INTEGER,          -- NULL where it never ended
    trouble      TEXT    NOT NULL,
    report       TEXT    NOT NULL, -- JSON, '' for none
    runner       TEXT    NOT NULL, -- JSON; see pool.Process; '' for none
    heartbeat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
