//! `GET /live`: what moves while people work.

pub mod bulletins;
pub mod metrics;
pub mod socket;
pub mod views;
