//! Rules of the product. Knows neither axum nor sqlx nor tokio.

pub mod access;
pub mod account;
pub mod audit;
pub mod gate;
pub mod line;
pub mod measure;
pub mod preview;
pub mod project;
pub mod room;
pub mod rows;
pub mod store;
pub mod upkeep;
