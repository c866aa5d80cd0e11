//! Frames of both sockets.

pub mod sync;
