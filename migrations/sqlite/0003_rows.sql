-- Rows as logged, and what is derived from rows and their reviews.

-- `logged` stands last: lists then never touch the pages that long payloads overflow to.
create table row (
    pk            integer not null primary key,
    object_type   integer not null,
    object_id     blob    not null,
    id            text    not null,
    span_id       text    not null,
    root_span_id  text    not null,
    -- A JSON array; absent: a root.
    span_parents  text,
    is_root       integer not null,
    created_at    integer not null,
    xact          integer not null,
    name          text,
    kind          text,
    model         text,
    duration      real,
    tokens        integer,
    -- Billionths of a dollar: sums over a trace are exact.
    cost          integer,
    has_error     integer not null,
    status        text    not null,
    deleted       integer not null,
    -- What lists show: from what was logged, and from the review (absent without one).
    line          text    not null,
    overlay       text,
    -- What the row has added to the counters of its object; absent: just itself.
    counted       text,
    logged        text    not null,
    constraint row_identity unique (object_type, object_id, id)
);
create index row_trace on row (object_type, object_id, root_span_id);
create index row_root on row (object_type, object_id, created_at) where is_root = 1 and deleted = 0;
create index row_span on row (object_type, object_id, span_id) where span_id <> id;

-- Sums over the spans of a trace.
create table trace (
    object_type  integer not null,
    object_id    blob    not null,
    root_span_id text    not null,
    xact         integer not null,
    spans        integer not null,
    errors       integer not null,
    tokens       integer not null,
    cost         integer not null,
    model        text,
    primary key (object_type, object_id, root_span_id)
) without rowid;
create index trace_recent on trace (object_type, object_id, xact, root_span_id);

-- Effective numbers: what filters and extremes read.
create table row_score (
    row         integer not null,
    score       text    not null,
    object_type integer not null,
    object_id   blob    not null,
    value       real    not null,
    source      text    not null,
    primary key (row, score)
) without rowid;
create index row_score_value on row_score (object_type, object_id, score, value);

-- Which row a comment speaks of; a comment may come before its row.
create table row_comment (
    object_type integer not null,
    object_id   blob    not null,
    comment_id  text    not null,
    row_id      text    not null,
    primary key (object_type, object_id, comment_id)
) without rowid;

create table metric_counter (
    object_type integer not null,
    object_id   blob    not null,
    key         text    not null,
    value       integer not null,
    primary key (object_type, object_id, key)
) without rowid;
