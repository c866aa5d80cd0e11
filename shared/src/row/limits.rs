//! Sizes of a row. Every limit is far above what clients send and far below what would hurt other tenants.

/// One row as JSON. Clients cut batches at 6 MiB and send a larger row alone.
pub const ROW_BYTES: usize = 8 << 20;

/// Nesting of a row. Deeper values overflow the stacks of readers in other languages, and no screen shows them.
pub const ROW_DEPTH: usize = 100;

/// Ids of rows and spans. Callers may choose them, so they are texts; they are also index keys.
pub const ID_BYTES: usize = 1024;

/// Parents of one span. Clients send one; a few tracers join several.
pub const SPAN_PARENTS: usize = 100;

/// Tags of one row.
pub const TAGS: usize = 1000;

/// One tag.
pub const TAG_BYTES: usize = 256;

/// Scores of one row.
pub const SCORES: usize = 1000;

/// Name of a score: also a key of the review document and of the metrics.
pub const SCORE_NAME_BYTES: usize = 128;

/// `_merge_paths` and `_array_delete` of one write.
pub const PATHS: usize = 1000;

/// A comment's text, as in the review document.
pub const COMMENT_BYTES: usize = 64 << 10;
