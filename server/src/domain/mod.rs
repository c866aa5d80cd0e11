//! Rules of the product. Knows neither axum nor sqlx nor tokio, neither the clock nor chance.

// Tests may make ids as they like.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod access;
pub mod account;
pub mod attachment;
pub mod audit;
pub mod gate;
pub mod hold;
pub mod line;
pub mod logged_row;
pub mod measure;
pub mod notice;
pub mod object;
pub mod preview;
pub mod project;
pub mod room;
pub mod rows;
pub mod search;
pub mod store;
pub mod summary;
pub mod touch;
pub mod upkeep;
pub mod version;
pub mod view;
pub mod webhook;
