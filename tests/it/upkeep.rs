//! `audit verify` finds whatever is altered and `rebuild` makes anew whatever can be: on a database as clients leave it.

mod desk;
mod rebuild;
mod tamper;
