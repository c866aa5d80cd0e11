//! Frames of both sockets.

pub mod live;
pub mod notice;
pub mod sync;
