//! Rules of the product. Knows neither axum nor sqlx nor tokio.

pub mod access;
pub mod audit;
pub mod gate;
pub mod store;
